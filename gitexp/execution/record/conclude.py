"""What is done while a command runs, and after it; imported only when it has started."""

from __future__ import annotations

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.command.child import Child, Ended
from gitexp.execution.kept.written import keep_ended, keep_outcome, put_onto_disk
from gitexp.execution.left import outlived
from gitexp.execution.overrides.params import OverriddenParams
from gitexp.execution.record.commit import record_run
from gitexp.execution.record.learned import Learned, Preloading, learn
from gitexp.execution.record.net import attempt, surely
from gitexp.execution.record.outcome import outcome_of
from gitexp.execution.record.pipeline import resolved
from gitexp.execution.record.remarks import mismatched
from gitexp.execution.stages import Ending, Outcome, Started, status_of


def conclude(started: Started, child: Child, params: OverriddenParams) -> Ending:
    """Learn what can be learned while the command runs, wait for its end, and record it."""
    started = replace(started, tell=surely(started.tell))
    tell, scratch = started.tell, started.scratch
    preloading = Preloading()
    try:
        started = resolved(started)
        learned = learn(started)
        if not child.has_ended:
            attempt(tell, "not flushed", lambda: put_onto_disk(started), None)
    finally:
        ended = child.wait()
        preloading.end()
        if scratch.is_dir():
            attempt(tell, "the end is not kept", lambda: keep_ended(scratch, ended), None)
    if not scratch.is_dir():
        raise GitexpError("another process has recorded it")
    outcome = outcome_of(started)
    attempt(tell, "what was written is not kept", lambda: keep_outcome(scratch, outcome), None)
    return _conclude(started, ended, learned, outcome, params, leader=child.pid)


def conclude_lost(
    started: Started, ended: Ended, outcome: Outcome, params: OverriddenParams
) -> Ending:
    """Record a run whose gitexp was killed, with what exists."""
    return _conclude(started, ended, learn(started), outcome, params, leader=None)


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
    started = replace(started, declared=started.declared.also(outcome.pipeline))
    attempt(
        started.tell, "no notes on models", lambda: _name_ignored_models(started, outcome), None
    )
    put_back = False
    if status_of(ended) != "done":
        were_set, warnings = params.are_set, params.restore()
        put_back = were_set and not warnings
        for warning in warnings:
            started.tell(f"warning: {warning}")
    ending = record_run(started, ended, learned, outcome)
    if not put_back or started.project.home is not None:  # nobody goes on in a copy
        return ending
    remarks = attempt(started.tell, "no notes", lambda: (*mismatched(started, outcome),), ())
    return replace(ending, notes=(*ending.notes, *remarks))


def _name_ignored_models(started: Started, outcome: Outcome) -> None:
    """Say which models were written that git ignores and nothing names."""
    behind = {one.pointer.path for one in started.watched}
    for path in outcome.ignored_models:
        if path not in behind and not started.declared.pipeline.cached_out_of(path):
            started.tell(
                f"note: '{path}' was written but git ignores it: not recorded "
                "(`track:` in gitexp.yaml records it)"
            )
