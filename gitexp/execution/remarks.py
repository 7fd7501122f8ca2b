"""What is to be said of a recorded run that its record does not show at a glance."""

from __future__ import annotations

from collections.abc import Iterator

from gitexp.execution.started import Started
from gitexp.model.record import RunRecord

_SHOWN = 3


def unwritten_data(started: Started, record: RunRecord) -> Iterator[str]:
    """Yield a note for data that an earlier run left here, and which this one did not write.

    It is an input, for a command may read it; but whoever awaits a model of this run would
    take it for one. What git tracks was put there by a person, who knows of it.
    """
    if record.status != "done" or not record.command:
        return
    tracked = started.snapshot.tracked
    left = {
        started.project.name(one.pointer.path) for one in started.watched if one.file not in tracked
    }
    if not left:
        return
    writers = started.project.runs.index.writers(record)
    found = [(path, writer.name) for path, writer in writers.items() if path in left]
    for path, name in found[:_SHOWN]:
        yield f"note: '{path}' was not written; the run has it as an input, as '{name}' left it"
    if len(found) > _SHOWN:
        yield f"note: nor were {len(found) - _SHOWN} others; `gitexp show {record.name}` lists them"
