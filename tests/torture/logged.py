"""`python -m tests.torture.logged 200`: a training is killed while it logs, again and again.

After each kill every line that it said it had written must be there, and none half. A short form
is `tests/writing/test_calls.py`.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from pathlib import Path

import click

from gitexp.model.marks import LOG_DIR

from tests.writing.test_calls import kill_while_logging


def main(rounds: int, seed: int = 0) -> None:
    """Kill so often, each time after another number of lines; print what was lost."""
    source = random.Random(seed)
    lost = half = lines = 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="gitexp-") as folder:
            os.environ[LOG_DIR] = folder
            found, said = kill_while_logging(Path(folder), source.randint(1, 3000))
            lines += said
            lost += sum(len(one.steps) < said for one in found.series.values())
            half += len(found.ignored)
    click.echo(
        f"{rounds} kills, {lines:,} lines: {lost} curves lack a line, {half} lines are not whole"
    )
    sys.exit(1 if lost or half else 0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
