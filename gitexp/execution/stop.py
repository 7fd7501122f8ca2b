"""Having a run under way end, or a whole sweep, by asking the run's own gitexp."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.store.processes import marked_processes
from gitexp.store.running import about_run
from gitexp.store.stopping import Signal, Whole, note_signal, order_stop, order_sweep_stop


def stop_run(project: Project, entry: Entry, name: Signal, whole: Whole = "run") -> None:
    """Ask a run to end; one that no gitexp waits for is sent the signal itself."""
    scratch = Journal(project.repository).scratch(entry.id)
    if about_run(scratch).alone:
        _signal_alone(entry, scratch, name)
        return
    if not entry.owner.is_gone:
        order_stop(scratch, name, whole)
        return
    for pid in list(marked_processes(entry.id, entry.child.pid if entry.child else None)):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            os.kill(pid, signal.Signals[name])


def _signal_alone(entry: Entry, scratch: Path, name: Signal) -> None:
    """Signal a process that has begun its run itself; a notebook then interrupts its cell."""
    if not entry.owner.is_seen:
        raise GitexpError(
            f"run '{entry.name}' was begun by a process on {entry.owner.host}, "
            "which cannot be seen from here",
            hint="Stop it there.",
        )
    note_signal(scratch, name)
    try:
        os.kill(entry.owner.pid, signal.Signals[name])
    except ProcessLookupError:  # it has ended meanwhile
        return
    except PermissionError as error:
        raise GitexpError(
            f"run '{entry.name}' was begun by a process of another user ({entry.owner.pid})",
            hint="Only that user, or root, can stop it.",
        ) from error


def stop_sweep(project: Project, sweep_id: str, name: Signal) -> list[Entry]:
    """Ask a sweep to end, and its runs first; return those."""
    order_sweep_stop(project.repository, sweep_id)
    runs = runs_of_sweep(project, sweep_id)
    for entry in runs:
        stop_run(project, entry, name, "sweep")
    return runs


def runs_of_sweep(project: Project, sweep_id: str) -> list[Entry]:
    """Return the runs of a sweep that are under way."""
    entries = Journal(project.repository).entries()
    return [one for one in entries if one.claim is not None and one.claim.sweep == sweep_id]
