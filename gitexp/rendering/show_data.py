"""One run for programs: JSON and rows."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import asdict

from gitexp.model.record import RunRecord
from gitexp.model.values import flatten
from gitexp.rendering.curves import summaries
from gitexp.rendering.facts import (
    known_facts,
    record_data,
)
from gitexp.rendering.run_around import RunAround


def run_data(oid: str, record: RunRecord, around: RunAround) -> dict[str, object]:
    """Return the record's JSON value, with what else is known of the run."""
    data = record_data(oid, record)
    data["removed"] = around.removed
    data["pointers"] = [
        {**asdict(one), **_written_by(around.writers.get(one.path))} for one in record.pointers
    ]
    if around.recorded_name:
        data["recorded_name"] = around.recorded_name
    if around.packages is not None:
        data["packages"] = dict(around.packages)
    if around.curves:
        data["curves"] = summaries(around.curves)
    if around.log:
        data["log"] = around.log
    return data


def _written_by(writer: tuple[str, str] | None) -> dict[str, object]:
    return {"written_by": {"id": writer[0], "name": writer[1]}} if writer is not None else {}


def run_rows(oid: str, record: RunRecord) -> Iterator[tuple[object, ...]]:
    """Yield section, file, name and value of all that a record has."""
    values = record_data(oid, record)
    del values["metrics"], values["params"], values["pointers"], values["comments"]
    values.pop("system", None)
    for name, value in known_facts(values).items():
        yield "run", "", name, value
    for name, usage in record.system.items():
        yield "system", "", f"{name}.mean", usage.mean
        yield "system", "", f"{name}.peak", usage.peak
    for section, documents in (("metrics", record.metrics), ("params", record.params)):
        for file, document in documents.items():
            for name, value in flatten(document).items():
                yield section, file, name, value
    yield from _flat_lists(record)


def _flat_lists(record: RunRecord) -> Iterator[tuple[object, ...]]:
    for pointer in record.pointers:
        for name, value in asdict(pointer).items():
            if name != "path" and value is not None:
                yield "data", pointer.path, name, value
    for comment in record.comments:
        yield "comment", comment.by, comment.time, comment.text
