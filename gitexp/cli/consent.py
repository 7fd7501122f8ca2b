"""Asking before something is deleted that does not come back."""

from __future__ import annotations

import sys

import click

from gitexp.errors import GitexpError


def consent(question: str, *, force: bool, refused: str) -> bool:
    """Return whether the user agrees: by `--force`, or by a yes at the terminal.

    Raises GitexpError if there is nobody to ask.
    """
    if force:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise GitexpError(refused, hint="Give `--force` to do it.")
    return click.confirm(question, err=True)
