"""The work tree recorded as it stands, with no command run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timezone

from gitexp.execution.command.child import Ended
from gitexp.execution.record.commit import record_run
from gitexp.execution.record.learned import learn
from gitexp.execution.record.pipeline import resolved, vouched_for
from gitexp.execution.record.remarks import borrowed_metrics
from gitexp.execution.stages import Ending, Outcome, Plan, Started
from gitexp.execution.start.look import enter, entry_of, look, mendable
from gitexp.execution.waiting import file_waiting
from gitexp.execution.work_tree.files import is_regular, signatures
from gitexp.git.maintenance import start_maintenance
from gitexp.git.trees import is_below
from gitexp.project import Project
from gitexp.revisions.roles_in_tree import outputs_in
from gitexp.store.journal import Journal


def save(project: Project, plan: Plan, tell: Callable[[str], None]) -> Ending:
    """Record what there is: metrics as they are, models behind pointers.

    A save that is cut off leaves nothing to recover: the work tree is still there.
    """
    if plan.others_wait:
        file_waiting(project, tell)
    journal, entry = Journal(project.repository), entry_of(project, plan)
    scratch = journal.scratch(plan.id)
    with mendable(project):
        enter(project, plan, journal, entry)
        try:
            started = resolved(look(project, plan, scratch, tell, takes_large=True))
            started.log.touch()
            ending = record_run(started, _now(), learn(started), _what_there_is(started))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            journal.remove(entry)
    start_maintenance(project.repository)
    for text in borrowed_metrics(project, ending.record):
        tell(text)
    return ending


def _now() -> Ended:
    now = datetime.now(timezone.utc)
    return Ended(0, None, None, started=now, ended=now, cpu_seconds=None, peak_memory=None)


def _what_there_is(started: Started) -> Outcome:
    """Return everything that is declared as an output, and what is too large for git."""
    snapshot, declared = started.snapshot, started.declared
    fresh = declared.pipeline.metrics | declared.pipeline.plots
    tracked = outputs_in(started.project, declared, snapshot.entries)
    there = {
        **signatures(started.project.repository.top, tracked),
        **snapshot.signatures,
        **started.ignored.named,
        **signatures(started.project.repository.top, fresh),
    }
    behind = [one.pointer.path for one in started.watched]
    written = [
        path
        for path, found in there.items()
        if is_regular(found)
        and not any(is_below(data, path) for data in behind)
        and (path in fresh or _is_output(started, path))
    ]
    _name_ignored(started, behind)
    return Outcome(
        written=tuple(sorted(written)),
        existed=frozenset(),
        absent=(),
        pointers=tuple(
            one
            for one in started.watched
            if one.signature is not None
            and not one.earlier
            and declared.is_output(one.pointer.path)
        ),
        changed_meanwhile=(),
        left_out=(),
        reproduced=vouched_for(started),
        links=started.links,
        outside=tuple(started.outside),
    )


def _is_output(started: Started, path: str) -> bool:
    """Return whether a path is declared as an output, or untracked and too large for git."""
    snapshot, untracked = started.snapshot, started.snapshot.untracked
    if path in {*untracked.secret, *untracked.special}:
        return False
    if path in untracked.signatures:
        large = untracked.signatures[path][2] > started.project.config.max_file_size
        if large:
            return True
    known = path in snapshot.entries or path in started.ignored.named
    return known and started.declared.is_output(path)


def _name_ignored(started: Started, behind: list[str]) -> None:
    for path in _unnamed_models(started, behind):
        started.tell(
            f"note: '{path}' is not recorded, because git ignores it "
            "(`track:` in gitexp.yaml records it)"
        )


def _unnamed_models(started: Started, behind: list[str]) -> Iterator[str]:
    for path in sorted(started.ignored.models):
        is_known = any(is_below(data, path) for data in behind)
        if not is_known and not started.declared.pipeline.cached_out_of(path):
            yield path
