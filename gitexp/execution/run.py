"""One run, from the plan to the commit."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.execution import child as children
from gitexp.execution.ending import Ending, status_of
from gitexp.execution.guard import check_secrets
from gitexp.execution.ignored import watch_ignored
from gitexp.execution.keepsake import keep_log, keep_plan, keep_started
from gitexp.execution.metrics import params_of
from gitexp.execution.params import OverriddenParams
from gitexp.execution.pipeline import declared_at_start, outs_at_start
from gitexp.execution.prepare import Plan, check_not_under_way, check_work_tree, child_environment
from gitexp.execution.snapshot import Snapshot, take_snapshot, with_tree
from gitexp.execution.started import RUNNING, Started
from gitexp.execution.submodules import submodule_notes
from gitexp.execution.watched import watch_pointers
from gitexp.git.commits import write_commit
from gitexp.git.refs import ABSENT, Move, list_refs, move
from gitexp.model.command import command_text
from gitexp.project import Project
from gitexp.store.branch import PENDING, file_pending, locked, private_dir
from gitexp.store.journal import Entry, Journal, Place

Tell = Callable[[str], None]

_HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class RunNotRecorded(GitexpError):
    """The command ended, but its run could not be committed."""


def execute(project: Project, plan: Plan, tell: Tell) -> Ending:
    """Run the plan's command and record the run.

    `tell` is given notes and warnings as they come up. Raises GitexpError where the
    command could not be started; RunNotRecorded where it could, but not be recorded.
    """
    repository = project.repository
    if plan.others_wait:
        _file_waiting(project, tell)
    journal = Journal(repository)
    entry = Entry(
        id=plan.id,
        name=plan.name,
        work_tree=str(repository.top),
        folder=project.folder,
        since=datetime.now(timezone.utc).isoformat(),
        owner=Place.of(os.getpid()),
    )
    scratch = journal.scratch(plan.id)
    with _mendable(project):
        _enter(project, plan, journal, entry, scratch)
    params = OverriddenParams(project, plan.edits, plan.overrides, scratch)
    try:
        with _undone_on_error(params), _mendable(project):
            started = _start(project, plan, params, scratch, tell)
            ending = _run(started, params, journal, entry)
    except RunNotRecorded:
        raise  # the pieces stay where the message says they lie
    except BaseException:
        _clear(project, plan, scratch)
        journal.remove(entry)
        raise
    keep_log(scratch / "output.log", plan.id)
    journal.remove(entry)
    shutil.rmtree(scratch, ignore_errors=True)
    return ending


def _enter(project: Project, plan: Plan, journal: Journal, entry: Entry, scratch: Path) -> None:
    """Write the run into the journal, unless another one was faster to take its place or name."""
    private_dir(project.repository)
    with locked(project.repository):
        check_work_tree(project)
        check_not_under_way(project, plan.name)
        scratch.mkdir(parents=True)
        keep_plan(scratch, plan)
        journal.write(entry)


@contextlib.contextmanager
def _mendable(project: Project) -> Iterator[None]:
    """Tell a full disk or a read-only git directory as what it is."""
    try:
        yield
    except OSError as error:
        place = error.filename or project.repository.common_dir
        raise GitexpError(
            f"cannot write what a run needs: '{place}': {error.strerror}",
            hint="See whether the disk is full, and who owns the git directory.",
        ) from error


def _start(
    project: Project, plan: Plan, params: OverriddenParams, scratch: Path, tell: Tell
) -> Started:
    """Keep the project as it is now; from here on the run can be recovered."""
    rewritten = [project.path(name) for name in params.apply()]
    snapshot = take_snapshot(project, scratch, rewritten)
    documents = params_of(project, snapshot, plan.command)
    check_secrets(project.repository, plan, snapshot)
    snapshot = with_tree(snapshot)
    message = f"gitexp: {plan.name} is running\n\n{command_text(plan.command)}\n"
    oid, _ = write_commit(
        project.repository, tree=snapshot.tree, parents=(), message=message, identity=_OURS
    )
    ref = f"{RUNNING}{plan.id}"
    move(project.repository, [Move(ref, new=oid, old=ABSENT)], reason="gitexp: a run starts")
    _name_left_out(snapshot, tell)
    for text in submodule_notes(project.repository, snapshot):
        tell(f"warning: {text}")
    declared = declared_at_start(project, snapshot.entries)
    outs = outs_at_start(project, declared, snapshot.entries)
    started = Started(
        project=project,
        plan=plan,
        snapshot=snapshot,
        commit=oid,
        declared=declared,
        params=documents,
        watched=watch_pointers(project, snapshot.entries, tell),
        ignored=replace(watch_ignored(project, snapshot.index), outs=outs),
        scratch=scratch,
        tell=tell,
    )
    keep_started(started)
    return started


_OURS: Mapping[str, str] = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "gitexp"), ("EMAIL", "gitexp@localhost"))
}


def _run(started: Started, params: OverriddenParams, journal: Journal, entry: Entry) -> Ending:
    """Start the command, and see it through to its commit."""
    plan, project = started.plan, started.project
    with (
        _held_signals(started.tell),
        children.start(
            plan.argv,
            cwd=project.repository.top / project.directory,
            env=child_environment(plan),
            log=started.log,
            timeout=plan.request.timeout,
        ) as child,
        _told_on_failure(started, child),
    ):
        try:
            journal.note_child(entry, child.pid)
            from gitexp.execution.conclude import conclude  # noqa: PLC0415 - while the command runs

            return conclude(started, child, params)
        finally:
            if status_of(child.wait()) != "done":
                params.restore()


@contextlib.contextmanager
def _told_on_failure(started: Started, child: children.Child) -> Iterator[None]:
    """Say where the pieces lie when a run cannot be recorded."""
    try:
        yield
    except BaseException as error:
        ended = child.wait()
        how = f"exit code {ended.code}" if ended.code is not None else f"{ended.signal}"
        raise RunNotRecorded(
            f"the command ended with {how}, but run '{started.plan.name}' could not be "
            f"recorded: {error}",
            hint="Nothing was deleted: its outputs are in the work tree, the code as it ran in "
            f"`git show {RUNNING}{started.plan.id}`, its output in '{started.log}'.",
        ) from error


@contextlib.contextmanager
def _undone_on_error(params: OverriddenParams) -> Iterator[None]:
    """Put params files back where the command did not even start."""
    try:
        yield
    except RunNotRecorded:
        raise
    except BaseException:
        params.restore()
        raise


@contextlib.contextmanager
def _held_signals(tell: Tell) -> Iterator[None]:
    """Keep Ctrl-C and SIGTERM from cutting off the recording, which takes a moment."""

    def wait(*_: object) -> None:
        tell("note: the run is being recorded; please wait")

    heeded = [number for number in _HELD if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, wait) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _file_waiting(project: Project, tell: Tell) -> None:
    refs = list_refs(project.repository, PENDING)
    for run_id in file_pending(project.repository, project.config.branch, refs):
        tell(f"note: run {run_id}, which waited for its branch, is filed")


def _name_left_out(snapshot: Snapshot, tell: Tell) -> None:
    untracked = snapshot.untracked
    groups = (
        (untracked.large, "not recorded, for it is large: the run cannot be reproduced without it"),
        (untracked.secret, "not recorded, for its name is that of a secret"),
        (untracked.environments, "not recorded, for it is an environment; better ignore it"),
        (untracked.special, "not recorded, for it is no regular file"),
        (
            sorted(set(untracked.nested).difference(snapshot.refused)),
            "recorded as its commit alone, for it is a repository of its own",
        ),
        (snapshot.refused, "not recorded, for git cannot add it"),
    )
    for paths, why in groups:
        for path in paths:
            tell(f"note: '{path}' is {why}")


def _clear(project: Project, plan: Plan, scratch: Path) -> None:
    ref = f"{RUNNING}{plan.id}"
    oid = project.repository.objects.commit(ref)
    if oid is not None:
        move(project.repository, [Move(ref, new=ABSENT, old=oid)], reason="gitexp: not started")
    shutil.rmtree(scratch, ignore_errors=True)
