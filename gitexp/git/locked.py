"""What another git has locked: waited for while it may be at work, and not for one that was killed.

Git itself waits for a tenth of a second, and a busy machine may stop whoever has the lock for many.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gitexp.git.failing import GitCommandFailed
from gitexp.model.lazy_pattern import lazy_pattern

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds after which a lock is taken for one that a killed git has left."""

_LOOK_EVERY = 0.05
_LOCK = lazy_pattern(r"Unable to create '(.*\.lock)': File exists")


def once_free(attempt: Callable[[], T]) -> T:
    """Return what an attempt comes to, made again while what it needs has just been locked."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return attempt()
        except GitCommandFailed as error:
            found = _LOCK.search(error.stderr)
            if found is None or not _may_be_free(Path(found[1])) or time.monotonic() > deadline:
                raise
        time.sleep(_LOOK_EVERY)


def is_at_work(lock: Path) -> bool:
    """Return whether there is a lock, of a git that may be at work.

    One that is from days ahead says nothing: whoever has it may be dead since the clock was set.
    """
    try:
        return abs(time.time() - lock.stat().st_mtime) < PATIENCE
    except OSError:
        return False


def _may_be_free(lock: Path) -> bool:
    return is_at_work(lock) or not lock.exists()
