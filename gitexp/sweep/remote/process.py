"""The process that makes one run on the host of a worker, as an agent would at home."""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import signal
import sys
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.execution.overrides.ours import written_by_runs
from gitexp.execution.run import Companion, Way, execute
from gitexp.execution.stages import Ending, Started
from gitexp.execution.start.prepare import prepare_next
from gitexp.execution.start.standing import Frozen, standing_copy
from gitexp.git.packs import packed_tree
from gitexp.model.paths import ProjectPath
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.store.own import own_folder
from gitexp.store.processes import Place as Processes
from gitexp.sweep.agent import environment_with
from gitexp.sweep.call import PARENT, Call
from gitexp.sweep.point import Point, Spot, point_of
from gitexp.sweep.remote.frozen_home import opened_home
from gitexp.sweep.remote.objects import objects_of, read_objects
from gitexp.sweep.remote.parcel import MOST_LOG, Parcel, RemotePoint
from gitexp.sweep.remote.place import PARCEL, STOP, TASK, Place, locked
from gitexp.sweep.remote.versions import versions_here
from gitexp.sweep.request import request_of
from gitexp.sweep.sweep import Sweep, to_json
from gitexp.sweep.told import Stopped, Told, heeded

if TYPE_CHECKING:
    from gitexp.sweep.pruning.companion import Pruned

_LOOK_EVERY = 0.5
"""Seconds between two looks at whether the run is to be stopped."""
_INSIST_EVERY = 1.0
"""Seconds between two orders to stop: one may come just before the command is started."""


class _Making:
    """One run, from what was sent to what is sent back."""

    def __init__(self, point: RemotePoint, told: Told) -> None:
        self._point = point
        self._told = told
        self._call = Call.from_text(point.call)
        self._pruned: Pruned | None = None
        self._notes: list[str] = []

    def parcel(self, home: Path) -> Parcel:
        """Make the run; return it, or why there is none."""
        point, host = self._point, versions_here().host
        try:
            with (
                heeded(self._told),
                environment_with(self._call.environment),
                opened_home(home, point.claim.sweep) as (project, sweep, frozen),
            ):
                return self._made(project, sweep, frozen)
        except Stopped:
            return Parcel(point.run_id, host, stopped=True)
        except GitexpError as error:
            return Parcel(point.run_id, host, error=str(error), hint=error.hint)

    def _made(self, project: Project, sweep: Sweep, frozen: Frozen) -> Parcel:
        claim = self._point.claim
        point = point_of(sweep, Spot(claim.number, claim.repeat), claim.values or {})
        with standing_copy(project, frozen) as standing:
            standing.restore()
            entry = self._entered(standing.project)
            ending = self._executed(standing.project, sweep, frozen, point, entry)
        if self._pruned is not None and self._pruned.unheard is not None:
            self._notes.append(self._pruned.unheard)
        return self._packed(project, frozen, ending)

    def _entered(self, copy: Project) -> Entry:
        """Write the run down here as well, so that its pieces are found if we are killed."""
        entry = Entry(
            id=self._point.run_id,
            name=self._point.name,
            work_tree=str(copy.repository.top),
            folder=copy.folder,
            directory=copy.directory,
            since=self._point.since,
            owner=Processes.of(os.getpid()),
            claim=self._point.claim,
        )
        journal = Journal(copy.repository)
        journal.scratch(entry.id).mkdir(parents=True, exist_ok=True)
        journal.write(entry)
        return entry

    def _executed(
        self, copy: Project, sweep: Sweep, frozen: Frozen, point: Point, entry: Entry
    ) -> Ending:
        request = request_of(sweep, to_json(sweep).decode(), self._call, point, entry)
        named = (entry.id, entry.name)
        plan = prepare_next(copy, request, named, frozen.baseline, written_by_runs(copy))
        plan = replace(plan, hypothesis=sweep.hypothesis)
        way = Way(
            shown=False,
            entry=entry,
            heard=self._told.stop,
            may_start=self._told.may_start,
            companion=self._companion(sweep),
        )
        return execute(copy, plan, self._notes.append, way)

    def _companion(self, sweep: Sweep) -> Callable[[Started], Companion] | None:
        pruning, results = sweep.pruning, self._point.results
        if pruning is None:
            return None
        from gitexp.sweep.pruning.companion import Pruned  # noqa: PLC0415 - 200 ms, Optuna

        def made(started: Started) -> Pruned:
            self._pruned = Pruned(started, pruning, results, self._notes.append)
            return self._pruned

        return made

    def _packed(self, project: Project, frozen: Frozen, ending: Ending) -> Parcel:
        repository = project.repository
        tree = repository.line("rev-parse", f"{ending.run.oid}^{{tree}}")
        written = [
            Pointer(project.path(ProjectPath(one.path)), one.md5, one.size, one.nfiles)
            for one in ending.record.pointers
            if one.role == "output"
        ]
        return Parcel(
            self._point.run_id,
            versions_here().host,
            tree=tree,
            pack=packed_tree(repository, tree, known=frozen.snapshot.tree),
            caches=read_objects(objects_of(project, written)),
            log=_log(own_folder(repository).log(ending.record.id)),
            notes=tuple(self._notes),
        )


def _log(place: Path) -> bytes:
    """Return the end of the output, compressed."""
    try:
        with place.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - MOST_LOG))
            return zlib.compress(file.read())
    except OSError:
        return b""


class _Line:
    """What this process hangs on: a worker that lives, and that nobody wants the run stopped."""

    def __init__(self, descriptor: int, run: Path) -> None:
        os.set_inheritable(descriptor, False)
        self.is_cut = False
        """Whether the worker is gone."""
        threading.Thread(target=self._watch, args=(descriptor, run / STOP), daemon=True).start()

    def _watch(self, descriptor: int, stop: Path) -> None:
        while True:
            readable, _, _ = select.select([descriptor], [], [], _LOOK_EVERY)
            if readable or stop.exists():
                break
        self.is_cut = bool(readable)
        while True:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(_INSIST_EVERY)


def main(folder: Path, run_id: str) -> int:
    """Make a run, and leave what came of it for the worker; it may be gone by then."""
    life, lock = map(int, os.environ.pop(PARENT).split(","))
    os.set_inheritable(lock, False)
    told, place = Told(), Place(folder.parent, folder.name)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, told.stop)
    run = place.run(run_id)
    line = _Line(life, run)
    with locked(folder, fcntl.LOCK_SH):
        point = RemotePoint.from_bytes((run / TASK).read_bytes())
        parcel = _Making(point, told).parcel(place.home)
        if not line.is_cut:
            temporary = run / f"{PARCEL}.new"
            temporary.write_bytes(parcel.to_bytes())
            temporary.replace(run / PARCEL)
            return 0
        shutil.rmtree(run, ignore_errors=True)
    place.clear()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
