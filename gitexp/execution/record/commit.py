"""From the end of a command to its commit: the place where nothing may be lost."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from gitexp.data.replacing import replace_content
from gitexp.errors import GitexpError
from gitexp.execution.command.child import Ended
from gitexp.execution.command.log import excerpt, excerpt_of_file
from gitexp.execution.record.learned import Meanwhile
from gitexp.execution.record.metrics import baseline_metrics, metrics_of
from gitexp.execution.record.record import Facts, data_pointers, make_record
from gitexp.execution.record.remarks import absent_data, unwritten_data
from gitexp.execution.record.tree import RunTree
from gitexp.execution.secrets.finding import Finding, mask_secrets
from gitexp.execution.secrets.guard import without_secrets
from gitexp.execution.stages import Ending, Outcome, Started
from gitexp.execution.work_tree.files import signatures
from gitexp.git.refs import ABSENT, Move, RefMoved
from gitexp.git.trees import Entry
from gitexp.mirroring import mirror
from gitexp.model.message import message_text
from gitexp.model.paths import ProjectPath
from gitexp.model.record import RunRecord
from gitexp.model.record_json import from_json, to_json
from gitexp.pointers.models import Stored, behind_pointers, ignore_file, store_outputs
from gitexp.revisions.roles import earlier_outputs
from gitexp.store.own import RUNNING
from gitexp.store.pending import append
from gitexp.store.reading import RECORD_NAME, StoredRun


def record_run(started: Started, ended: Ended, learned: Meanwhile, outcome: Outcome) -> Ending:
    """Commit a run, whatever became of its command."""
    project, scratch = started.project, started.scratch
    tree = RunTree(project.repository, started.snapshot, scratch)
    outputs = _outputs(started, outcome, tree)
    _inputs(started, learned, outcome, tree)
    facts = _facts(started, learned, outcome, outputs)
    record = make_record(project, started.plan, ended, learned, facts)
    previous = baseline_metrics(project, started.plan.baseline, started.declared)
    content = _without_secrets(started, to_json(record))
    record = from_json(content)
    tree.put(_gitexp_files(started, learned, content))
    message = message_text(record, project.config.policy, previous)
    add = functools.partial(
        append,
        project.repository,
        project.config.branch,
        tree=tree.write(),
        message=message,
        run_id=record.id,
    )
    try:
        kept = Move(f"{RUNNING}{record.id}", new=ABSENT, old=started.commit)
        recorded = add(done=(kept,) if started.commit else ())
    except RefMoved:  # somebody deleted the ref that kept the snapshot
        recorded = add()
    for warning in recorded.warnings:
        started.tell(f"warning: {warning}")
    run = StoredRun(recorded.oid, record.id, record.name, record.project, content)
    with contextlib.suppress(Exception):  # the run is recorded; the index comes back by itself
        project.runs.index.add(run, parent=recorded.parent)
    mirror(project, [run], started.tell)
    return Ending(ended, run, record, previous, _remarks(started, record))


def _remarks(started: Started, record: RunRecord) -> tuple[str, ...]:
    with contextlib.suppress(GitexpError, OSError):  # the run is recorded; let nothing hide that
        return (*unwritten_data(started, record), *absent_data(started, record))
    return ()


def _without_secrets(started: Started, record: bytes) -> bytes:
    """Return the record with secrets from the command's output masked: the last net."""
    masked, findings = mask_secrets(record)
    if not findings or started.plan.request.allow_secrets:
        return record
    kinds = ", ".join(sorted({one.kind for one in findings}))
    started.tell(f"warning: secrets are masked in the record of the run: {kinds}")
    return masked


_USUAL_LOG = 8_000_000
"""Bytes of a log that is looked at as a whole."""


class _Outputs(Struct, frozen=True):
    """What became of what the command wrote."""

    stored: Stored
    added: Mapping[str, Entry]
    """What git holds."""
    pointed: frozenset[str]
    """What lies behind pointers."""


