"""The experiments branch and what belongs to it: runs, runs that wait, late facts, the index."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import chain

from gitexp.doctor.finding import Finding
from gitexp.errors import GitexpError
from gitexp.git.ends import end_of
from gitexp.git.refs import Ref, list_refs
from gitexp.model.many_records import many_reader
from gitexp.model.message import RUN_TRAILER
from gitexp.model.numbers import counted
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.store.branch import BranchUnusable, check_ours, usable_tip
from gitexp.store.fetched import remote_of
from gitexp.store.index.file import IN_MEMORY
from gitexp.store.index.place import index_places
from gitexp.store.index.selection import Selection
from gitexp.store.own import NOTES, PENDING, own_folder
from gitexp.store.stored_run import StoredRun

_SHOWN = 3


def examine_branch(project: Project) -> Iterator[Finding]:
    """Look at the branch, its runs, and the refs beside it."""
    branch = project.config.branch
    refs = list_refs(project.repository, f"refs/heads/{branch}", PENDING)
    try:
        end_of(project.repository, f"refs/heads/{branch}")
        tip = usable_tip(project.repository, branch, refs)
    except GitexpError as error:
        yield Finding("wrong", "branch", str(error), error.hint)
        tip = None
    else:
        try:
            yield from _runs(project, tip)
        except GitexpError as error:  # which stops any other command
            yield Finding("wrong", "runs", str(error), error.hint)
    yield _pending(project, refs)
    yield _notes(project)


def _runs(project: Project, tip: str | None) -> Iterator[Finding]:
    branch = project.config.branch
    if tip is None:
        yield _no_branch(project)
        return
    select = project.runs.index.select_many
    kept, removed = (select(Selection(None, removed=gone)) for gone in (False, True))
    number = len(kept) + len(removed)
    has = counted(number, "run") + (f", {len(removed)} of them removed" if removed else "")
    yield Finding("ok", "branch", f"'{branch}' can take runs, and has {has}")
    known: dict[str, str] = {}
    unreadable: list[StoredRun] = []
    read = many_reader()
    for run in chain(kept, removed):
        known[run.oid] = run.id
        try:
            read(run.content)
        except UnreadableRecord:
            unreadable.append(run)
    for run in unreadable[:_SHOWN]:
        yield Finding("wrong", "runs", f"'{run.name}' cannot be read: {run.problem}")
    if len(unreadable) > _SHOWN:
        yield Finding("wrong", "runs", f"{len(unreadable) - _SHOWN} more cannot be read")
    yield from _commits_without_run(project, tip, known)
    if not unreadable:
        yield Finding("ok", "runs", "every run can be read")
    yield _index(project)


def _no_branch(project: Project) -> Finding:
    branch = project.config.branch
    made = f"'{branch}' is made by the first run"
    remote = remote_of(project.repository, project.config)
    if remote is None:
        return Finding("ok", "branch", made)
    theirs = f"{remote}/{project.config.branch_on_remotes}"
    tip = project.repository.objects.commit(f"refs/remotes/{theirs}")
    if tip is None:
        return Finding("ok", "branch", f"{made}, or by `gitexp pull` if others have runs")
    try:
        check_ours(project.repository, theirs, tip)
    except BranchUnusable as error:
        return Finding("wrong", "branch", str(error), error.hint)
    return Finding(
        "note",
        "branch",
        f"'{theirs}' has runs; '{branch}' is not here",
        "Get them with `gitexp pull`.",
    )


def _commits_without_run(project: Project, tip: str, known: Mapping[str, str]) -> Iterator[Finding]:
    """Find commits that say they are a run, but are not the one that counts."""
    form = f"--format=%H %(trailers:key={RUN_TRAILER},valueonly,separator=%x20)%x00"
    listed = project.repository.fields("rev-list", form, tip)
    said = (os.fsdecode(line).rpartition("\n")[2].partition(" ") for line in listed)
    others = [(oid, run_id.strip()) for oid, _, run_id in said if run_id and oid not in known]
    ids = frozenset(known.values()) if others else frozenset()
    twice = [oid for oid, run_id in others if run_id in ids]
    none = [oid for oid, run_id in others if run_id not in ids]
    if twice:
        text = f"{counted(len(twice), 'commit repeats', 'commits repeat')} a run: {_oids(twice)}"
        yield Finding("note", "runs", f"{text}; the first of each counts")
    if none:
        text = f"{counted(len(none), 'commit names', 'commits name')} a run without its record"
        yield Finding("wrong", "runs", f"{text}: {_oids(none)}", f"See `git show {none[0][:10]}`.")


def _oids(oids: list[str]) -> str:
    return ", ".join(oid[:10] for oid in oids[:_SHOWN]) + (", …" if len(oids) > _SHOWN else "")


def _index(project: Project) -> Finding:
    place = next(index_places(project.repository))
    if place == IN_MEMORY:
        return Finding(
            "note",
            "index",
            "nowhere to keep it: every command reads all runs again",
            "Make the git directory or your cache folder writable.",
        )
    if place.parent != own_folder(project.repository).path:
        return Finding("ok", "index", f"in your cache folder, as '{place}'")
    return Finding("ok", "index", "in the git directory, and up to date")


def _pending(project: Project, refs: list[Ref]) -> Finding:
    waiting = [ref.name.removeprefix(PENDING) for ref in refs if ref.name.startswith(PENDING)]
    if not waiting:
        return Finding("ok", "waiting", "no run waits for its branch")
    return Finding(
        "wrong",
        "waiting",
        f"{counted(len(waiting), 'run waits', 'runs wait')} for the branch: {', '.join(waiting)}",
        _in_the_way(project) or "Once nothing is in its way, the next gitexp command files them.",
    )


def _in_the_way(project: Project) -> str | None:
    """Return what to do about a lock that a git which was killed has left."""
    refs = (f"refs/heads/{project.config.branch}", "packed-refs")
    places = [project.repository.common_dir / f"{ref}.lock" for ref in refs]
    found = next((place for place in places if place.exists()), None)
    return f"If no git is at work here, `rm '{found}'`." if found is not None else None


def _notes(project: Project) -> Finding:
    try:
        tip = end_of(project.repository, NOTES)
    except GitexpError as error:
        return Finding("wrong", "notes", str(error), error.hint)
    return Finding(
        "ok", "notes", f"'{NOTES}' is there" if tip else "no tag, comment or other late fact yet"
    )
