"""What is said of two files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Answer(NamedTuple):
    """Whether two files hold the same; None if that cannot be told."""

    equal: bool | None
    why: str = ""
    """What differs, or why it cannot be told."""


EQUAL = Answer(True)

MARK = "gitexp: "
"""Begins the line of an answer: a Python may print something of its own when it starts."""

Compare = Callable[[Path, Path], Answer]
"""Compares two files of one kind; may raise whatever a library does of a damaged file."""


def differs(why: str) -> Answer:
    """Return the answer for files that hold something else."""
    return Answer(False, why)


def unknown(why: str) -> Answer:
    """Return the answer for files that cannot be compared."""
    return Answer(None, why)


def by_names(old: set[str], new: set[str], what: str) -> Answer:
    """Compare the names of what two files hold."""
    gone, come = sorted(old - new), sorted(new - old)
    if gone:
        return differs(f"{what} '{gone[0]}' is missing")
    return differs(f"{what} '{come[0]}' is new") if come else EQUAL
