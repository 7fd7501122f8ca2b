"""The parts of `commands.md` that gitexp itself can tell: the help text of every command.

`python docs/reference/generate.py` writes them, `--check` says whether they are up to date.
"""  # noqa: INP001 - a script beside the page that it writes

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
from click.testing import CliRunner

from gitexp.cli.main import cli
from gitexp.cli.sections import COMMANDS

PAGE = Path(__file__).with_name("commands.md")
WIDTH = 80

_PART = re.compile(r"(<!-- help: (?P<name>[\w -]+) -->\n).*?(<!-- end -->\n)", re.DOTALL)


def with_help(page: str) -> str:
    """Return the page with the present help texts; commands that it lacks come last."""
    missing = [name for name in COMMANDS if f"<!-- help: {name} -->" not in page]
    page += "".join(
        f"\n## `gitexp {name}`\n\n<!-- help: {name} -->\n<!-- end -->\n" for name in missing
    )
    return _PART.sub(lambda part: f"{part[1]}{_block(part['name'])}{part[3]}", page)


def _block(name: str) -> str:
    words = [] if name == "gitexp" else name.split()
    text = CliRunner().invoke(
        cli, [*words, "--help"], prog_name="gitexp", terminal_width=WIDTH, catch_exceptions=False
    )
    return f"```text\n{text.stdout}```\n"


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the page is stale.")
def main(*, check: bool) -> None:
    """Write the help texts of gitexp into docs/reference/commands.md."""
    before = PAGE.read_text()
    after = with_help(before)
    if check and after != before:
        click.echo("stale: run `python docs/reference/generate.py`", err=True)
        sys.exit(1)
    if after != before:
        PAGE.write_text(after)


if __name__ == "__main__":
    main()
