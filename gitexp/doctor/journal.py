"""Runs under way, runs that were cut off, and what either has left behind."""

from __future__ import annotations

import os
from collections.abc import Iterator

from gitexp.doctor.finding import Finding
from gitexp.git.refs import list_refs
from gitexp.git.repository import Repository
from gitexp.model.numbers import counted
from gitexp.store.journal import Entry, Journal
from gitexp.store.left import remembered
from gitexp.store.locks import OWNER, owner_of
from gitexp.store.own import RUNNING, own_folder
from gitexp.store.processes import Place


def examine_journal(repository: Repository) -> Iterator[Finding]:
    """Look at the journal, and at what no entry of it accounts for."""
    entries = Journal(repository).entries()
    for entry in entries:
        yield _entry(entry)
    if not entries:
        yield Finding("ok", "journal", "no run is under way or was cut off")
    yield from _unreadable(repository)
    yield from _abandoned_locks(repository)
    yield from _without_entry(repository, {entry.id for entry in entries})
    yield from _left_behind(repository)
    yield _copies(repository)


def _left_behind(repository: Repository) -> Iterator[Finding]:
    """Find processes that runs in this work tree have left running."""
    for left, living in remembered(repository, repository.top):
        pids = " ".join(map(str, living))
        yield Finding(
            "note",
            "leftovers",
            f"run '{left.name}' has left {counted(len(living), 'process', 'processes')} running, "
            "which may write into the next run",
            f"See `ps -fp {','.join(pids.split())}`; `kill {pids}` ends them.",
        )


def _entry(entry: Entry) -> Finding:
    since = f"since {entry.since[:16].replace('T', ' ')}"
    if entry.is_over:
        return Finding(
            "wrong",
            "journal",
            f"run '{entry.name}' ({since}) was cut off and is not recorded",
            f"`gitexp doctor --recover {entry.id}` records it, or says why it cannot.",
        )
    if entry.living is not None:
        whose = "gitexp" if entry.living == entry.owner else "its command alone"
        what = f"process {entry.living.pid}, {whose}"
        return Finding("ok", "journal", f"run '{entry.name}' is running here {since} ({what})")
    if entry.lives_unnoted:
        return Finding("ok", "journal", f"run '{entry.name}' is running here {since}")
    return Finding(
        "note",
        "journal",
        f"run '{entry.name}' is running on {_elsewhere(entry.owner)} {since}; "
        "nothing more can be seen from here",
        f"If that is gone for good, `gitexp doctor --recover {entry.id}` records the run.",
    )


def _elsewhere(owner: Place) -> str:
    here = Place.of(os.getpid())
    return f"{owner.host}, in another container" if owner.boot == here.boot else owner.host


def _unreadable(repository: Repository) -> Iterator[Finding]:
    known = {entry.id for entry in Journal(repository).entries()}
    for path in sorted(own_folder(repository).journal.glob("*.json")):
        if path.stem not in known:
            yield Finding(
                "wrong",
                "journal",
                f"'{path}' is not an entry that this gitexp can read",
                f"`gitexp doctor --recover {path.stem}` records the run, if its command has begun; "
                f"its snapshot, if it has one, is `git show {RUNNING}{path.stem}`.",
            )


def _abandoned_locks(repository: Repository) -> Iterator[Finding]:
    """Find files that stand for locks whose owners cannot be seen."""
    own = own_folder(repository)
    for path in sorted(own.path.rglob(f"*{OWNER}") if own.path.is_dir() else ()):
        owner = owner_of(path)
        if owner is None or owner.is_seen or path.is_relative_to(own.work):
            continue
        gone = owner.is_gone
        yield Finding(
            "note",
            "locks",
            f"'{path}' is held by process {owner.pid} on {owner.host}"
            + (", which is gone: the next that wants it takes it" if gone else ""),
            None if gone else f"If that is gone for good, `rm '{path}'`.",
        )


def _without_entry(repository: Repository, known: set[str]) -> Iterator[Finding]:
    """Find snapshots and folders of runs that the journal does not know."""
    for ref in list_refs(repository, RUNNING):
        run_id = ref.name.removeprefix(RUNNING)
        if run_id not in known:
            yield Finding(
                "note",
                "leftovers",
                f"'{ref.name}' keeps the code of a run that the journal does not know",
                f"See `git show {ref.name}`; `git update-ref -d {ref.name}` drops it.",
            )
    own = own_folder(repository)
    left = [place for place in own.runs.glob("*") if place.name not in known]
    left += own.path.glob("tmp*")
    for place in sorted(left):
        yield Finding(
            "note", "leftovers", f"'{place}' was left by a gitexp that was killed", "Delete it."
        )


def _copies(repository: Repository) -> Finding:
    places = [place for place in own_folder(repository).work.glob("*") if place.is_dir()]
    if not places:
        return Finding("ok", "copies", "no work tree of `--temp` is kept")
    kept = counted(len(places), "work tree")
    return Finding("ok", "copies", f"{kept} of `--temp` kept for the next in '{places[0].parent}'")
