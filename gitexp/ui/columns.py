"""The columns of the table of runs: what every run has, its metrics and its params."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone

from msgspec import Struct

from gitexp.comparison.changes import ABSENT
from gitexp.comparison.query.run_values import flat_values
from gitexp.model.command.text import command_text
from gitexp.model.record import RunRecord, parse_time
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.rendering.facts import ago, status_text
from gitexp.rendering.table import BLANK, Column, Kind, Table
from gitexp.store.stored_run import StoredRun
from gitexp.ui.shown import Cell, Head, shown

_USUAL = 12
"""How many columns of values are shown unless somebody chooses."""
_LIMIT = 40
_DIGITS = 10


class RunsColumn(Struct, frozen=True):
    """A column that runs can have."""

    key: str
    """What it is called in queries."""
    text: str
    kind: Kind = "value"
    sortable: bool = True
    usual: bool = True
    """Whether it is shown unless somebody chooses others."""


class Row(Struct, frozen=True):
    """A run with its values by the keys of columns; without a record it cannot be read."""

    run: StoredRun
    record: RunRecord | None
    values: Mapping[str, Value]


class ListedRun(Struct, frozen=True):
    """A row as it is shown."""

    id: str
    name: str
    status: str
    cells: tuple[Cell, ...]


def _started(record: RunRecord) -> object:
    return ago(parse_time(record.started), datetime.now(timezone.utc))


def _verdict(record: RunRecord) -> str:
    found = record.hypothesis
    return "" if found is None else found.verdict or "not judged"


def _message(record: RunRecord) -> str:
    return next(iter(record.message.strip().splitlines()), "")


FIXED: dict[str, tuple[Kind, Callable[[RunRecord], object]]] = {
    "status": ("mark", status_text),
    "started": ("text", _started),
    "duration": ("duration", lambda record: record.duration),
    "tag": ("text", lambda record: ", ".join(record.tags)),
    "hypothesis": ("mark", _verdict),
    "message": ("text", _message),
    "command": ("text", lambda record: command_text(record.command)),
    "user": ("text", lambda record: record.user or ""),
    "host": ("text", lambda record: record.host or ""),
    "sweep": ("text", lambda record: record.sweep or ""),
}
"""What every run has, by the names of attributes."""
_LEADING = ("status", "started", "duration")
_OF_PEOPLE = ("tag", "hypothesis", "message")
"""Shown where a run of the page has one."""


def row_of(run: StoredRun) -> Row:
    """Return a run as a row, named as the index names its values."""
    try:
        record = run.record
    except UnreadableRecord:
        return Row(run, None, {})
    metrics = {**record.held_out, **flat_values(record.metrics)}
    values = {f"metrics.{name}": value for name, value in metrics.items()}
    params = {f"params.{name}": value for name, value in flat_values(record.params).items()}
    return Row(run, record, values | params)


def offered(project: Project) -> list[RunsColumn]:
    """Return all columns of values: metrics as the policy orders them, then params."""
    index = project.runs.index
    varying, known = index.varying(project.folder), index.columns(project.folder)
    metrics = {one.name: one for one in known if one.kind == "metrics"}
    params = [one for one in known if one.kind == "params"]
    ordered = [
        *(metrics[name] for name in project.config.policy.ordered(metrics)),
        *(one for one in params if one in varying),
        *(one for one in params if one not in varying),
    ]
    times = Counter(one.name for one in known)
    return [
        RunsColumn(
            str(one),
            str(one) if times[one.name] > 1 else one.name,
            usual=one.kind == "metrics" or one in varying,
        )
        for one in ordered
    ]


def chosen(
    wanted: Sequence[str], sort: str, offers: Sequence[RunsColumn], rows: Sequence[Row]
) -> list[RunsColumn]:
    """Return the columns to show: those that somebody wants, else the first ones with values."""
    fixed = {name: _fixed(name) for name in FIXED}
    if wanted:
        known = {**fixed, **{one.key: one for one in offers}}
        return [known[key] for key in wanted if key in known]
    with_values = [one for one in offers if one.usual and _has_scalars(one, rows)]
    with_values.sort(key=lambda one: sort not in (one.key, one.text))
    records = [row.record for row in rows if row.record is not None]
    said = [name for name in _OF_PEOPLE if any(FIXED[name][1](one) for one in records)]
    return [*map(fixed.__getitem__, _LEADING), *with_values[:_USUAL], *map(fixed.__getitem__, said)]


def _fixed(name: str) -> RunsColumn:
    return RunsColumn(name, name, FIXED[name][0], sortable=name != "tag")


def _has_scalars(column: RunsColumn, rows: Sequence[Row]) -> bool:
    values = (row.values.get(column.key) for row in rows)
    return any(value is not None and not isinstance(value, list | dict) for value in values)


def listed(
    columns: Sequence[RunsColumn], rows: Sequence[Row]
) -> tuple[tuple[Head, ...], list[ListedRun]]:
    """Return the heads, and the rows with their cells as texts."""
    table = Table(
        tuple(Column(one.text, one.kind, limit=_LIMIT) for one in columns),
        [list(_values(columns, row)) for row in rows],
        header=True,
    )
    found = shown(table)
    return found.heads, [
        ListedRun(
            row.run.id,
            row.record.name if row.record else f"{row.run.oid[:_DIGITS]} (unreadable)",
            row.record.status if row.record else "",
            cells,
        )
        for row, cells in zip(rows, found.rows, strict=True)
    ]


def _values(columns: Sequence[RunsColumn], row: Row) -> Iterator[object]:
    for one in columns:
        if one.key not in FIXED:
            yield row.values.get(one.key, ABSENT)
        else:
            yield BLANK if row.record is None else FIXED[one.key][1](row.record)
