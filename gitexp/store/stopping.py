"""Orders to stop: files that a run under way, or a sweep, looks for wherever it runs.

A file crosses hosts, containers and users where a signal does not. Only whoever may write into the
git directory can give an order.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Literal, get_args

from gitexp.git.repository import Repository
from gitexp.store.own import own_folder

Signal = Literal["SIGINT", "SIGTERM", "SIGKILL"]
Whole = Literal["run", "sweep"]
"""What is to stop: a run alone, or with it the sweep that it is a point of."""

_ORDER, _TAKEN = "stop", "stopping"
"""In the folder of a run: what is asked of it, and what it has heeded."""
_MOST = 100
"""Bytes of an order; more is none of ours."""


def order_stop(scratch: Path, signal: Signal, whole: Whole = "run") -> bool:
    """Ask a run to end; return False if it has been recorded meanwhile."""
    temporary = scratch / f"{_ORDER}.{os.getpid()}"
    try:
        temporary.write_text(f"{signal} {whole}\n", encoding="ascii")
        temporary.replace(scratch / _ORDER)
    except FileNotFoundError:
        return False
    return True


def note_signal(scratch: Path, signal: Signal) -> None:
    """Note that a run which has no gitexp to heed an order is sent the signal itself."""
    with contextlib.suppress(OSError):  # it has ended meanwhile
        (scratch / _TAKEN).write_text(f"{signal} run\n", encoding="ascii")


def stopping_since(scratch: Path) -> float | None:
    """Return when a run heeded that it is to end, in seconds since 1970; None if it has not."""
    with contextlib.suppress(OSError):
        return (scratch / _TAKEN).stat().st_mtime
    return None


def take_order(scratch: Path) -> tuple[Signal, Whole] | None:
    """Return what a run is asked, once: whoever asked can see that it was taken."""
    order = scratch / _ORDER
    if not order.exists():
        return None
    with contextlib.suppress(OSError, ValueError):
        order.replace(scratch / _TAKEN)
        return _read(scratch / _TAKEN)
    return None


def is_stopping(scratch: Path) -> bool:
    """Return whether a run was asked to end, and has heeded that."""
    return (scratch / _TAKEN).exists()


def is_asked(scratch: Path) -> bool:
    """Return whether a run was asked to end, and has not heeded that so far."""
    return (scratch / _ORDER).exists()


def _read(path: Path) -> tuple[Signal, Whole] | None:
    with path.open("rb") as file:
        words = file.read(_MOST).decode("ascii").split()
    signal = next((one for one in get_args(Signal) if words[:1] == [one]), None)
    if signal is None:
        return None
    return signal, "sweep" if words[1:2] == ["sweep"] else "run"


def order_sweep_stop(repository: Repository, sweep_id: str) -> bool:
    """Ask the agents of a sweep to begin no further run; False if it is not under way."""
    order = own_folder(repository).sweeps / sweep_id / _ORDER
    try:
        order.write_text(f"{time.time_ns()}\n", encoding="ascii")
    except OSError:
        return False
    return True


def sweep_order(repository: Repository, sweep_id: str) -> str:
    """Return the last order to a sweep; one that differs from what an agent began with is new."""
    order = own_folder(repository).sweeps / sweep_id / _ORDER
    with contextlib.suppress(OSError, ValueError), order.open("rb") as file:
        return file.read(_MOST).decode("ascii")
    return ""
