"""From the end of a command to its commit: the place where nothing may be lost."""

from __future__ import annotations

import contextlib
import functools

from msgspec.structs import replace

from gitexp.execution.command.child import Ended
from gitexp.execution.left import beside_notes
from gitexp.execution.record.before import metrics_before
from gitexp.execution.record.diverged import diverged
from gitexp.execution.record.folder import gitexp_files, masked_record
from gitexp.execution.record.held_out import read_held_out
from gitexp.execution.record.learned import Learned, with_read
from gitexp.execution.record.logged import NOTHING_LOGGED, logged_by
from gitexp.execution.record.net import attempt
from gitexp.execution.record.outputs import put_outputs
from gitexp.execution.record.read import put_read
from gitexp.execution.record.record import make_record
from gitexp.execution.record.remarks import absent_data, unwritten_data
from gitexp.execution.record.tree import RunTree
from gitexp.execution.record.unnamed import unnamed_values
from gitexp.execution.stages import Ending, Outcome, Started
from gitexp.git.commits import write_commit
from gitexp.git.refs import ABSENT, Move, RefMoved, move
from gitexp.mirroring import mirror
from gitexp.model.message import Before, message_text
from gitexp.model.record import Documents, RunRecord, attempt_text
from gitexp.store.branch import Recorded
from gitexp.store.facts import append as append_facts
from gitexp.store.own import IDENTITY, RUNNING
from gitexp.store.pending import append
from gitexp.store.stored_run import StoredRun


def record_run(started: Started, ended: Ended, learned: Learned, outcome: Outcome) -> Ending:
    """Commit a run, whatever became of its command."""
    project, tell = started.project, started.tell
    tree = RunTree(project.repository, started.snapshot, started.scratch, started.plain)
    outputs = put_outputs(started, outcome, tree)
    learned = with_read(started, learned, outcome.read)
    lost = "pointers that were out of date stay so"
    attempt(tell, lost, lambda: _put_refreshed(started, learned, outcome, tree), None)
    lost = "what earlier runs wrote and this one read is not named"
    sources = attempt(tell, lost, lambda: put_read(started, outcome, tree), {})
    lost = "what was logged is not in the run"
    logged = attempt(tell, lost, lambda: logged_by(started, outputs, tree), NOTHING_LOGGED)
    used = attempt(tell, "what the command used is not known", started.rows, [])
    record = make_record(started, ended, learned, outcome, outputs, logged, used)
    record = _judged(started, replace(record, read=sources))
    lost = "metrics are compared with none"
    previous = attempt(tell, lost, lambda: _previous(started, record), Before())
    record, content = masked_record(started, record)
    tree.put(gitexp_files(started, learned, content, logged, used))
    message = _message(started, record, previous.metrics)
    recorded = _append(started, tree.write(), message)
    for warning in recorded.warnings:
        tell(f"warning: {warning}")
    run = StoredRun(recorded.oid, record.id, record.name, record.project, content, known=record)
    if not started.plan.request.unrecorded:
        with contextlib.suppress(Exception):  # the run is recorded; the index comes back by itself
            project.runs.index.add(run, parent=recorded.parent)
        attempt(tell, "DVC does not see the run", lambda: mirror(project, [run], tell), None)
        lost = "the attempt before does not say how its job has gone on"
        attempt(tell, lost, lambda: _tell_earlier(started, record), None)
    notes = attempt(tell, "no notes on data", lambda: _remarks(started, record, outcome), ())
    return Ending(ended, run, previous, notes)


def _put_refreshed(started: Started, learned: Learned, outcome: Outcome, tree: RunTree) -> None:
    if not learned.refreshed:
        return
    from gitexp.execution.record.refreshed import put_refreshed  # noqa: PLC0415 - 0.3 ms of each run, where there are some

    put_refreshed(started, learned, outcome, tree)


def _previous(started: Started, record: RunRecord) -> Before:
    rerun_of = started.plan.request.rerun_of
    return metrics_before(started.project, record, started.declared, rerun_of)


def _judged(started: Started, record: RunRecord) -> RunRecord:
    """Return the record with what became of its hypothesis, if there is one."""
    if record.hypothesis is None:
        return record
    from gitexp.execution.record.verdict import with_verdict  # noqa: PLC0415 - 20 ms, for `--expect` alone

    lost = "the hypothesis is not judged"
    return attempt(started.tell, lost, lambda: with_verdict(started, record), record)


def _message(started: Started, record: RunRecord, previous: Documents) -> str:
    """Return the commit's message; if numbers are what it cannot be made of, without them."""
    policy = started.project.config.policy
    whole = functools.partial(message_text, record, policy, previous)
    return attempt(started.tell, "the commit's subject has no metrics", whole, "") or message_text(
        replace(record, metrics={}), policy, {}
    )


def _append(started: Started, tree: str, message: str) -> Recorded:
    """Put the run onto the branch; in the same moment the ref that kept its snapshot goes."""
    project, run_id = started.project, started.plan.id
    if started.plan.request.unrecorded:
        return _held(started, tree, message)
    branch = project.config.branch
    add = functools.partial(
        append, project.repository, branch, tree=tree, message=message, run_id=run_id
    )
    kept = Move(f"{RUNNING}{run_id}", new=ABSENT, old=started.commit)
    try:
        return add(done=(kept,) if started.commit else ())
    except RefMoved:  # somebody deleted that ref
        return add()


def _held(started: Started, tree: str, message: str) -> Recorded:
    """Make a commit that no ref holds: git keeps it for as long as it is looked at."""
    repository = started.project.repository
    parents = [started.commit] if started.commit else []
    oid, _ = write_commit(
        repository, tree=tree, parents=parents, message=message, identity=IDENTITY
    )
    kept = Move(f"{RUNNING}{started.plan.id}", new=ABSENT, old=started.commit)
    with contextlib.suppress(RefMoved):  # somebody deleted that ref
        move(repository, [kept] if started.commit else [], reason="gitexp: looked at")
    return Recorded(oid, oid)


def _remarks(started: Started, record: RunRecord, outcome: Outcome) -> tuple[str, ...]:
    remarks = (
        *unwritten_data(started, record),
        *absent_data(started, record),
        *unnamed_values(started, record, outcome),
        *read_held_out(started, record),
    )
    beside = (f"note: {text}" for text in beside_notes(started, outcome))
    return (*beside, *remarks, *diverged(started, outcome))


def _tell_earlier(started: Started, record: RunRecord) -> None:
    """Say of the attempt before, as a comment on it, under which name its job has gone on."""
    if record.job is None or record.job.earlier is None:
        return
    project = started.project
    text = f"goes on as '{record.name}', {attempt_text(record.job)}"
    found = project.runs.index.named(record.job.earlier, project=None)
    append_facts(project.repository, [(run, "note", text) for run in found[:1]])
