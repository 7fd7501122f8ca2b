"""A run that was cut off, recorded from what it left behind."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.execution.command.child import Ended
from gitexp.execution.command.pieces import gather
from gitexp.execution.kept.logs import keep_log
from gitexp.execution.kept.stores import drop_stores, keep_stores
from gitexp.execution.kept.written import (
    keep_outcome,
    read_ended,
    read_outcome,
    read_plan,
    read_started,
    was_moved,
)
from gitexp.execution.overrides.params import OverriddenParams
from gitexp.execution.record.awakened import awakened
from gitexp.execution.record.conclude import conclude_lost
from gitexp.execution.record.later import without_later
from gitexp.execution.record.outcome import outcome_of
from gitexp.execution.record.pipeline import resolved
from gitexp.execution.stages import Ending, Outcome, Started
from gitexp.execution.tidying import remove_at_once
from gitexp.execution.work_tree.files import Signature, signatures
from gitexp.mirroring import mirror
from gitexp.model.message import last_line
from gitexp.model.system import FILE as SYSTEM
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.store.own import PENDING
from gitexp.store.pending import drop_snapshot
from gitexp.store.stopping import stopping_since

Tell = Callable[[str], None]


def record_cut_off(
    project: Project,
    journal: Journal,
    entry: Entry,
    tell: Tell,
    most_bytes: int | None,
    done: str = "recovered",
) -> bool:
    """Record a run and forget its entry; return whether that is done."""
    scratch = journal.scratch(entry.id)
    own = _own(project, entry, scratch)
    if own is None:
        tell(f"note: run '{entry.name}' was cut off, and its work tree is gone; see {scratch}")
        return False
    try:
        texts = _recorded(own, entry, scratch, tell, most_bytes, done)
    except _TooMuch:
        tell(f"note: run '{entry.name}' was cut off; the next `gitexp run` records it")
        return False
    except Exception as error:  # noqa: BLE001 - one bad record must not stop every command
        tell(
            f"warning: run '{entry.name}' was cut off and cannot be recorded: {error}; "
            f"its pieces lie in '{scratch}', and without that folder it is forgotten"
        )
        return False
    finally:
        if own is not project:
            own.close()
    is_here = own is project or own.repository.top == project.repository.top
    for text in texts if is_here else texts[:1]:  # the rest is about files of its work tree
        tell(text)
    remove_at_once(scratch)
    journal.remove(entry)
    with contextlib.suppress(GitexpError, OSError):  # where git could not do so with the commit
        drop_snapshot(project.repository, entry.id)
    return True


def _own(project: Project, entry: Entry, scratch: Path) -> Project | None:
    """Return the project of a run in its work tree, which may have been moved as a whole."""
    place, top = Path(entry.work_tree), project.repository.top
    git = place / ".git"
    if git.is_file() or (git / "HEAD").exists() or project.repository.is_linked:
        return project.at(entry.folder, place, entry.directory)
    with contextlib.suppress(GitexpError):  # a file of another version
        if was_moved(scratch, top):
            return project.at(entry.folder, top, entry.directory)
    return None


def _recorded(
    project: Project, entry: Entry, scratch: Path, tell: Tell, most_bytes: int | None, done: str
) -> tuple[str, ...]:
    """Record a run that was cut off; return what to report: first that, if it was recorded."""
    plan = read_plan(scratch)
    if plan is None:
        return ()  # cut off before anything was done
    params = OverriddenParams.kept(project, plan, scratch)
    started = read_started(project, plan, scratch, tell)
    if started is None or plan.request.unrecorded:
        _dropped(project, params, entry, tell)
        return ()
    if _is_filed(project, entry, tell):
        gather(started.log)
        keep_log(started.project, started.log, entry.id)
        keep_stores(started.project, entry.id)
        return ()
    started = awakened(resolved(started))
    seen = read_outcome(scratch)
    outcome = without_later(started, seen or outcome_of(started))
    if seen is None:
        with contextlib.suppress(OSError):  # should this attempt fail, the next one finds the same
            keep_outcome(scratch, outcome)
    written = _written(started, outcome)
    if most_bytes is not None and sum(one[2] for one in written) > most_bytes:
        raise _TooMuch
    gather(started.log)
    ended = read_ended(scratch) or _lost(entry, started, written)
    started.log.touch()  # cut off before the command was given a place to write to
    ending = conclude_lost(started, ended, outcome, params)
    keep_log(started.project, started.log, entry.id)
    keep_stores(started.project, entry.id)
    how = "" if seen or done == "recorded" else " (its files as they are now)"
    return f"note: {done} {_subject(project, ending)}{how}", *ending.notes


class _TooMuch(Exception):
    """Recording would hash more than a reading command may."""


def _written(started: Started, outcome: Outcome) -> list[Signature]:
    paths = [*outcome.written, *(one.pointer.path for one in outcome.pointers)]
    return list(signatures(started.project.repository.top, paths).values())


def _is_filed(project: Project, entry: Entry, tell: Tell) -> bool:
    """Return whether a run is already on the branch, or waits for it.

    The ref of its snapshot says nothing of that. It goes the moment that the commit comes, but
    for a git that failed half-way; and a power cut may take it without any commit.
    """
    named = project.runs.index.named(entry.id, project=None)
    recorded = [run for run in named if run.id == entry.id]
    mirror(project, recorded, tell)  # the one thing that comes after the branch has moved
    waits = project.repository.objects.commit(f"{PENDING}{entry.id}") is not None
    return bool(recorded) or waits


def _dropped(project: Project, params: OverriddenParams, entry: Entry, tell: Tell) -> None:
    """Clear up after a run whose command never started, or that was not to be recorded."""
    for warning in params.restore():
        tell(f"warning: {warning}")
    drop_stores(project, entry.id)
    drop_snapshot(project.repository, entry.id)


def _lost(entry: Entry, started: Started, written: list[Signature]) -> Ended:
    """Return the end of a command that nobody saw: as late as it is known to have lived."""
    begun = datetime.fromisoformat(entry.since)
    stopped = stopping_since(started.scratch) if started.plan.request.alone else None
    last = max([_last_sign(started), stopped or 0.0, *(one[0] / 1e9 for one in written)])
    ended = max(begun, datetime.fromtimestamp(last, timezone.utc))
    reason = "lost" if stopped is None else "stopped"
    return Ended(None, None, reason, begun, ended, None, None)


def _last_sign(started: Started) -> float:
    """Return when a command last printed or logged something, or was last looked at."""
    signs = [started.log, started.scratch / SYSTEM]
    with contextlib.suppress(OSError):  # it may have logged nothing
        signs += started.logged.iterdir()
    last = 0.0
    for one in signs:
        with contextlib.suppress(OSError):
            last = max(last, one.stat().st_mtime)
    return last


def _subject(project: Project, ending: Ending) -> str:
    return last_line(ending.record, project.config.policy, ending.previous)
