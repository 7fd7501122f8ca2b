"""Runs as rows of a list, each read when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from gitexp.model.record import RunRecord
from gitexp.model.record_json import UnreadableRecord, on_one_line
from gitexp.model.values import Json
from gitexp.rendering.run_data import run_data
from gitexp.rendering.run_rows import RunRow, UnreadableRun
from gitexp.store.stored_run import StoredRun

_MANY = 1000
"""From how many runs on what reads many pays, which takes 10 ms to be made."""


class Rows(Sequence[RunRow]):
    """Runs as rows of a list; none is held, for a record takes 10 KB."""

    def __init__(self, runs: Sequence[StoredRun]) -> None:
        self._runs = runs

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._runs)

    @overload
    def __getitem__(self, at: int) -> RunRow: ...
    @overload
    def __getitem__(self, at: slice) -> Rows: ...
    def __getitem__(self, at: int | slice) -> RunRow | Rows:
        """Read one; of a slice, none yet."""
        return Rows(self._runs[at]) if isinstance(at, slice) else _row_of(self._runs[at])

    def __iter__(self) -> Iterator[RunRow]:
        """Read one after the other."""
        if len(self._runs) < _MANY:
            return map(_row_of, self._runs)
        from gitexp.model.many_records import many_reader  # noqa: PLC0415 - 10 ms, where there are many

        read = many_reader()
        return (_row_of(run, read) for run in self._runs)

    def data(self) -> Iterator[object]:
        """Yield the runs for programs: as they were written, if nothing was said of them since.

        To read and to write a thousand records takes as long as everything else together.
        """
        for run in self._runs:
            yield _as_written(run) or run_data(_row_of(run))


def _as_written(run: StoredRun) -> Json | None:
    text = on_one_line(run.content) if run.checked and run.facts.last is None else None
    return Json(f'{{"oid":"{run.oid}",{text[1:-1]},"comments":[]}}') if text else None


def _row_of(run: StoredRun, read: Callable[[bytes], RunRecord] | None = None) -> RunRow:
    """Return a run as a row of a list; one that cannot be read says why."""
    try:
        return run.oid, run.record if read is None else run.record_by(read)
    except UnreadableRecord as unreadable:
        return UnreadableRun(run.oid, run.problem or str(unreadable))
