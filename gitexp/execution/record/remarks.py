"""What to say about a recorded run that its record does not show at a glance."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator

from gitexp.execution.stages import Outcome, Started
from gitexp.execution.work_tree.links import outside
from gitexp.git.trees import is_below
from gitexp.model.numbers import counted
from gitexp.model.paths import TopPath
from gitexp.model.record import NO_FILES, RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import same
from gitexp.project import Project

_SHOWN = 3
_LOOK_BACK = 20
"""Runs whose metrics are looked at: others may have come after the one that wrote them."""


def unwritten_data(started: Started, record: RunRecord) -> Iterator[str]:
    """Yield a note for data that an earlier run left here and that this one did not write.

    It is an input, because a command may read it; but whoever expects a model of this run
    would take it for one. What git tracks was put there by a person, who knows of it.
    """
    if record.status != "done" or not record.command:
        return
    tracked = started.snapshot.tracked
    left = {
        started.project.name(TopPath(one.pointer.path))
        for one in started.watched
        if one.file not in tracked
    }
    if not left:
        return
    writers = started.project.runs.index.writers(record)
    found = [(path, writer.name) for path, writer in writers.items() if path in left]
    for path, name in found[:_SHOWN]:
        yield f"note: '{path}' was not written; the run has it as an input, left by '{name}'"
    if len(found) > _SHOWN:
        more = len(found) - _SHOWN
        yield f"note: nor were {more} others; `gitexp show {record.name}` lists them"


def absent_data(started: Started, record: RunRecord) -> Iterator[str]:
    """Yield a note if a run failed and data behind pointers was not there: it may be why."""
    if record.status != "failed":
        return
    ours = (one for one in started.watched if not one.earlier)
    absent = [one.pointer.path for one in ours if one.signature is None]
    if not absent:
        return
    names = [started.project.name(TopPath(path)) for path in absent]
    shown = ", ".join(f"'{name}'" for name in names[:_SHOWN])
    if len(names) > _SHOWN:
        shown += f" and {counted(len(names) - _SHOWN, 'other')}"
    yield f"note: {shown} {'was' if len(names) == 1 else 'were'} not here when it started"
    checkout = shlex.join(["dvc", "checkout", *(names if len(names) <= _SHOWN else ())])
    yield f"hint: `{checkout}` brings it from the cache, `dvc pull` from the remote."
    if started.project.repository.is_linked:
        yield "hint: `gitexp doctor` says whether this work tree shares the main one's cache."


def name_outside(started: Started, outcome: Outcome) -> None:
    """Say which outputs were written outside of the repository, or in another one inside it.

    Values are recorded, and a model that is a link itself is stored.
    """
    declared = started.declared
    by_place: dict[str, list[str]] = {}
    for path in outcome.outside:
        if not declared.has_values(path) and path not in outcome.written:
            links = (one for one in outcome.links.outside if is_below(one, path))
            inner = (one for one in started.snapshot.repositories if is_below(one, path))
            place = next(links, None) or next(inner)
            by_place.setdefault(place, []).append(started.project.name(TopPath(path)))
    for place, names in by_place.items():
        shown = ", ".join(f"'{name}'" for name in names[:_SHOWN])
        more = len(names) - _SHOWN
        shown += f" and {counted(more, 'other')}" if more > 0 else ""
        target = outcome.links.outside.get(place)
        why = f"link to {outside(started.project, target)}" if target else "repository of its own"
        started.tell(
            f"note: {shown} {'is' if len(names) == 1 else 'are'} not recorded, because "
            f"'{declared.name(place)}' is a {why}"
        )


def mismatched(started: Started, outcome: Outcome) -> Iterator[str]:
    """Yield a note if results lie beside params that are not theirs: those were put back."""
    written = [path for path in outcome.written if started.declared.is_fresh_or_absent(path)]
    if not written:
        return
    names = ", ".join(f"'{started.project.name(TopPath(path))}'" for path in written[:_SHOWN])
    more = len(written) - _SHOWN
    if more > 0:
        names += f" and {counted(more, 'other')}"
    of = f"{'is' if len(written) == 1 else 'are'} of '{started.plan.name}'"
    yield f"note: params are back as they were; {names} in the work tree {of}"


def borrowed_metrics(project: Project, record: RunRecord) -> Iterator[str]:
    """Yield a warning if metrics that were saved are those of a run which did not end well.

    After such a run its params are put back, and its metrics are what it left behind.
    """
    if not record.metrics:
        return
    for run in project.runs.newest(_LOOK_BACK):
        with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
            found = run.record
            if not found.command or not same(dict(found.metrics), dict(record.metrics)):
                continue  # what was saved is what some run had left
            if found.status != "done" and _params_differ(found, record):
                how = "failed" if found.status == "failed" else "was interrupted"
                text = f"the metrics are those of '{found.name}', which {how}"
                yield f"warning: {text} with other params"
            return


def _params_differ(one: RunRecord, other: RunRecord) -> bool:
    """Return whether params files differ; a saved run has no params on a command line."""
    files = (set(one.params) | set(other.params)).difference(NO_FILES)
    return any(not same(one.params.get(file), other.params.get(file)) for file in files)
