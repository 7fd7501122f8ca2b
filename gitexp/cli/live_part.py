"""The last lines of a terminal, which change while others are printed above them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from gitexp.cli.options import CLEAR
from gitexp.rendering.layout import clipped

_UP = "\x1b[A"
_USUAL = os.terminal_size((80, 24))
_MOST = 12
_KEPT = 3
"""Lines of a terminal that are left to what is printed."""


class LivePart:
    """Some lines at the end of the terminal that errors go to; nothing elsewhere."""

    def __init__(self) -> None:
        self._count = 0
        self.is_wanted = sys.stderr.isatty()

    @property
    def width(self) -> int:
        """How wide a line may be, so that it takes one line for sure."""
        return _size().columns - 1

    @property
    def room(self) -> int:
        """How many lines there may be."""
        return max(1, min(_MOST, _size().lines - _KEPT))

    def show(self, lines: Sequence[str]) -> None:
        """Show these lines in place of the last ones."""
        if not self.is_wanted:
            return
        shown = [clipped(line, self.width) for line in lines[: self.room]]
        click.echo(self._cleared() + "\n".join(shown), nl=False, err=True)
        self._count = len(shown)

    def clear(self) -> None:
        """Take the lines away, so that others can be printed where they stood."""
        if self._count:
            click.echo(self._cleared(), nl=False, err=True)
            self._count = 0

    def _cleared(self) -> str:
        return CLEAR + f"{_UP}{CLEAR}" * (self._count - 1) if self._count else ""


def _size() -> os.terminal_size:
    try:
        found = os.get_terminal_size(sys.stderr.fileno())
    except OSError:
        return _USUAL
    return found if found.columns and found.lines else _USUAL  # nobody told it its size
