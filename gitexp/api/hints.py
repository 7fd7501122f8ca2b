"""Hints of errors, where scripts and notebooks see them: below the traceback."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from gitexp.errors import GitexpError


@contextlib.contextmanager
def hints() -> Iterator[None]:
    """Have errors show their hint when nobody catches them."""
    try:
        yield
    except GitexpError as error:
        note = f"hint: {error.hint}"
        if error.hint is not None and sys.version_info >= (3, 11):
            if note not in getattr(error, "__notes__", ()):  # one call may be within another
                error.add_note(note)
        raise
