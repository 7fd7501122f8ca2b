"""What is known of a sweep, read from the index and the journal."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from typing import NamedTuple

from gitexp.model.record import RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.store.index.answers import runs_at
from gitexp.store.index.sweeps import SweepRow, rows_of_sweep, state_of_sweep
from gitexp.store.journal import Journal
from gitexp.store.reading import StoredRun
from gitexp.sweep.known import Known, Settled, UnderWay
from gitexp.sweep.point import Spot
from gitexp.sweep.results import first_counting, is_settling, settled_by
from gitexp.sweep.sweep import Sweep


class _News(NamedTuple):
    is_whole: bool
    """Whether what was read before does not count any more."""
    settling: list[SweepRow]
    runs: list[StoredRun]
    lost: list[Spot]
    last: int
    state: tuple[object, ...]


class KnownReader:
    """Reads again and again what is known of a sweep; of runs, only those that are new."""

    def __init__(self, project: Project, sweep: Sweep) -> None:
        self._project = project
        self._sweep = sweep
        self._id = sweep.id
        self._forget()

    def _forget(self) -> None:
        self._last = 0
        self._state: tuple[object, ...] | None = None
        self._settled: dict[Spot, list[Settled]] = {}
        self._lost: Counter[Spot] = Counter()

    def read(self) -> Known:
        """Return what is known now; what came onto the branch since the last time is seen."""
        self._project.runs.look_again()
        if self._project.runs.tip is not None:
            self._read_runs()
        counting = {spot: first_counting(found) for spot, found in self._settled.items()}
        return Known(
            settled={spot: found[0] for spot, found in counting.items()},
            under_way=self._under_way(),
            lost=dict(self._lost),
            further=tuple(one for found in counting.values() for one in found[1:]),
        )

    def _read_runs(self) -> None:
        news = self._project.runs.index.answer(self._news)
        if news.is_whole:
            self._forget()
        for row, run in zip(news.settling, news.runs, strict=True):
            self._settle(row, run)
        self._lost.update(news.lost)
        self._last, self._state = news.last, news.state

    def _news(self, connection: sqlite3.Connection) -> _News:
        """Return the runs that are new, or all if some were removed or the index was made anew."""
        known = state_of_sweep(connection, self._id, self._last)
        is_whole = known != self._state
        after = 0 if is_whole else self._last
        rows = rows_of_sweep(connection, self._id, self._project.folder, after)
        settling = [row for row in rows if is_settling(row.status, row.reason)]
        last = rows[-1].position if rows else after
        return _News(
            is_whole=is_whole,
            settling=settling,
            runs=runs_at(connection, [row.position for row in settling]),
            lost=[Spot(row.point, row.repeat) for row in rows if row.reason == "lost"],
            last=last,
            state=state_of_sweep(connection, self._id, last),
        )

    def _settle(self, row: SweepRow, run: StoredRun) -> None:
        with contextlib.suppress(UnreadableRecord):
            record: RunRecord = run.record
            if record.point is not None:
                spot = Spot(row.point, row.repeat)
                found = settled_by(record, spot, record.point.values, self._sweep.objectives)
                self._settled.setdefault(spot, []).append(found)

    def _under_way(self) -> dict[Spot, UnderWay]:
        found: dict[Spot, UnderWay] = {}
        for entry in Journal(self._project.repository).entries():
            claim = entry.claim
            if claim is not None and claim.sweep == self._id:
                spot = Spot(claim.number, claim.repeat)
                found[spot] = UnderWay(spot, entry.id, claim.attempt, entry.who, claim.values)
        return found


def read_known(project: Project, sweep: Sweep) -> Known:
    """Return what is known of a sweep now."""
    return KnownReader(project, sweep).read()
