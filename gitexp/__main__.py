"""`python -m gitexp`."""

from gitexp.cli.main import entry

if __name__ == "__main__":
    entry()
