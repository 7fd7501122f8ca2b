"""What runs in the processes of an engine: each function is called with the folder for runs.

They may be called in a thread, and twice: what makes a run is a process of its own, and a run that
is there already is handed over again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import MsgspecError, Struct
from msgspec.structs import replace

from gitexp.errors import GitexpError, reason_of
from gitexp.sweep.call import PARENT, Call
from gitexp.sweep.local import agent_calls
from gitexp.sweep.remote.faults import disk_of, is_of_host
from gitexp.sweep.remote.frozen_home import opened_home
from gitexp.sweep.remote.kit import Kit, bring_data, unpack
from gitexp.sweep.remote.parcel import Held, Parcel, RemotePoint
from gitexp.sweep.remote.place import (
    FORGOTTEN,
    PARCEL,
    STOP,
    TASK,
    Place,
    end_processes,
    forget,
    is_made,
    is_ours,
    locked,
    made_base,
    tidy,
)
from gitexp.sweep.remote.versions import Versions, problem_of, versions_here


class Problem(Struct, frozen=True):
    """Why a worker cannot make runs."""

    text: str
    hint: str | None = None
    is_host: bool = False
    """Whether it is the host's fault alone: others may be ready."""


def versions(base: Path) -> Versions:
    """Return what this worker has."""
    return replace(versions_here(), disk=disk_of(base))


def prepare(base: Path, kit: bytes, *, optuna: bool) -> Problem | None:
    """Have the repository of a sweep made, with its data; return why that cannot be."""
    try:
        found = Kit.from_bytes(kit)
        problem = problem_of(found.versions, versions_here(), optuna=optuna)
        if problem is not None:
            return Problem(f"worker on {versions_here().host} {problem[0]}", problem[1])
        tidy(made_base(base))
        place = Place(base, found.key)
        with place.used():
            _have_home(place, found)
    except (GitexpError, OSError) as error:
        is_host = is_of_host(error, base)
        return Problem(reason_of(error), getattr(error, "hint", None), is_host)
    return None


def make(base: Path, kit: bytes, task: bytes) -> bytes:
    """Make a run, or wait for it if it is under way here; return what came of it."""
    point = RemotePoint.from_bytes(task)
    try:
        place = Place(made_base(base), point.key)
        with place.used():
            if not place.home.exists():
                _have_home(place, Kit.from_bytes(kit))
            return _made(place, point)
    except (GitexpError, OSError) as error:
        return Parcel.of(error, point.run_id, base, is_host=True).to_bytes()


def held(base: Path, key: str) -> list[bytes]:
    """Return the runs that are here and were not handed over, as `Held` is sent."""
    found = []
    for run in Place(base, key).runs() if is_ours(base) else ():
        with contextlib.suppress(OSError, MsgspecError):
            point = RemotePoint.from_bytes((run / TASK).read_bytes())
            ended = is_made(run)
            if ended or _is_under_way(run):
                found.append(Held(point, ended=ended).to_bytes())
    return found


def stop(base: Path, key: str, run_ids: Sequence[str]) -> None:
    """Have the commands of some runs stopped; their runs are recorded and handed over."""
    place = Place(base, key)
    for run_id in run_ids:
        if is_ours(base) and place.folder.is_dir():
            place.run(run_id).mkdir(parents=True, exist_ok=True)
            (place.run(run_id) / STOP).touch()


def forget_runs(base: Path, key: str, run_ids: Sequence[str]) -> None:
    """Remove what was handed over, or is not wanted."""
    for run_id in run_ids if is_ours(base) else ():
        forget(Place(base, key).run(run_id))


def leave(base: Path, key: str) -> bool:
    """Remove all that is kept for a sweep unless it is still needed; return whether it is gone."""
    if not is_ours(base):
        return True
    is_gone = Place(base, key).clear()
    with contextlib.suppress(OSError):
        base.rmdir()  # which fails if there are others
    return is_gone


def _is_under_way(run: Path) -> bool:
    try:
        with locked(run, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return False
    except BlockingIOError:
        return True


def _have_home(place: Place, kit: Kit) -> None:
    """Have the repository, made by whoever comes first."""
    with place.making() as is_mine:
        if not is_mine:
            return
        scratch = Path(tempfile.mkdtemp(prefix="making-", dir=place.folder))
        try:
            home = scratch / "home"
            home.mkdir()
            unpack(kit, home)
            with opened_home(home, kit.sweep) as (project, _, frozen):
                bring_data(kit, project, frozen)
            home.rename(place.home)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _made(place: Place, point: RemotePoint) -> bytes:
    run, parcel = place.run(point.run_id), place.run(point.run_id) / PARCEL
    with locked(run, fcntl.LOCK_EX) as lock:
        if parcel.exists():
            return parcel.read_bytes()
        if (run / STOP).exists() and not is_made(run):
            shutil.rmtree(run, ignore_errors=True)
            return Parcel(point.run_id, versions_here().host, stopped=True).to_bytes()
        (run / TASK).write_bytes(_for_this_host(point).to_bytes())
        content = _carried_out(place, run, lock)
        if parcel.exists():
            content = parcel.read_bytes()
        if (run / FORGOTTEN).exists() or not is_made(run):
            end_processes(point.run_id)
            shutil.rmtree(run, ignore_errors=True)
        return content


def _for_this_host(point: RemotePoint) -> RemotePoint:
    """Return a run with the number of threads that its command is to have here."""
    call = Call.from_text(point.call)
    places = max(1, point.places.get(versions_here().host, 1))
    here = agent_calls(replace(call.options, jobs=places), _without_limits(os.environ))[0]
    call = replace(call, environment=here.environment, threads=here.threads, engine=point.engine)
    return replace(point, call=call.to_text())


def _without_limits(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what Dask and Ray set for workers: one thread for all that is.

    >>> _without_limits({"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "4", "HOME": "/root"})
    {'MKL_NUM_THREADS': '4', 'HOME': '/root'}
    """
    return {
        name: value
        for name, value in environment.items()
        if not (name.endswith("_NUM_THREADS") and value == "1")
    }


def _carried_out(place: Place, run: Path, lock: int) -> bytes:
    """Have a process make a run, and wait for it; return what is to be said of it.

    It lives no longer than we do: it sees a pipe being closed. The lock of the run is its, too.
    A parcel that it has no room for on the disk comes through its standard output.
    """
    theirs, ours = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "gitexp.sweep.remote.process", str(place.folder), run.name],
            cwd=place.folder,  # Python looks for modules there, and there are none
            env={**os.environ, PARENT: f"{theirs},{lock}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(theirs, lock),
            start_new_session=True,
        )
        given, said = process.communicate()
    finally:
        os.close(theirs)
        os.close(ours)
    code, host = process.returncode, versions_here().host
    if code == 0 and given:
        return given
    if code < 0:
        return Parcel(run.name, host, died=f"signal {-code} has ended it").to_bytes()
    lines = said.decode(errors="backslashreplace").strip().splitlines() or [f"exit code {code}"]
    failed = GitexpError(f"the process of the run failed: {lines[-1]}")
    return Parcel.of(failed, run.name, run, is_host=True).to_bytes()
