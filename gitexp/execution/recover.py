"""Runs that were cut off: found, claimed and recorded by whichever gitexp comes next, once."""

from __future__ import annotations

import contextlib
from pathlib import Path

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.command.child import Ended
from gitexp.execution.cut_off import Tell, record_cut_off
from gitexp.execution.kept.written import keep_ended
from gitexp.execution.torn import tell_of_torn, torn_entry
from gitexp.project import Project
from gitexp.store.journal import Journal
from gitexp.store.locks import unless_locked
from gitexp.store.stopping import is_stopping


def recover(project: Project, tell: Tell, *, most_bytes: int | None = None) -> None:
    """Record every run of this repository whose processes are known to be gone.

    Each is recorded with what exists, as interrupted unless its end was seen, and reported in
    one line. What cannot be recorded stays where it is, for the next command; so does a
    run with outputs of more than `most_bytes`.
    """
    journal = Journal(project.repository)
    with contextlib.suppress(OSError), unless_locked(project.repository) as free:
        if free:  # read-only, or somebody is at it: left for others, since readers never wait
            journal.clear_beginnings()
    for entry in journal.entries():
        if entry.is_over:
            with journal.claimed(entry) as mine:
                if mine:
                    record_cut_off(project, journal, entry, tell, most_bytes)
                elif entry in journal.entries():
                    tell(f"note: run '{entry.name}' was cut off; another gitexp is recording it")
    tell_of_torn(project, tell)


def recover_unseen(project: Project, wanted: str, tell: Tell) -> None:
    """Record a run, by id or name, on a person's word that its processes are gone.

    For those of another machine or container, of which nothing can be known from here.
    Raises GitexpError if a process is seen to live, and if nothing was recorded.
    """
    journal = Journal(project.repository)
    entry = next((one for one in journal.entries() if wanted in (one.id, one.name)), None)
    entry = entry or torn_entry(project, wanted)
    if entry is None:
        raise GitexpError(
            f"no run '{wanted}' is under way", hint="`gitexp doctor` lists those that are."
        )
    if not entry.is_over and (entry.living or entry.lives_unnoted):
        pid = f" as process {entry.living.pid}" if entry.living else ""
        raise GitexpError(
            f"run '{entry.name}' is running on this machine{pid}",
            hint="Once it is stopped, the next gitexp command records it.",
        )
    with journal.claimed(entry, even_unseen=True) as mine:
        if not mine:
            raise GitexpError(f"another process is recording run '{entry.name}'")
        if not record_cut_off(project, journal, entry, tell, most_bytes=None):
            raise GitexpError(f"run '{entry.name}' could not be recorded")


def recover_moved(place: Path, run_id: str, tell: Tell) -> bool:
    """Record a run of this very process, whose project was moved to a place; return whether it is.

    Raises GitexpError where there is no such project.
    """
    with Project.open(place) as project:
        journal = Journal(project.repository)
        for entry in journal.entries():
            if entry.id == run_id:
                with journal.claimed(entry) as mine:
                    return mine and record_cut_off(project, journal, entry, tell, most_bytes=None)
    return False


def record_alone(project: Project, run_id: str, ended: Ended, tell: Tell) -> bool:
    """Record a run whose command has begun it by itself, and says how it ends; whether it is."""
    journal = Journal(project.repository)
    entry = next((one for one in journal.entries() if one.id == run_id), None)
    if entry is None:
        raise GitexpError(f"run '{run_id}' is not under way", hint="`gitexp ls` may have it.")
    scratch = journal.scratch(run_id)
    if is_stopping(scratch):
        ended = replace(ended, reason="stopped")
    keep_ended(scratch, ended)
    with journal.claimed(entry, even_unseen=True) as mine:
        return mine and record_cut_off(
            project, journal, entry, tell, most_bytes=None, done="recorded"
        )
