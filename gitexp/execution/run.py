"""One run, from the plan to the commit."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.beside import attend, held_signals
from gitexp.execution.command import child as children
from gitexp.execution.kept.scratch import ENDED
from gitexp.execution.kept.settled import keep_for_run
from gitexp.execution.kept.written import keep_ended, keep_plan, keep_started
from gitexp.execution.overrides.params import OverriddenParams
from gitexp.execution.stages import Ending, Plan, Started, status_of
from gitexp.execution.start.look import OWN_EYES, Sight, enter, entry_of, look, mendable
from gitexp.execution.start.unprotected import unprotect_outputs
from gitexp.execution.tidying import clear, tidy_up
from gitexp.execution.work_tree.telling import places_to_watch
from gitexp.git.commits import write_commit
from gitexp.git.refs import create
from gitexp.model.command.text import command_text
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.store.own import IDENTITY, RUNNING

Tell = Callable[[str], None]


class RunNotRecorded(GitexpError):
    """The command ended, but its run could not be committed."""


class ProjectMoved(RunNotRecorded):
    """The command ended, and its project lies elsewhere by now."""

    def __init__(self, message: str, hint: str, run_id: str, ended: children.Ended) -> None:
        super().__init__(message, hint)
        self.run_id = run_id
        self.ended = ended


def _ignore(_: int) -> None:
    """Do nothing about a signal."""


def _always() -> None:
    """Let every command start."""


class Companion(Protocol):
    """Something that goes along with a command, made before it starts."""

    def begin(self, child: children.Child) -> None:
        """Go along with a command that has just started."""
        ...

    def end(self) -> None:
        """Come to an end: the command has, and its run is about to be recorded."""
        ...


class Way(Struct, frozen=True):
    """How a run is carried out."""

    shown: bool = True
    """Whether somebody watches the command; else its output goes to the log alone."""
    entry: Entry | None = None
    """The entry of the journal, if the run was entered before it was planned."""
    sight: Sight = OWN_EYES
    """What finds the files that the command will find."""
    heard: Callable[[int], None] = _ignore
    """Takes the signals that come while the run is being recorded, and must not end that."""
    may_start: Callable[[], None] = _always
    """Raises if the command is not to be started after all."""
    companion: Callable[[Started], Companion] | None = None
    """Makes what goes along with the command."""


_BY_HAND = Way()


def execute(project: Project, plan: Plan, tell: Tell, way: Way = _BY_HAND) -> Ending:
    """Run the plan's command and record the run.

    `tell` is given notes and warnings as they come up. Raises GitexpError if the
    command could not be started; RunNotRecorded if it could, but not be recorded.
    """
    if plan.others_wait:
        from gitexp.execution.waiting import file_waiting  # noqa: PLC0415 - 1 ms, only when runs wait

        file_waiting(project, tell)
    journal = Journal(project.repository)
    scratch = journal.scratch(plan.id)
    entry = _entered(project, plan, journal, way)
    params = OverriddenParams(project, plan, scratch)
    with contextlib.ExitStack() as held:
        try:
            with _undone_on_error(params), mendable(project):
                started = keep_start(project, plan, params, scratch, tell, way.sight)
                journal.wait_for_disk()
                ending = _run(started, params, journal, entry, way, held)
        except RunNotRecorded:
            raise  # the pieces stay where the message says they lie
        except BaseException:
            clear(project, plan, journal, entry)
            raise
        with contextlib.suppress(Exception):  # recorded: what is left here, the next gitexp finds
            tidy_up(project, plan, journal, entry)
    return ending


def _entered(project: Project, plan: Plan, journal: Journal, way: Way) -> Entry:
    """Have the plan written down, with its entry in the journal."""
    with mendable(project):
        if way.entry is not None:
            keep_plan(journal.scratch(plan.id), plan, in_copy=project.home is not None)
            return way.entry
        entry = entry_of(project, plan)
        enter(project, plan, journal, entry)
        return entry


def keep_start(
    project: Project, plan: Plan, params: OverriddenParams, scratch: Path, tell: Tell, sight: Sight
) -> Started:
    """Keep the project as it is now; from here on the run can be recovered."""
    rewritten = params.apply()
    started = look(project, plan, scratch, tell, rewritten=rewritten, sight=sight)
    if unprotect_outputs(started):
        started = look(project, plan, scratch, _say_nothing, rewritten=rewritten)
        started = replace(started, tell=tell)
    message = f"gitexp: {plan.name} is running\n\n{command_text(plan.command)}\n"
    oid, _ = write_commit(
        project.repository,
        tree=started.snapshot.tree,
        parents=(),
        message=message,
        identity=IDENTITY,
    )
    create(project.repository, f"{RUNNING}{plan.id}", oid, reason="gitexp: a run starts")
    started = replace(started, commit=oid)
    started.logged.mkdir(exist_ok=True)
    keep_started(started)
    keep_for_run(started)
    if project.config.capture:
        from gitexp.execution.kept.stores import make_stores  # noqa: PLC0415 - 3 ms, where something is captured

        make_stores(project, plan.id)
    return started


def _say_nothing(_: str) -> None:
    """Take what has been said before."""


def _run(
    started: Started,
    params: OverriddenParams,
    journal: Journal,
    entry: Entry,
    way: Way,
    held: contextlib.ExitStack,
) -> Ending:
    """Start the command, and see it through to its commit; what is `held` stays so."""
    plan, project = started.plan, started.project
    way.may_start()
    companion = way.companion(started) if way.companion is not None else None
    held.enter_context(held_signals(started.tell, way.heard))
    with (
        _watched(started) as watched,
        children.start(
            plan.argv,
            cwd=project.repository.top / project.directory,
            env=started.environment,
            log=started.log,
            timeout=plan.request.timeout,
            shown=way.shown,
        ) as child,
        _told_on_failure(started, child),
    ):
        try:
            with contextlib.suppress(OSError):  # the environment of the command shows it as well
                journal.note_child(entry, child.pid)
            if companion is not None:
                child.follow(companion.end)
                companion.begin(child)
            # 5 and 30 ms, while the command runs; the first must not miss a short one.
            from gitexp.execution.record.surroundings import watch  # noqa: PLC0415 - as above

            watching = watch(started, child.pid)
            attend(started, child)
            from gitexp.execution.record.conclude import conclude  # noqa: PLC0415 - as above

            return conclude(watched, child, params, watching)
        finally:
            if status_of(child.wait()) != "done":
                params.restore()


@contextlib.contextmanager
def _watched(started: Started) -> Iterator[Started]:
    """Give what is started with a look at the held-out data, and at what earlier runs left."""
    project = started.project
    asked = () if started.plan.request.allow_held_out else project.config.held_out
    held_out = {path: project.root / path for path in asked}
    untracked = started.snapshot.untracked
    earlier = places_to_watch(project.repository.top, started.watched, untracked)
    if not held_out and not earlier:
        yield started
        return
    # 2 ms, where something is held out, or was left
    from gitexp.execution.work_tree.opened import watch_first_opened, watch_opened  # noqa: PLC0415

    with watch_opened(held_out) as opened, watch_first_opened(earlier) as read:
        yield replace(started, opened=opened, read=read)


@contextlib.contextmanager
def _told_on_failure(started: Started, child: children.Child) -> Iterator[None]:
    """Say where the pieces lie when a run cannot be recorded."""
    try:
        yield
    except BaseException as error:
        ended = child.wait()
        with contextlib.suppress(OSError):  # nobody else has seen it
            scratch = _scratch(started)
            if not (scratch / ENDED).exists():
                keep_ended(scratch, ended)
        how = f"exit code {ended.code}" if ended.code is not None else f"{ended.signal}"
        if not started.scratch.exists():
            raise _gone(started, ended, how) from error
        raise RunNotRecorded(
            f"the command ended with {how}, but run '{started.plan.name}' could not be "
            f"recorded: {error}",
            hint="Nothing was deleted, and the next gitexp command tries again. Until then the "
            "outputs are in the work tree, the code as it ran in "
            f"`git show {RUNNING}{started.plan.id}`, its output in '{started.log}'.",
        ) from error


def _scratch(started: Started) -> Path:
    """Return the folder of a run, also if the project was moved: our own folder moves with it."""
    project = started.project
    before = project.repository.top / project.directory
    moved = Path.cwd() / os.path.relpath(started.scratch, before)
    return moved if moved.is_dir() and not started.scratch.is_dir() else started.scratch


def _gone(started: Started, ended: children.Ended, how: str) -> RunNotRecorded:
    """Say what became of a run whose folder is no longer there."""
    text, git_dir = f"the command ended with {how}, but ", started.project.repository.common_dir
    name, hint = started.plan.name, "`gitexp save` records what there is now."
    if not (git_dir / "HEAD").exists():
        text += f"'{git_dir}' is gone, and run '{name}' with it"
        hint = "If the project was moved, the next gitexp command there records the run."
        return ProjectMoved(text, hint, started.plan.id, ended)
    if _is_recorded(started):  # `gitexp doctor --recover`, from another machine
        text += f"run '{name}' was recovered by another process while it ran"
    else:
        text += f"what '{git_dir}' held of run '{name}' is gone: it cannot be recorded"
    return RunNotRecorded(text, hint)


def _is_recorded(started: Started) -> bool:
    with contextlib.suppress(Exception):  # a repository that is another one by now
        started.project.runs.look_again()
        named = started.project.runs.index.named(started.plan.id, project=None)
        return any(run.id == started.plan.id for run in named)
    return False


@contextlib.contextmanager
def _undone_on_error(params: OverriddenParams) -> Iterator[None]:
    """Put params files back if the command did not even start."""
    try:
        yield
    except RunNotRecorded:
        raise
    except BaseException:
        params.restore()
        raise
