"""The params of a run: as they were at the start, and those that the command itself wrote."""

from __future__ import annotations

from gitexp.errors import GitexpError
from gitexp.execution.record.metrics import content_of
from gitexp.execution.record.outputs import Outputs
from gitexp.execution.stages import Outcome, Started
from gitexp.model.documents.reading import parse_document
from gitexp.model.record import LARGEST_METRICS, Documents
from gitexp.model.values import Value
from gitexp.revisions.roles import output_params


def final_params(started: Started, outcome: Outcome, outputs: Outputs) -> Documents:
    """Return the params; of a file that the command wrote, the values that it wrote.

    What an earlier run left in such a file is not this run's: it is left out, with a note.
    """
    if not started.plan.command:
        return started.params
    found = dict(started.params)
    project, declared = started.project, started.declared
    held = {*outputs.added, *outputs.pointed, *(one.path for one in outputs.stored.pointers)}
    written = set(outcome.written)
    for path in sorted(declared.params_paths & (written | held)):
        found.pop(project.name(path), None)
        values = _read(started, path, outputs) if path in held else None
        if values is not None:
            found[project.name(path)] = values
    for name in sorted(output_params(project, declared, started.snapshot.tracked)):
        path = project.path(name)
        if path not in written | held and path in started.snapshot.entries:
            found.pop(name, None)
            started.tell(
                f"note: the run has no params from '{name}': runs write that file, and this one "
                f"did not (if it is yours, take it out of the outputs and `git add` it)"
            )
    return found


def _read(started: Started, path: str, outputs: Outputs) -> dict[str, Value] | None:
    content = content_of(started.project, path, outputs.added.get(path))
    if content is None:
        return None
    if len(content) > LARGEST_METRICS:
        started.tell(f"note: '{path}' is larger than 1 MB: recorded as an output, not as params")
        return None
    try:
        return parse_document(content, path)
    except GitexpError as error:
        started.tell(f"warning: no params from '{path}': {error}")
        return None