def _outputs(started: Started, outcome: Outcome, tree: RunTree) -> _Outputs:
    """Put what the command wrote into the tree: blobs, or pointers for what is large."""
    project = started.project
    places = behind_pointers(
        project,
        outcome.written,
        tracked=started.snapshot.tracked,
        folders=outcome.folders,
        declared=started.declared,
    )
    pointed = {path for inside in places.values() for path in inside}
    data = [one.pointer.path for one in outcome.pointers]
    locked = {pointer.path: pointer for pointer in outcome.reproduced.outs}
    stored = store_outputs(
        project,
        [place for place in [*places, *data] if place not in locked],
        unwritten=started.declared.pipeline.cached,
    )
    stored.pointers += locked.values()
    for text in stored.notes:
        started.tell(f"note: {text}")
    for text in stored.warnings:
        started.tell(f"warning: {text}")
    blobs = [path for path in outcome.written if path not in pointed]
    clean = without_secrets(project.repository.top, blobs, started.tell)
    tree.remove(outcome.absent)
    tree.remove(set(blobs).difference(clean))
    tree.remove_below({*places, *locked})
    added = tree.add(clean)
    for path in sorted(set(clean).difference(added)):
        started.tell(f"warning: '{path}' is not recorded, because git cannot add it")
    tree.put(_ignore_files(started, locked))
    tree.put(stored.files)
    tree.ignore(stored.ignored)
    return _Outputs(stored, added, frozenset(pointed))


def _ignore_files(started: Started, outs: Iterable[str]) -> dict[str, bytes]:
    """Return each `.gitignore` in which `dvc repro` has just named its outs."""
    top, before = started.project.repository.top, started.snapshot.signatures
    now = signatures(top, {ignore_file(path) for path in outs})
    return {path: (top / path).read_bytes() for path, one in now.items() if before.get(path) != one}


def _inputs(started: Started, learned: Meanwhile, outcome: Outcome, tree: RunTree) -> None:
    """Refresh pointers that were out of date when the command read their data.

    Those whose data was written since are outputs, and already point at that.
    """
    written = {one.file for one in outcome.pointers}
    stale = [
        one for one in learned.watched if one.file in learned.refreshed and one.file not in written
    ]
    if not stale:
        return
    paths = {one.pointer.path for one in stale}
    stored = store_outputs(started.project, paths, unwritten=paths)
    for text in stored.warnings:
        started.tell(f"warning: {text}")
    for pointer in stored.pointers:
        if pointer.path in learned.read and pointer.md5 != learned.read[pointer.path].md5:
            started.tell(f"warning: '{pointer.path}' changed: what was read is not in the cache")
    tree.put({one.file: learned.refreshed[one.file] for one in stale})
    for one in stale:
        path = started.project.repository.top / one.file
        if path.is_file() and path.read_bytes() == one.content:
            replace_content(path, learned.refreshed[one.file])
            started.tell(f"note: '{one.file}' was out of date and now points at what was read")


def _facts(
    started: Started,
    learned: Meanwhile,
    outcome: Outcome,
    outputs: _Outputs,
) -> Facts:
    project, declared = started.project, started.declared
    stored, added = outputs.stored, outputs.added
    made = [pointer.path for pointer in stored.pointers]
    data = {one.pointer.path for one in outcome.pointers}
    rewritten = [path for path in outcome.existed if declared.is_model(path)]
    overwritten = {*rewritten, *data} if started.plan.command else ()
    missing = set(outcome.written).difference(added, _behind(outcome.written, made))
    left_out = {*missing, *outcome.left_out, *started.snapshot.refused}
    untracked = started.snapshot.untracked
    left_out.update(untracked.large, untracked.secret)
    return Facts(
        params=started.params,
        metrics=metrics_of(project, added, outputs.pointed, declared, started.tell),
        outputs=tuple(sorted({*added, *made})),
        overwritten=tuple(sorted(overwritten)),
        changed_meanwhile=outcome.changed_meanwhile,
        left_out=tuple(sorted(left_out)),
        pointers=data_pointers(
            project,
            learned,
            outcome,
            stored.pointers,
            {path for path in made if declared.is_output(path)} | earlier_outputs(project, made),
        ),
    )


def _behind(paths: tuple[str, ...], places: list[str]) -> set[str]:
    return {
        path for path in paths if any(path == one or path.startswith(f"{one}/") for one in places)
    }


def _log_excerpt(log: Path) -> tuple[bytes, list[Finding]]:
    """Return what is kept of the output, masked before it is cut if it is of a usual size."""
    if log.stat().st_size > _USUAL_LOG:
        return mask_secrets(excerpt_of_file(log))
    masked, findings = mask_secrets(log.read_bytes())
    return excerpt(masked), findings


def _gitexp_files(started: Started, learned: Meanwhile, record: bytes) -> dict[str, bytes]:
    log, findings = _log_excerpt(started.log)
    if findings:
        started.tell(f"warning: {len(findings)} secret(s) in the output are masked in the record")
    packages = "".join(f"{package}\n" for package in learned.environment.packages)
    files = {
        RECORD_NAME: record,
        ".gitexp/environment.txt": packages.encode(),
        ".gitexp/output.log": log,
    }
    return {started.project.path(ProjectPath(name)): content for name, content in files.items()}
