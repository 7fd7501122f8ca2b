"""What is known of a sweep, read from the branch and the journal, and kept up to date."""

from __future__ import annotations

import math
from collections.abc import Callable

from gitexp.comparison.query.run_values import flat_values
from gitexp.model.record import RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import flatten
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.store.reading import StoredRun
from gitexp.sweep.freeze import read_covered
from gitexp.sweep.known import Known, Settled, UnderWay
from gitexp.sweep.point import Spot
from gitexp.sweep.sweep import Sweep

LOST = "lost"
_SETTLING = ("timeout", "pruned")
"""Reasons of runs that were interrupted and whose outcome is known all the same."""

Passes = Callable[[Settled], bool]


def _counts(_: Settled) -> bool:
    """Return that a run counts, whichever it is."""
    return True


class Ledger:
    """The runs of a sweep, of which only those are read that came since it was last looked at."""

    def __init__(
        self, project: Project, sweep: Sweep, *, lease: float, counts: Passes = _counts
    ) -> None:
        self._project = project
        self._sweep = sweep
        self._id = sweep.id
        self._lease = lease
        self._counts = counts
        self._journal = Journal(project.repository)
        self._facts: str | None = None
        self._begin()

    def _begin(self) -> None:
        self._position, self._known = 0, 0
        self._settled: dict[Spot, Settled] = {}
        self._further: list[Settled] = []
        self._lost: dict[Spot, int] = {}
        self.starts: dict[Spot, int] = {}
        """How many runs of a spot are recorded, whatever became of them."""

    def read(self) -> Known:
        """Return what is known now."""
        under_way = dict(self._under_way())  # first: a run is recorded before its entry goes
        self._read_branch()
        for one in read_covered(self._project.repository, self._id):
            self._settled.setdefault(one.spot, one)
        return Known(dict(self._settled), under_way, dict(self._lost), tuple(self._further))

    def _under_way(self) -> list[tuple[Spot, UnderWay]]:
        return [
            (Spot(entry.claim.number, entry.claim.repeat), _under_way(entry))
            for entry in self.claims()
            if entry.claim is not None
        ]

    def claims(self) -> list[Entry]:
        """Return the entries of this sweep; those of other hosts only if they give signs of life.

        Of two for one spot, one was taken when the other was silent: both may come to an end.
        """
        return [
            entry
            for entry in self._journal.entries()
            if entry.claim is not None
            and entry.claim.sweep == self._id
            and not self._is_free(entry)
        ]

    def _is_free(self, entry: Entry) -> bool:
        """Return whether others may take the place of a run of which nothing can be seen here."""
        if entry.owner.is_gone or entry.living is not None:
            return False
        return self._journal.silence(entry) > self._lease

    def _read_branch(self) -> None:
        store = self._project.runs
        tip = self._project.repository.objects.commit(f"refs/heads/{store.branch}")
        if tip is None:
            self._begin()
            return
        if store.index.tips.runs != tip:
            store.look_again()
        index = self._project.runs.index
        found = index.of_sweep(self._id, after=self._position, known=self._known)
        if found is None or index.tips.facts != self._facts:  # runs may have been removed
            self._facts = index.tips.facts
            self._begin()
            found = index.of_sweep(self._id)
        assert found is not None  # from the beginning on, nothing is known
        self._position, self._known, runs = found
        for run in runs:
            self._add(run)

    def _add(self, run: StoredRun) -> None:
        try:
            record = run.record
        except UnreadableRecord:
            return
        if record.point is None:
            return
        spot = Spot(record.point.number, record.point.repeat)
        self.starts[spot] = self.starts.get(spot, 0) + 1
        if record.status == "interrupted" and record.exit.reason not in _SETTLING:
            if record.exit.reason == LOST:
                self._lost[spot] = self._lost.get(spot, 0) + 1
            return
        settled = _settled(self._sweep, run, record, spot)
        if not self._counts(settled):
            return
        before = self._settled.get(spot)
        if before is None or (before.status != "done" and settled.status == "done"):
            self._settled[spot] = settled
            if before is not None:
                self._further.append(before)
        else:
            self._further.append(settled)


def _under_way(entry: Entry) -> UnderWay:
    claim = entry.claim
    assert claim is not None  # as the caller saw
    spot = Spot(claim.number, claim.repeat)
    child = entry.child
    return UnderWay(
        spot,
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


def _settled(sweep: Sweep, run: StoredRun, record: RunRecord, spot: Spot) -> Settled:
    assert record.point is not None  # as the caller saw
    return Settled(
        spot=spot,
        run_id=run.id,
        name=run.name,
        status=record.status,
        reason=record.exit.reason,
        ended=record.ended,
        values=record.point.values,
        objectives=tuple(_number(record, one.metric) for one in sweep.objectives),
        attempt=record.point.attempt,
        known=record.point.known,
        seconds=record.duration,
        code=record.exit.code,
    )


def _number(record: RunRecord, metric: str) -> float | None:
    """Return a metric as a number; None if the run has none, or one that is not finite."""
    value = flat_values(record.metrics).get(metric)
    file, colon, name = metric.rpartition(":")
    if value is None and colon:
        value = flatten(record.metrics.get(file, {})).get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
