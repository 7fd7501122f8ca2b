"""Making the environment of a run again: its packages, its Python, its lock files."""
