"""Has a process make a run on a worker, once, however often that is asked for."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.sweep.call import PARENT, Call
from gitexp.sweep.local import agent_calls
from gitexp.sweep.remote.parcel import Parcel, RemotePoint
from gitexp.sweep.remote.place import (
    FORGOTTEN,
    PARCEL,
    STOP,
    TASK,
    Place,
    end_processes,
    is_made,
    locked,
)
from gitexp.sweep.remote.versions import versions_here


def made(place: Place, point: RemotePoint) -> bytes:
    """Make a run, or wait for whoever makes it; return what is handed over.

    Raises OSError where its folder cannot be used.
    """
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
