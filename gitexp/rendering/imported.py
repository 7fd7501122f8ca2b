"""What `gitexp import` shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import asdict

from gitexp.model.imported import ImportedRun
from gitexp.model.message import numbers_by_name
from gitexp.model.record import RunRecord
from gitexp.rendering.table import BLANK, Column, Document, Flat, Table

ExperimentState = Literal["new", "imported", "known", "purged", "refused"]

_COLUMNS = ("experiment", "state", "id", "name", "oid", "problems")
_OID_DIGITS = 10


class ImportRow(Struct, frozen=True):
    """What becomes of one experiment."""

    experiment: str
    state: ExperimentState
    """'new' is what would be imported."""
    record: RunRecord | None = None
    oid: str | None = None
    """The run's commit."""
    problems: tuple[str, ...] = ()


def import_document(rows: Sequence[ImportRow]) -> Document:
    """Show what becomes of experiments, in the order given."""
    data = [_data(row) for row in rows]
    return Document(
        data=lambda: data,
        flat=lambda: Flat(_COLUMNS, [[row[name] for name in _COLUMNS] for row in data]),
        tables=lambda: [_table("experiment", "recorded", map(_cells, rows))] if rows else [],
    )


def _data(row: ImportRow) -> dict[str, object]:
    found = asdict(row)
    record = row.record
    del found["record"]
    return {**found, "id": record.id if record else None, "name": record.name if record else None}


def _table(name: str, when: str, rows: Iterable[list[object]]) -> Table:
    columns = (
        Column(name, "name"),
        Column("state", "mark"),
        Column(when, rank=2),
        Column("baseline", rank=3),
        Column("params", "value", rank=4),
        Column("metrics", "value", rank=1),
        Column("problems", rank=5, limit=60),
    )
    return Table(columns, list(rows), header=True)


def _cells(row: ImportRow) -> list[object]:
    record = row.record
    first = row.problems[0] if row.problems else BLANK
    if record is None:
        return [row.experiment, row.state, BLANK, BLANK, BLANK, BLANK, first]
    params, metrics = (len(numbers_by_name(one)) for one in (record.params, record.metrics))
    recorded = record.started.replace("T", " ")[:16]
    baseline = record.baseline[:_OID_DIGITS]
    return [row.experiment, row.state, recorded, baseline, params, metrics, first]


def runs_document(rows: Sequence[ImportedRun]) -> Document:
    """Show what becomes of runs of another tool's, in the order given."""
    names = ImportedRun.__struct_fields__
    return Document(
        data=lambda: [asdict(row) for row in rows],
        flat=lambda: Flat(names, [[getattr(row, name) for name in names] for row in rows]),
        tables=lambda: [_table("run", "started", map(_run_cells, rows))] if rows else [],
    )


def _run_cells(row: ImportedRun) -> list[object]:
    first = row.problems[0] if row.problems else BLANK
    if row.name is None:
        return [row.run, row.state, BLANK, BLANK, BLANK, BLANK, first]
    started = (row.started or "").replace("T", " ")[:16]
    baseline = (row.baseline or "")[:_OID_DIGITS] or BLANK
    return [row.run, row.state, started, baseline, row.params, row.metrics, first]
