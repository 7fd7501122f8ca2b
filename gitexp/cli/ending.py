"""What a command that runs commands says of them, and returns."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from gitexp.cli.options import tell, wants_colour
from gitexp.comparison.naming import key_of
from gitexp.errors import ExitCode, RunExitCode, reason_of
from gitexp.execution.command.child import Ended
from gitexp.execution.command.process import CommandNotExecutable, CommandNotFound
from gitexp.execution.kept.logs import ends_a_line
from gitexp.execution.stages import Ending, Plan
from gitexp.execution.start.called_from import project_hint
from gitexp.model.command.text import command_text
from gitexp.model.message import last_line, numbers_by_name
from gitexp.model.numbers import counted
from gitexp.model.patterns import Patterns, is_pattern
from gitexp.model.record import RunRecord
from gitexp.project import Project
from gitexp.settings.config import Config
from gitexp.store.stored_run import StoredRun

_SHOWN = 3


@contextlib.contextmanager
def stdout_for_record(as_json: bool) -> Iterator[int]:
    """With `--json`, keep stdout for the record alone: the command's goes to stderr."""
    if not as_json:
        yield 1
        return
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield kept
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def not_started(error: CommandNotFound | CommandNotExecutable) -> RunExitCode:
    """Say why there was nothing to run, and return what `env` does then."""
    from gitexp.cli.failures import show_error  # noqa: PLC0415 - 1 ms, on the way out alone

    show_error(error)
    is_missing = isinstance(error, CommandNotFound)
    return RunExitCode.NOT_FOUND if is_missing else RunExitCode.NOT_EXECUTABLE


def report_ending(project: Project, ending: Ending, record_out: int | None) -> None:
    """Say what was recorded; it is, so whatever fails here, the status is the command's."""
    try:
        _say(project, ending, record_out)
    except Exception as error:  # noqa: BLE001 - as above
        tell(f"warning: the run is recorded, but not reported: {reason_of(error)}")


def _say(project: Project, ending: Ending, record_out: int | None) -> None:
    if record_out is not None:
        with contextlib.suppress(OSError):  # whoever read our output has gone
            os.write(record_out, ending.run.content)
    if not ends_a_line(project, ending.run.id):
        tell("")  # a progress bar leaves the cursor where it is
    text = last_line(ending.record, project.config.policy, ending.previous)
    tell(text, bold=wants_colour(sys.stderr))
    missing = _missing(project, ending.record)
    if missing and ending.record.status == "done":
        tell(f"note: {_unwritten(missing)}")
        if hint := project_hint(project):
            tell(f"hint: {hint}")
    for text in (*_slips(project, ending.record), *ending.notes):
        tell(text)
    for path in ending.record.changed_meanwhile:
        tell(
            f"note: '{path}' changed while the command ran; the run holds it as at the start "
            "(name it under `outputs:` if the command writes it)"
        )


def _slips(project: Project, record: RunRecord) -> Iterator[str]:
    """Yield what is wrong with rules that guard nothing, because a metric is spelt otherwise."""
    policy = project.config.policy
    names = numbers_by_name(record.metrics)
    if record.status != "done" or not names or all(policy.rule(one) for one in names):
        return
    from gitexp.comparison.slips import slips  # noqa: PLC0415 - 1 ms, where a metric has no rule

    for name, meant in slips(policy, names):
        known = project.runs.index.columns(project.folder)
        if not any(one.kind == "metrics" and key_of(one.name) == name for one in known):
            yield f"note: policy: no metric is called '{name}'; did you mean '{meant}'?"


def _missing(project: Project, record: RunRecord) -> list[str]:
    """Return the metrics files that were expected; the default is not, if others are there."""
    config = project.config
    if record.metrics and config.metrics == Config().metrics:
        return []
    patterns = {**{name: name for name in config.metrics}, **config.renamed_metrics}
    names = (name for name in patterns if name not in record.left_out)  # a note says why
    if record.metrics:  # a pattern says where metrics may be, if the program logs there
        names = (name for name in names if not is_pattern(patterns[name]))
    return [name for name in names if not _is_written(name, patterns[name], record)]


def _unwritten(names: Sequence[str]) -> str:
    """Return the words for metrics files that a run did not write."""
    if len(names) == 1:
        return f"'{names[0]}' was not written, so the run has no metrics from it"
    shown = ", ".join(f"'{name}'" for name in names[:_SHOWN])
    more = f" and {counted(len(names) - _SHOWN, 'other')}" if len(names) > _SHOWN else ""
    return f"{shown}{more} were not written, so the run has no metrics from them"


def _is_written(name: str, pattern: str, record: RunRecord) -> bool:
    if name in record.metrics or any(c in name for c in "*?["):
        return True
    written = Patterns.anchored([pattern])
    return any(map(written.match, record.outputs))


def status_of_command(ending: Ending) -> int:
    """Return the exit status that the command of a run stands for."""
    return status_of_ended(ending.ended)


def status_of_ended(ended: Ended) -> int:
    """Return the exit status that the end of a command stands for."""
    if ended.reason == "timeout":
        return RunExitCode.TIMED_OUT
    if ended.code is not None:
        return ended.code
    return 128 + _number(ended.signal) if ended.signal else ExitCode.BUG


def _number(name: str) -> int:
    base, _, offset = name.partition("+")  # as SIGRTMIN+6
    return int(getattr(signal, base)) + int(offset or 0)


def dry_text(plan: Plan) -> str:
    """Return what would be run."""
    lines = [f"run       {plan.name}", f"command   {command_text(plan.command)}"]
    lines.append(f"baseline  {plan.baseline}")
    lines += [f"override  {text}" for text in plan.request.overrides]
    if plan.hypothesis is not None:
        lines.append(f"expected  {plan.hypothesis.expect}")
    return "\n".join(lines)


@contextlib.contextmanager
def used_environment(project: Project, run: StoredRun, *, wanted: bool) -> Iterator[Path | None]:
    """Give the Python of the environment that a run had, if that is wanted; it goes afterwards."""
    if not wanted:
        yield None
        return
    from gitexp.rerunning.environment import environment_of_run  # noqa: PLC0415 - 1 ms, for `--env` alone

    tell(f"making the environment of '{run.name}'")
    with environment_of_run(project, run, tell) as python:
        yield python
