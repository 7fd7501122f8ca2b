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
        if error.hint is not None and sys.version_info >= (3, 11):
            error.add_note(f"hint: {error.hint}")
        raise
