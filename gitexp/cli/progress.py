"""How far something has come, on one line of a terminal that is rewritten."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

import click

_CLEAR = "\r\x1b[K"


@contextlib.contextmanager
def progress_line() -> Iterator[Callable[[str], None] | None]:
    """Give a function that shows a text in place of the last; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield lambda text: click.echo(f"{_CLEAR}{text}", nl=False, err=True)
    finally:
        click.echo(_CLEAR, nl=False, err=True)
