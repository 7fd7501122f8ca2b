"""Which point of which sweep a run is, as its record has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from msgspec import Struct, ValidationError, convert, field

from gitexp.model.lazy_pattern import lazy_pattern

_RANGE = lazy_pattern(r"([0-9]{1,18})(?:-([0-9]{1,18}))?")


class SweepPoint(Struct, frozen=True):
    """A run as a point of a sweep."""

    number: int
    """From 0; the same in all clones."""
    repeat: int = 1
    """Which run of the point, from 1."""
    attempt: int = 1
    """Which start of that run: earlier ones were lost."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """What was tried, by the names of the axes."""
    sweep: str = ""
    """The sweep's name."""
    window: int | None = None
    """How many of the points before it were not known to it; None if it knew whatever had ended."""
    known: str | None = None
    """In that case the numbers of the points whose results it knew: '0-11,13'."""
    threads: int | None = None
    """How many numerical threads the command was given; None if nothing was set."""
    slot: str | None = None
    """Which of the places it ran in, where they differ, such as 'CUDA_VISIBLE_DEVICES=1'."""
    engine: str | None = None
    """What started it on a host that does not see the repository: 'dask' or 'ray'."""


def sweep_point_of(values: object) -> SweepPoint | None:
    """Return what a record says of a point; raises TypeError if it is none."""
    try:
        return None if values is None else convert(values, SweepPoint)
    except ValidationError as error:
        raise TypeError(f"'point' is not one: {error}") from error


def ranges_text(numbers: Iterable[int]) -> str:
    """Return which numbers there are.

    >>> ranges_text([13, 0, 1, 2, 3])
    '0-3,13'
    """
    found = sorted(set(numbers))
    if not found:
        return ""
    starts = [found[0], *(after for before, after in pairwise(found) if after != before + 1)]
    ends = [*(before for before, after in pairwise(found) if after != before + 1), found[-1]]
    pairs = zip(starts, ends, strict=True)
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in pairs)


def numbers_in(text: str, below: int) -> frozenset[int]:
    """Return the numbers that `ranges_text` wrote, as far as they are below a limit.

    What else stands there is passed over: a record may come from anybody.

    >>> sorted(numbers_in("0-3,13", 13)), sorted(numbers_in("x,2-99999999999,-1", 4))
    ([0, 1, 2, 3], [2, 3])
    """
    numbers: set[int] = set()
    for found in filter(None, map(_RANGE.fullmatch, text.split(","))):
        first, last = found.groups()
        numbers.update(range(int(first), min(int(last or first) + 1, below)))
    return frozenset(numbers)
