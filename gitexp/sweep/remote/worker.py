"""What runs in the processes of an engine: each function is called with the folder for runs.

They may be called in a thread, and twice: what makes a run is a process of its own, and a run that
is there already is handed over again.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from msgspec import MsgspecError, Struct
from msgspec.structs import replace

from gitexp.errors import GitexpError, reason_of
from gitexp.sweep.remote.faults import disk_of, is_of_host
from gitexp.sweep.remote.frozen_home import opened_home
from gitexp.sweep.remote.kit import Kit, bring_data, unpack
from gitexp.sweep.remote.making import made
from gitexp.sweep.remote.parcel import Held, Parcel, RemotePoint
from gitexp.sweep.remote.place import (
    STOP,
    TASK,
    Place,
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
            return made(place, point)
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
