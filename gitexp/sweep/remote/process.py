"""The process that makes one run on the host of a worker, as an agent would at home."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.overrides.ours import written_by_runs
from gitexp.execution.stages import Ending
from gitexp.execution.start.standing import Frozen, standing_copy
from gitexp.project import Project
from gitexp.sweep.agent import environment_with
from gitexp.sweep.call import PARENT, Call
from gitexp.sweep.entering import write_down
from gitexp.sweep.one_run import Runner
from gitexp.sweep.point import Spot, point_of
from gitexp.sweep.remote.faults import is_of_host
from gitexp.sweep.remote.filing import is_filed
from gitexp.sweep.remote.frozen_home import opened_home
from gitexp.sweep.remote.packing import NotKept, check_kept, packed
from gitexp.sweep.remote.parcel import Parcel, RemotePoint
from gitexp.sweep.remote.place import PARCEL, RECORDED, STOP, TASK, Place, is_made, locked
from gitexp.sweep.remote.versions import versions_here
from gitexp.sweep.sweep import Sweep
from gitexp.sweep.told import Stopped, Told, heeded

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
        self._notes: list[str] = []

    def parcel(self, home: Path, made: Path, is_wanted: Callable[[Ending], bool]) -> Parcel:
        """Make the run, or pack one that was made before; return it, or why there is none.

        Once it is recorded and wanted, the file `made` says so.
        """
        point = self._point
        try:
            with (
                heeded(self._told),
                environment_with(self._call.environment),
                opened_home(home, point.claim.sweep) as (project, sweep, frozen),
            ):
                run = is_filed(project, point.run_id) if made.exists() else None
                if run is None:
                    ending = self._made(project, replace(sweep, wanted=point.wanted), frozen)
                    check_kept(self._notes)
                    if is_wanted(ending):
                        made.touch()
                    run = ending.run
                return packed(project, frozen, run, self._notes)
        except Stopped:
            return Parcel(point.run_id, versions_here().host, stopped=True)
        except (GitexpError, OSError) as error:
            is_host = isinstance(error, NotKept) or is_of_host(error, home)
            return Parcel.of(error, point.run_id, home, is_host=is_host)

    def _made(self, project: Project, sweep: Sweep, frozen: Frozen) -> Ending:
        """Make and record the run; it is written down here too, so that its pieces are found."""
        sent, claim = self._point, self._point.claim
        point = point_of(sweep, Spot(claim.number, claim.repeat), claim.values or {})
        runner = Runner(sweep, self._call, self._told, self._notes.append)
        with standing_copy(project, frozen) as standing:
            standing.restore()
            copy = standing.project
            entry = write_down(copy, sent.run_id, sent.name, sent.since, claim)
            written = written_by_runs(copy)
            plan = runner.planned(copy, point, entry, frozen.baseline, written)
            ending = runner.carried_out(copy, plan, entry, lambda: sent.results)
        unheard = runner.unheard()
        if unheard is not None:
            self._notes.append(unheard)
        return ending


class _Line:
    """What this process hangs on: a worker that lives, and that nobody wants the run stopped."""

    def __init__(self, descriptor: int, run: Path) -> None:
        os.set_inheritable(descriptor, False)
        self.is_cut = False
        """Whether the worker is gone."""
        threading.Thread(target=self._watch, args=(descriptor, run / STOP), daemon=True).start()

    def is_wanted(self, ending: Ending) -> bool:
        """Return whether a run is worth keeping: not one that was stopped as its worker is gone."""
        return not (self.is_cut and ending.ended.reason == "signal")

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
    spare = _taken_output()
    told, place = Told(), Place(folder.parent, folder.name)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, told.stop)
    run = place.run(run_id)
    line = _Line(life, run)
    with locked(folder, fcntl.LOCK_SH):
        point = RemotePoint.from_bytes((run / TASK).read_bytes())
        parcel = _Making(point, told).parcel(place.home, run / RECORDED, line.is_wanted)
        if is_made(run) or not line.is_cut:
            _leave(parcel, run, spare)
            return 0
        shutil.rmtree(run, ignore_errors=True)
    place.clear()
    return 0


def _taken_output() -> int:
    """Return the standard output, in whose place nothing is written any more."""
    spare = os.dup(sys.stdout.fileno())
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())
    return spare


def _leave(parcel: Parcel, run: Path, spare: int) -> None:
    """Put what came of a run where the worker looks.

    Where there is no room it is handed over at once, and so is what is wrong with this host: it
    may be mended when somebody looks.
    """
    content, temporary = parcel.to_bytes(), run / f"{PARCEL}.new"
    with contextlib.suppress(OSError):
        if not parcel.is_host:
            temporary.write_bytes(content)
            temporary.replace(run / PARCEL)
            return
    with contextlib.suppress(OSError):
        temporary.unlink()
    with contextlib.suppress(BrokenPipeError), os.fdopen(spare, "wb") as output:
        output.write(content)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
