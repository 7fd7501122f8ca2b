"""What is known of a sweep, read from the index and the journal."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.store.index.answers import runs_at
from gitexp.store.index.file import Tips
from gitexp.store.index.sweeps import SweepRow, rows_of_sweep, state_of_sweep
from gitexp.store.journal import Entry, Journal
from gitexp.store.own import NOTES
from gitexp.store.stored_run import PROGRESS_NAME, StoredRun
from gitexp.sweep.covered import StillCovered
from gitexp.sweep.known import Known, Settled, UnderWay
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.point import Spot
from gitexp.sweep.pruning.steps import Steps, read_steps
from gitexp.sweep.results import first_counting, is_settling, settled_by
from gitexp.sweep.sweep import Sweep

Counts = Callable[[Settled], bool]


class _News(NamedTuple):
    is_whole: bool
    """Whether what was read before does not count any more."""
    rows: list[SweepRow]
    settling: list[SweepRow]
    runs: list[StoredRun]
    last: int
    state: tuple[object, ...]


def _always(_: Settled) -> bool:
    """Let every run count."""
    return True


class KnownReader:
    """Reads again and again what is known of a sweep; of runs, only those that are new."""

    def __init__(
        self,
        project: Project,
        sweep: Sweep,
        *,
        lease: float = SweepOptions().lease,
        counts: Counts = _always,
    ) -> None:
        """Prepare to read.

        Args:
            project: The project.
            sweep: The sweep.
            lease: Seconds without a sign of life after which a run of another host is passed over.
            counts: Whether a run settles its spot; else it is as if it had not been.
        """
        self._project = project
        self._sweep = sweep
        self._id = sweep.id
        self._lease = lease
        self._counts = counts
        self._journal = Journal(project.repository)
        self._covered = StillCovered(project, self._id)
        self._forget()

    def _forget(self) -> None:
        self._last = 0
        self._state: tuple[object, ...] | None = None
        self._found: dict[Spot, list[Settled]] = {}
        self._settled: dict[Spot, Settled] = {}
        self._lost: Counter[Spot] = Counter()
        self.starts: Counter[Spot] = Counter()
        """How many runs of a spot are recorded, whatever became of them."""

    def read(self) -> Known:
        """Return what is known now; what came onto the branch since the last time is seen."""
        claims = self.claims()
        self._look_at_branch()  # afterwards: a run is recorded before its entry goes
        settled = {**self._covered.counting(self._counts), **self._settled}
        recorded = {one.run_id for one in self._settled.values()}
        under_way = {
            _spot(entry): _under_way(entry) for entry in claims if entry.id not in recorded
        }
        further = [one for found in self._found.values() for one in found[1:] if len(found) > 1]
        return Known(settled, under_way, dict(self._lost), tuple(further))

    def claims(self) -> list[Entry]:
        """Return the entries of this sweep; those of other hosts only if they give signs of life.

        Of two for one spot, one was taken when the other was silent: both may come to an end.
        """
        return [
            entry
            for entry in self._journal.entries()
            if entry.claim is not None and entry.claim.sweep == self._id and not self.is_free(entry)
        ]

    def is_free(self, entry: Entry) -> bool:
        """Return whether others may take the place of a run of which nothing can be seen here."""
        if entry.owner.is_gone or entry.living is not None:
            return False
        return self._journal.silence(entry) > self._lease

    def _look_at_branch(self) -> None:
        store = self._project.runs
        commit = self._project.repository.objects.commit
        tip, facts = (
            commit(f"refs/heads/{store.branch}"),
            commit(NOTES),
        )  # which say what is removed
        if tip != store.tip or (tip is not None and store.index.tips != Tips(tip, facts)):
            store.look_again()
        if tip is None:
            self._forget()
        else:
            self._read_runs()

    def _read_runs(self) -> None:
        news = self._project.runs.index.answer(self._news)
        if news.is_whole:
            self._forget()
        for row in news.rows:
            spot = Spot(row.point, row.repeat)
            self.starts[spot] += 1
            if row.reason == "lost":
                self._lost[spot] += 1
        for row, run in zip(news.settling, news.runs, strict=True):
            self._settle(row, run)
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
            rows=rows,
            settling=settling,
            runs=runs_at(connection, [row.position for row in settling]),
            last=last,
            state=state_of_sweep(connection, self._id, last) if rows or is_whole else known,
        )

    def _settle(self, row: SweepRow, run: StoredRun) -> None:
        with contextlib.suppress(UnreadableRecord):
            record = run.record
            if record.point is None:
                return
            spot = Spot(row.point, row.repeat)
            values, aims = record.point.values, self._sweep.objectives
            one = settled_by(record, spot, values, aims, steps=self._steps(run))
            if self._counts(one):
                found = first_counting([*self._found.get(spot, ()), one])
                self._found[spot] = found
                self._settled[spot] = found[0]

    def _steps(self, run: StoredRun) -> Steps | None:
        """Return what a run reported while it ran, where that decides anything."""
        if self._sweep.pruning is None:
            return None
        name = f"{run.oid}:{self._project.path(PROGRESS_NAME)}"
        content = self._project.repository.objects.blob(name)
        return read_steps(content) if content is not None else Steps()


def _spot(entry: Entry) -> Spot:
    assert entry.claim is not None  # as the caller saw
    return Spot(entry.claim.number, entry.claim.repeat)


def _under_way(entry: Entry) -> UnderWay:
    claim, child = entry.claim, entry.child
    assert claim is not None  # as the caller saw
    return UnderWay(
        Spot(claim.number, claim.repeat),
        entry.id,
        claim.attempt,
        entry.who,
        claim.values,
        claim.known,
        name=entry.name,
        since=entry.since,
        pid=entry.owner.pid,
        command=child.pid if child is not None and child.is_seen else None,
    )


def read_known(project: Project, sweep: Sweep) -> Known:
    """Return what is known of a sweep now."""
    return KnownReader(project, sweep).read()
