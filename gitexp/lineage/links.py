"""Which runs read and wrote which data: the way from each to the next."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from msgspec import Struct

from gitexp.store.index.pointers import ReadPointer, RunPointers

_EMPTY = frozenset({"d41d8cd98f00b204e9800998ecf8427e", "d751713988987e9331980363e24189ce.dir"})
"""The file and the folder with nothing in them, which tie nothing together."""


class Way(Struct, frozen=True):
    """What came from what: positions of runs and md5s of data, in the order of steps."""

    read: dict[tuple[str, int], None]
    """Data, and a run that read it."""
    wrote: dict[tuple[int, str], None]
    """A run, and data that it wrote."""

    @property
    def runs(self) -> list[int]:
        """The runs on it, each once."""
        reading, writing = (run for _, run in self.read), (run for run, _ in self.wrote)
        return list(dict.fromkeys((*reading, *writing)))


class Links:
    """The pointers of all runs, by md5.

    A run stands after all that it can have read from; so only an earlier one wrote what it read,
    whatever a later one has written again.
    """

    def __init__(self, runs: Iterable[RunPointers]) -> None:
        self.pointers: dict[int, tuple[ReadPointer, ...]] = {}
        self._readers: dict[str, list[int]] = {}
        self._writers: dict[str, list[int]] = {}
        self._saved: set[int] = set()
        for run in runs:
            self.pointers[run.position] = run.pointers
            if run.is_saved:
                self._saved.add(run.position)
            for one in run.pointers:
                there = self._writers if one.role == "output" else self._readers
                known = there.setdefault(one.md5, [])
                if not known or known[-1] != run.position:
                    known.append(run.position)

    def beginning(self, start: str) -> list[str]:
        """Return the md5s that begin with some digits."""
        known = dict.fromkeys((*self._readers, *self._writers))
        return [md5 for md5 in known if md5.startswith(start)]

    def writers(self, md5: str) -> Sequence[int]:
        """Return the runs that wrote something, the first one first."""
        return self._writers.get(md5, ())

    def inputs(self, run: int) -> list[str]:
        """Return what a run read."""
        return self._md5s(run, is_output=False)

    def outputs(self, run: int) -> list[str]:
        """Return what a run wrote, but for what it had read."""
        read = {*self.inputs(run)}
        return [md5 for md5 in self._md5s(run, is_output=True) if md5 not in read]

    def _md5s(self, run: int, *, is_output: bool) -> list[str]:
        pointers = self.pointers.get(run, ())
        return list(
            dict.fromkeys(one.md5 for one in pointers if (one.role == "output") == is_output)
        )

    def _last_writer(self, md5: str, before: int | None) -> int | None:
        """Return the last run that wrote something before another one began to read it.

        What was saved may have lain there: it counts only where no command wrote it.
        """
        writers = self.writers(md5)
        if md5 in _EMPTY:
            return None
        known = writers if before is None else writers[: bisect_left(writers, before)]
        last = known[-1] if known else None
        return next((run for run in reversed(known) if run not in self._saved), last)

    def upstream(self, runs: Iterable[int], data: Iterable[str] = ()) -> Way:
        """Return what runs and data came from, in any number of steps."""
        way, seen = Way({}, {}), set[int]()
        waiting = list(runs)
        for md5 in data:
            waiting += self._written_by(way, md5, None)
        while waiting:
            run = waiting.pop(0)
            if run in seen:
                continue
            seen.add(run)
            for md5 in self.inputs(run):
                way.read[md5, run] = None
                waiting += self._written_by(way, md5, run)
        return way

    def _written_by(self, way: Way, md5: str, before: int | None) -> list[int]:
        writer = self._last_writer(md5, before)
        if writer is None:
            return []
        way.wrote[writer, md5] = None
        return [writer]

    def downstream(
        self, runs: Iterable[int], data: Iterable[str] = (), *, most_steps: int | None = None
    ) -> Way:
        """Return what runs and data led to; a step is one from data to a run, or from it to data.

        Runs are taken in their order, so that data is first met where it was first written.
        """
        way, seen = Way({}, {}), set[int]()
        known = dict.fromkeys(data, 0)
        waiting = [(run, 0) for run in runs]
        heapq.heapify(waiting)
        for md5 in known:
            self._add_readers(way, waiting, md5, after=-1, steps=1, most=most_steps)
        while waiting:
            run, steps = heapq.heappop(waiting)
            if run in seen or (most_steps is not None and steps >= most_steps):
                continue
            seen.add(run)
            for md5 in self.outputs(run):
                way.wrote[run, md5] = None
                if md5 not in known and md5 not in _EMPTY:
                    known[md5] = steps + 1
                    self._add_readers(
                        way, waiting, md5, after=run, steps=steps + 2, most=most_steps
                    )
        return way

    def _add_readers(
        self,
        way: Way,
        waiting: list[tuple[int, int]],
        md5: str,
        *,
        after: int,
        steps: int,
        most: int | None,
    ) -> None:
        if most is not None and steps > most:
            return
        readers = self._readers.get(md5, [])
        for run in readers[bisect_left(readers, after + 1) :]:
            way.read[md5, run] = None
            heapq.heappush(waiting, (run, steps))
