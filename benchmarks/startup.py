"""What it takes to start gitexp at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks.measure import Subject, alternate
from benchmarks.results import Result
from benchmarks.workshop import Workshop, run


def version(workshop: Workshop) -> Iterator[Result]:
    """`--version`, against an import of the library that reads the command line."""
    here = workshop.folder
    ours, peer = alternate(
        workshop.rounds,
        Subject(lambda: run(workshop.gitexp, "--version", cwd=here)),
        Subject(lambda: run(sys.executable, "-c", "import click", cwd=here)),
    )
    yield Result("version", "`gitexp --version`", "`python -c 'import click'`", ours, peer, 1.5)
