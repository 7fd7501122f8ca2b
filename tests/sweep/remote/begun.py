"""A sweep that has begun, whose runs workers are to make."""

from __future__ import annotations

import json
from typing import Any

from gitexp.model.names import new_id
from gitexp.project import Project
from gitexp.store.journal import Claim
from gitexp.sweep.call import Call
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.remote.coordinator import Coordinator
from gitexp.sweep.remote.kit import Kit, make_kit
from gitexp.sweep.remote.parcel import RemotePoint
from gitexp.sweep.sweep import SWEEP_FILE, Sweep
from gitexp.sweep.told import Told

from tests.sweep.remote.threads import Threads


class Begun:
    """A sweep that has begun, with what coordinates it."""

    def __init__(self, project: Project, sweep: Sweep, engine: Threads) -> None:
        self.project, self.sweep, self.engine = project, sweep, engine
        self.kit = make_kit(project, sweep)
        self.told, self.said = Told(), list[str]()
        self.call = Call.begun(SweepOptions(points=1, engine="dask:here"))

    def work(self, kit: Kit | None = None, *, points: int | None = None) -> None:
        """Do as the process of a call does."""
        if points is not None:
            self.call = Call.begun(SweepOptions(points=points, engine="dask:here"))
        parts = (kit or self.kit, self.engine, self.told, self.said.append)
        Coordinator(self.project, self.sweep, self.call, *parts).work()

    def point(self, number: int) -> RemotePoint:
        """Return a run as another coordinator would have handed it out."""
        claim = Claim(self.sweep.id, number, values={"rate": number + 1})
        names = (new_id(), f"scan-{number}", self.kit.key)
        return RemotePoint(*names, claim, self.call.to_text(), "2026-01-02T03:04:05Z", "dask")

    def runs(self) -> dict[int, Any]:
        """Return the records by their points, each of which has one run."""
        self.project.runs.look_again()
        records = [run.record for run in self.project.runs.newest()]
        found = {one.point.number: one for one in records if one.point is not None}
        assert len(found) == len(records)
        return found

    def left(self) -> list[str]:
        """Return what is left of runs under way, here and with the workers."""
        own = self.project.repository.common_dir / "gitexp"
        places = [own / "journal", own / "runs", *self.engine.bases.values()]
        return [str(one) for place in places for one in place.rglob("*")]

    def definition_of(self, number: int) -> Any:
        """Return the definition of the sweep as it stands in the tree of a run."""
        run_id = self.runs()[number].id
        run = next(run for run in self.project.runs.newest() if run.id == run_id)
        content = self.project.repository.objects.blob(f"{run.oid}:{SWEEP_FILE}")
        return json.loads(content or b"")
