"""Many runs that were found, read from the index a few at a time."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, overload

from gitexp.store.index.answers import runs_there
from gitexp.store.stored_run import StoredRun

_AT_ONCE = 500

Answer = Callable[[Callable[[sqlite3.Connection], dict[int, StoredRun]]], dict[int, StoredRun]]
"""Answers a question to the index, for one state of the branch."""


Places: TypeAlias = "tuple[array[int], bytes]"
"""Where runs stand, and their oids, one behind the other."""


def packed(rows: Sequence[tuple[int, str]]) -> Places:
    """Return places and oids; raises ValueError for an oid that is none: the index is damaged."""
    places = array("q", (place for place, _ in rows))
    return places, b"".join(bytes.fromhex(oid) for _, oid in rows)


class FoundRuns(Sequence[StoredRun]):
    """Runs in their order: of each, no more than its place and its oid is in memory.

    What is read from them later may come from an index that another process has made anew. So
    each run is known by its oid; one that no longer stands where it did is read from its commit.
    """

    def __init__(
        self, places: array[int], oids: bytes, answer: Answer, read: Callable[[str], StoredRun]
    ) -> None:
        self._places, self._oids = places, oids
        self._answer, self._read = answer, read
        self._width = len(oids) // len(places) if places else 1

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> StoredRun: ...
    @overload
    def __getitem__(self, at: slice) -> FoundRuns: ...
    def __getitem__(self, at: int | slice) -> StoredRun | FoundRuns:
        """Read one; of a slice, none yet."""
        if isinstance(at, slice):
            every = range(len(self))[at]
            places = array("q", (self._places[one] for one in every))
            oids = b"".join(self._oid(one) for one in every)
            return FoundRuns(places, oids, self._answer, self._read)
        place = range(len(self))[at]  # raises IndexError
        return next(self._some(range(place, place + 1)))

    def __iter__(self) -> Iterator[StoredRun]:
        """Read one after the other, and keep none."""
        for start in range(0, len(self), _AT_ONCE):
            yield from self._some(range(start, min(start + _AT_ONCE, len(self))))

    def _oid(self, at: int) -> bytes:
        return self._oids[at * self._width : (at + 1) * self._width]

    def _some(self, every: range) -> Iterator[StoredRun]:
        wanted = [self._places[at] for at in every]
        there = self._answer(lambda connection: runs_there(connection, wanted))
        for at, place in zip(every, wanted, strict=True):
            oid = self._oid(at).hex()
            found = there.get(place)
            yield found if found is not None and found.oid == oid else self._read(oid)
