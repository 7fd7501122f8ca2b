"""The params of a run: as they were at the start, and those that the command itself wrote."""

from __future__ import annotations

from collections.abc import Collection

from gitexp.errors import GitexpError
from gitexp.execution.record.metrics import content_of, oldest_first
from gitexp.execution.record.net import attempt
from gitexp.execution.record.outputs import Outputs
from gitexp.execution.record.own_place import without_own_place
from gitexp.execution.stages import Outcome, Started
from gitexp.git.trees import LINK_MODE
from gitexp.model.documents.reading import parse_document
from gitexp.model.paths import TopPath
from gitexp.model.record import LARGEST_METRICS, Documents
from gitexp.model.values import Value
from gitexp.revisions.links import LedAway, file_behind
from gitexp.revisions.written_before import output_params


def final_params(started: Started, outcome: Outcome, outputs: Outputs) -> Documents:
    """Return the params; of a file that the command wrote, the values that it wrote.

    What an earlier run left in such a file is not this run's: it is left out, with a note.
    """
    if not started.plan.command:
        return started.params
    found = dict(started.params)
    project, declared = started.project, started.declared
    held = {*outputs.added, *outputs.pointed, *(one.path for one in outputs.stored.pointers)}
    for name in sorted(declared.params_names):
        if _is_written(started, project.path(name), outcome, held):
            found.pop(name, None)
            values = _values_at_end(started, project.path(name), outcome, outputs)
            found |= {name: values} if values is not None else {}
        elif project.path(name) in outcome.outside and name not in found:
            values = _behind_link(started, project.path(name), outcome)
            found |= {name: values} if values is not None else {}
        elif name not in found and project.path(name) in outcome.pipeline.params:
            values = _at_start(started, project.path(name))
            found |= {name: values} if values is not None else {}
    lost = "no params from the files that patterns find"
    found |= attempt(started.tell, lost, lambda: _found_at_end(started, outputs), {})
    for name in sorted(output_params(project, declared, started.snapshot.tracked)):
        path = project.path(name)
        if path in started.snapshot.entries and not _is_written(started, path, outcome, held):
            found.pop(name, None)
            started.tell(
                f"note: the run has no params from '{name}': runs write that file, and this one "
                f"did not (if it is yours, take it out of the outputs and `git add` it)"
            )
    return found


def _at_start(started: Started, path: TopPath) -> dict[str, Value] | None:
    """Return the params in a file that only a `dvc.yaml` names which the command wrote."""
    entry = started.snapshot.entries.get(path)
    if entry is None or entry.mode == LINK_MODE:
        return None
    content = started.project.repository.objects.blob(entry.oid)
    return None if content is None else _parsed(started, path, content)


def _found_at_end(started: Started, outputs: Outputs) -> dict[str, dict[str, Value]]:
    """Return the params in files that patterns find and that the run wrote: the newest of each."""
    written = {*outputs.added, *outputs.pointed}
    named = started.declared.found_params(written) if started.project.config.found_params else {}
    found: dict[str, dict[str, Value]] = {}
    for path in oldest_first(started.project, named):
        values = _read(started, path, outputs)
        if values is not None:
            folder = started.project.repository.top / path
            found[named[TopPath(path)]] = without_own_place(values, str(folder.parent))
    return found


def _is_written(started: Started, path: TopPath, outcome: Outcome, held: Collection[str]) -> bool:
    """Return whether the command wrote a params file, made it a link, or wrote where it leads."""
    places = {path, started.declared.lead(path)}
    return not places.isdisjoint(held) or not places.isdisjoint(outcome.written)


def _values_at_end(
    started: Started, path: TopPath, outcome: Outcome, outputs: Outputs
) -> dict[str, Value] | None:
    lead = started.declared.lead(path)
    stored = (one.path for one in outputs.stored.pointers)
    if path in outcome.relinked and lead not in outputs.pointed:
        return _behind_link(started, path, outcome)
    if lead in outputs.added or lead in outputs.pointed or lead in stored:
        return _read(started, lead, outputs)
    return None


def _behind_link(started: Started, path: str, outcome: Outcome) -> dict[str, Value] | None:
    """Return the params that a link leads to which the command made, or that are not in the run."""
    try:
        file = file_behind(started.project, path, ours=outcome.relinked)
    except LedAway as away:
        started.tell(f"note: {away}: the run has no params from it")
        return None
    return None if file is None else _parsed(started, path, file.read_bytes())


def _read(started: Started, path: str, outputs: Outputs) -> dict[str, Value] | None:
    content = content_of(started.project, path, outputs.added.get(path))
    return None if content is None else _parsed(started, path, content)


def _parsed(started: Started, path: str, content: bytes) -> dict[str, Value] | None:
    if len(content) > LARGEST_METRICS:
        started.tell(f"note: '{path}' is larger than 1 MB: recorded as an output, not as params")
        return None
    try:
        return parse_document(content, path)
    except GitexpError as error:
        started.tell(f"warning: no params from '{path}': {error}")
        return None
