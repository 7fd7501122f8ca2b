"""One run of a command, from what was asked for to what is said of it."""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading

import click
from msgspec import Struct
from msgspec.structs import replace

from gitexp.cli.ending import dry_text, report_ending, status_of_command, stdout_for_record
from gitexp.cli.options import follow_up, recover_runs, say, tell
from gitexp.errors import ExitCode, GitexpError
from gitexp.execution.run import execute
from gitexp.execution.stages import Ending, Plan, Request
from gitexp.execution.start.attempts import note_of
from gitexp.execution.start.called_from import away_from_script
from gitexp.execution.start.prepare import overruled, prepare
from gitexp.execution.start.taken import WorkTreeTaken, wait_for_work_tree
from gitexp.model.command.special import NOTEBOOK
from gitexp.model.command.text import command_text
from gitexp.model.text import harmless_json
from gitexp.project import Project
from gitexp.store.own import own_folder
from gitexp.store.stored_run import StoredRun

_RECORDS = (
    "gitexp.execution.record.surroundings",
    "gitexp.execution.record.conclude",
    "gitexp.execution.environment.machine",
    "gitexp.store.index.fill",
)


class How(Struct, frozen=True):
    """How the command is run, whatever it is."""

    temp: bool = False
    """In a copy of the work tree."""
    copied: tuple[str, ...] = ()
    wait: bool = False
    dry_run: bool = False
    needed: bool = False
    """Only if no run is known that had the same inputs and the same command."""
    as_json: bool = False


class Ran(Struct, frozen=True):
    """What became of it."""

    status: int
    ending: Ending | None = None
    """None if nothing was run."""
    known: StoredRun | None = None
    """The run that was there before, and made another one needless."""

    @property
    def run(self) -> StoredRun | None:
        """The run that stands for it."""
        return self.ending.run if self.ending is not None else self.known


def run_once(project: Project, request: Request, how: How) -> Ran:
    """Run the command and record it, say what came of it, and return that."""
    if not how.wait or how.temp or how.dry_run:
        return _run_once(project, request, how)
    while True:
        wait_for_work_tree(project, tell, request.around)
        recover_runs(project, most_bytes=None)  # what was waited for may have been cut off
        try:
            return _run_once(project, request, how)
        except WorkTreeTaken:  # by another that had waited, and was faster
            project.runs.refresh()


def _run_once(project: Project, request: Request, how: How) -> Ran:
    if how.needed:
        known = _known(project, request)
        if known is not None:
            _tell_known(project, known, as_json=how.as_json)
            return Ran(ExitCode.OK, known=known)
    if not how.dry_run:
        _import_meanwhile(_RECORDS[:1] if _takes_its_time(request.command) else _RECORDS)
    plan = prepare(project, request)
    _tell_of_plan(project, plan)
    if how.dry_run:
        say(dry_text(plan))
        return Ran(ExitCode.OK)
    with stdout_for_record(how.as_json) as record_out:
        with _place(project, plan, how) as own:
            ending = execute(own, plan, tell)
        report_ending(project, ending, record_out if how.as_json else None)
        _tell_of_init(project, ending)
        _tell_of_params(project, plan, how, ending)
    follow_up(project, ending.run.id)
    return Ran(status_of_command(ending), ending)


def _tell_of_plan(project: Project, plan: Plan) -> None:
    """Say what may not be meant as it was asked for."""
    if going_on := note_of(plan):
        tell(going_on)
    for one, later in overruled(plan):
        tell(f"note: '{one.name}' is set more than once: the last counts, '{later.text}'")
    if not plan.request.command and (way := away_from_script(project, "run")):
        tell(f"note: {way}")
    if plan.overrides and plan.command and plan.command[0].endswith(NOTEBOOK):
        from gitexp.execution.start.notebook import shadowing_note  # noqa: PLC0415 - 5 ms, for notebooks alone

        if note := shadowing_note(project, plan.command, plan.overrides):
            tell(note)


def _takes_its_time(command: tuple[str, ...]) -> bool:
    """Return whether a command starts a Python, or what the settings name.

    >>> _takes_its_time(("python3", "-m", "train")), _takes_its_time(("uv", "run", "a.py"))
    (True, True)
    >>> _takes_its_time(("true",)), _takes_its_time(("./simulate",))
    (False, False)
    """
    return not command or any(
        "python" in word or word.endswith((".py", ".ipynb")) for word in command
    )


def _import_meanwhile(names: tuple[str, ...]) -> None:
    """Import what records a run in a thread of its own: much of the start is waiting for git.

    Of commands that end at once that saves 10 ms. Where a Python starts, what is needed only when
    it has ended is imported while it does: before, that would delay it by 8 ms.
    """

    def import_them() -> None:
        with contextlib.suppress(Exception):  # whoever needs it will say what is wrong
            for name in names:
                importlib.import_module(name)

    with contextlib.suppress(RuntimeError):  # no thread can be started: it is imported later
        threading.Thread(target=import_them, name="importing", daemon=True).start()


def _tell_of_init(project: Project, ending: Ending) -> None:
    """Say once what `gitexp init` would find, after a first program that left no metrics."""
    record = ending.record
    if record.status != "done" or record.metrics or record.python is None:
        return
    from gitexp.cli.found import hint_of_first_run  # noqa: PLC0415 - 20 ms, where metrics are missing

    with contextlib.suppress(GitexpError, OSError):
        hint = hint_of_first_run(project)
        if hint is not None:
            tell(hint)


def _tell_of_params(project: Project, plan: Plan, how: How, ending: Ending) -> None:
    """Say to a person, once in a clone, that files keep what `-S` has set."""
    is_kept = plan.edits and not how.temp and ending.record.status == "done"
    if not is_kept or not sys.stderr.isatty():
        return
    with contextlib.suppress(OSError):  # it is there, so it was said
        own_folder(project.repository).told_params.touch(exist_ok=False)
        names = command_text(sorted(plan.edits))
        tell(
            f"note: what was set stays in {names}: `git restore {names}` takes it back, and runs "
            "of `--temp` leave the work tree as it is"
        )


def _known(project: Project, request: Request) -> StoredRun | None:
    """Return a run that makes this one needless, by what it would begin with."""
    from gitexp.inputs.covered import covering_run, why_not_covered  # noqa: PLC0415 - 40 ms with the one below, for `--needed` alone
    from gitexp.sweep.origin import looked_at  # noqa: PLC0415

    unnamed = replace(request, name=None, job=None, expect=None)  # they make no other result
    plan = prepare(project, unnamed)
    with looked_at(project, plan, _say_nothing) as base:
        inputs = base.inputs_with(plan.edits)
        found = covering_run(project, inputs, plan.command)
        if found is None and (why := why_not_covered(project, inputs, plan.command)):
            tell(f"note: {why}")
        return found


def _say_nothing(_: str) -> None:
    """The run itself tells, if it is needed."""


def _tell_known(project: Project, known: StoredRun, *, as_json: bool) -> None:
    from gitexp.model.message import subject  # noqa: PLC0415 - 1 ms, as above

    if as_json:
        click.echo(harmless_json(known.content.decode()), nl=False)
    tell(
        f"not needed: a run with these inputs and this command is known\n"
        f"{subject(known.record, project.config.policy, {})}"
    )


def _place(project: Project, plan: Plan, how: How) -> contextlib.AbstractContextManager[Project]:
    if not how.temp:
        return contextlib.nullcontext(project)
    from gitexp.execution.start.isolation import isolated  # noqa: PLC0415 - 2 ms, for `--temp` alone

    return isolated(project, plan, how.copied, tell)
