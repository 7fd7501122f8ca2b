"""What is done while a command runs, and after it; imported only when it has started."""

from __future__ import annotations

import contextlib
import os

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.command.child import Child, Ended
from gitexp.execution.command.pieces import gather
from gitexp.execution.environment.observed import Watch
from gitexp.execution.kept.written import (
    keep_again,
    keep_ended,
    keep_outcome,
    put_onto_disk,
)
from gitexp.execution.left import outlived
from gitexp.execution.overrides.params import OverriddenParams
from gitexp.execution.record.awakened import awakened
from gitexp.execution.record.commit import record_run
from gitexp.execution.record.learned import Learned, learn
from gitexp.execution.record.net import Tell, attempt, surely, twice
from gitexp.execution.record.outcome import outcome_of
from gitexp.execution.record.pipeline import resolved
from gitexp.execution.record.preloading import Preloading
from gitexp.execution.record.remarks import mismatched, name_outside
from gitexp.execution.record.settle import settle
from gitexp.execution.record.surroundings import kept_environment, seen_environment
from gitexp.execution.stages import Ending, Outcome, Started, status_of
from gitexp.model.paths import TopPath
from gitexp.pointers.stored import ignore_file
from gitexp.store.own import RUNNING

_A_MOMENT = 0.03
"""Seconds after which it pays to provide for a power cut; a shorter command can be repeated, and
that costs less than to wait for the disk."""
_HEEDED = 300
"""Seconds within which a command may end because of such a signal: a checkpoint takes time."""


def conclude(
    started: Started, child: Child, params: OverriddenParams, watching: Watch | None
) -> Ending:
    """Learn what can be learned while the command runs, wait for its end, and record it."""
    started = replace(started, tell=surely(started.tell))
    tell, scratch = started.tell, started.scratch
    preloading = Preloading((started.project.root, started.project.repository.top))
    try:
        started = resolved(started)
        learned = learn(started)
        lost = "the next run looks through the outputs of earlier ones"
        attempt(tell, lost, lambda: settle(started), None)
        if not child.wait_for_end(_A_MOMENT):
            attempt(tell, "not flushed", lambda: put_onto_disk(started), None)
    finally:
        ended = child.wait()
        preloading.end()
        if scratch.is_dir():
            attempt(tell, "the end is not kept", lambda: keep_ended(scratch, ended), None)
    _leave_gone_folder(started)
    if not scratch.is_dir():
        _begin_again(started, ended)
    learned = replace(learned, environment=seen_environment(started, watching))
    if child.log_failure is not None:
        lost = "the command's output is not whole in the run"
        attempt(tell, lost, lambda: gather(started.log), None)
    attempt(tell, "no notes on signals", lambda: _name_warning(child, ended, tell), None)
    started = awakened(started)
    outcome = outcome_of(started)
    attempt(tell, "what was written is not kept", lambda: keep_outcome(scratch, outcome), None)
    return _conclude(started, ended, learned, outcome, params, leader=child.pid)


def _leave_gone_folder(started: Started) -> None:
    """Go to the top if the command has removed the folder that we are in: DVC would fail there.

    That is so too where it has made the folder again, as it does with one for outputs.
    """
    try:
        os.getcwd()  # noqa: PTH109 - whether there is one
    except OSError:
        with contextlib.suppress(OSError):
            os.chdir(started.project.repository.top)


def _name_warning(child: Child, ended: Ended, tell: Tell) -> None:
    """Say if the command may have stopped for a signal with which schedulers warn of the end."""
    last = child.last_message
    if status_of(ended) == "done" and last is not None and last[1] < _HEEDED:
        tell(
            f"note: the command was sent {last[0]} {last[1]:.0f} s before it ended: if it stopped "
            "for that, its numbers are those of a run that is not whole"
        )


def _begin_again(started: Started, ended: Ended) -> None:
    """Make the folder of a run again, which somebody has removed; not if the run is recorded.

    The ref of its snapshot tells: that goes with the folder of gitexp's only if it is recorded.
    """
    repository = started.project.repository
    is_there = (repository.common_dir / "HEAD").exists()
    if not is_there or repository.objects.commit(f"{RUNNING}{started.plan.id}") is None:
        raise GitexpError(f"'{started.scratch}' is gone")
    keep_again(started, ended.started)
    started.tell(
        f"warning: '{started.scratch}' was removed while the command ran: its output is lost"
    )


def conclude_lost(
    started: Started, ended: Ended, outcome: Outcome, params: OverriddenParams
) -> Ending:
    """Record a run whose gitexp was killed, with what exists."""
    started = replace(started, is_late=True)
    learned = replace(learn(started), environment=kept_environment(started))
    return _conclude(started, ended, learned, outcome, params, leader=None)


def _conclude(
    started: Started,
    ended: Ended,
    learned: Learned,
    outcome: Outcome,
    params: OverriddenParams,
    *,
    leader: int | None,
) -> Ending:
    lost = "whether processes were left behind is not known"
    notes = attempt(started.tell, lost, lambda: outlived(started, leader), ())
    outcome = replace(outcome, notes=notes)
    declared = started.declared.also(outcome.pipeline).through(outcome.links.inside)
    started = replace(started, declared=declared)
    attempt(
        started.tell, "no notes on models", lambda: _name_ignored_models(started, outcome), None
    )
    lost = "no notes on links"
    attempt(started.tell, lost, lambda: name_outside(started, outcome), None)
    put_back = False
    if status_of(ended) != "done":
        were_set, warnings = params.are_set, params.restore()
        put_back = were_set and not warnings
        for warning in warnings:
            started.tell(f"warning: {warning}")
    ending = twice(started.tell, lambda tell: _recorded(started, ended, learned, outcome, tell))
    if not put_back or started.project.home is not None:  # nobody goes on in a copy
        return ending
    remarks = attempt(started.tell, "no notes", lambda: (*mismatched(started, outcome),), ())
    return replace(ending, notes=(*ending.notes, *remarks))


def _recorded(
    started: Started, ended: Ended, learned: Learned, outcome: Outcome, tell: Tell
) -> Ending:
    return record_run(replace(started, tell=tell), ended, learned, outcome)


def _name_ignored_models(started: Started, outcome: Outcome) -> None:
    """Say which models were written that git ignores and nothing names."""
    behind = {one.pointer.path for one in started.watched}
    for path in outcome.ignored_models:
        declared = started.declared
        of_stage = any(map(declared.pipeline.cached_out_of, declared.called(path)))
        if path not in behind and not of_stage:
            name = declared.name(path)
            started.tell(
                f"note: '{name}' was written but git ignores it: not recorded "
                f"({_way_to_record(started, path)})"
            )


def _way_to_record(started: Started, path: str) -> str:
    """Return what has a model recorded that git ignores; a pointer that is gone leaves its line."""
    file = started.project.repository.top / ignore_file(path)
    line = f"/{path.rpartition('/')[2]}"
    with contextlib.suppress(OSError):
        if line.encode() in file.read_bytes().splitlines():
            name = started.project.name(TopPath(ignore_file(path)))
            return (
                f"a pointer that is gone may have left '{line}' in '{name}'; "
                "without that line it is recorded"
            )
    return "`track:` in gitexp.yaml records it"
