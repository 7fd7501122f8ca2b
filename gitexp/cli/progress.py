"""How far something has come, on one line of a terminal that is rewritten."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

import click

from gitexp.cli.options import CLEAR, tell


@contextlib.contextmanager
def progress_line() -> Iterator[Callable[[str], None] | None]:
    """Give a function that shows a text in place of the last; None if stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield lambda text: click.echo(f"{CLEAR}{text}", nl=False, err=True)
    finally:
        click.echo(CLEAR, nl=False, err=True)


def tell_below(progress: Callable[[str], None] | None) -> Callable[[str], None]:
    """Return a function that prints a note or warning in place of the progress."""

    def say(text: str) -> None:
        if progress is not None:
            progress("")
        tell(text)

    return say
