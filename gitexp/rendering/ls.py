"""What `gitexp ls` shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

from gitexp.comparison.diff import ABSENT, ruled_first
from gitexp.model.command import command_text
from gitexp.model.policy import Policy
from gitexp.model.record import Documents, RunRecord, parse_time
from gitexp.model.values import Value, flatten, same
from gitexp.rendering.facts import ago_text, known_facts, record_data, status_text
from gitexp.rendering.table import BLANK, Column, Document, Flat, Table

_LEADING = ("oid", "id", "name", "status", "started", "ended", "duration", "command", "message")
_RULED, _VALUE, _MESSAGE, _STARTED, _DURATION, _SAME = range(1, 60_000, 10_000)
"""The rank of the first column of each kind; metrics and params that vary take turns."""
_OID_DIGITS = 10


@dataclass(frozen=True)
class UnreadableRun:
    """A run whose record this gitexp cannot read."""

    oid: str
    reason: str
    """Such as 'needs gitexp ≥ 2.0'."""


@dataclass(frozen=True)
class Shown:
    """Which columns people want to see; all patterns are searched in flat names."""

    all_columns: bool = False
    """Also the params that never vary."""
    keep: re.Pattern[str] | None = None
    """Shown whatever else is said."""
    drop: re.Pattern[str] | None = None


RunRow: TypeAlias = "tuple[str, RunRecord] | UnreadableRun"
"""A run with the oid of its commit."""


@dataclass(frozen=True)
class _Row:
    run: RunRow
    metrics: Mapping[str, Value] = field(default_factory=dict)
    params: Mapping[str, Value] = field(default_factory=dict)


_Cell: TypeAlias = Callable[[_Row], object]


def ls_document(
    runs: Sequence[RunRow], *, policy: Policy, now: datetime, shown: Shown | None = None
) -> Document:
    """List the runs in the order given; started times are told as of `now`."""
    return Document(
        data=lambda: [_data(run) for run in runs],
        flat=lambda: _flat(_rows(runs)),
        tables=lambda: [_table(_rows(runs), policy, now, shown or Shown())] if runs else [],
        notes=() if runs else ("No runs.",),
    )


def _rows(runs: Sequence[RunRow]) -> list[_Row]:
    records = [run[1] for run in runs if not isinstance(run, UnreadableRun)]
    metrics = iter(_flattened([record.metrics for record in records]))
    params = iter(_flattened([record.params for record in records]))
    return [
        _Row(run) if isinstance(run, UnreadableRun) else _Row(run, next(metrics), next(params))
        for run in runs
    ]


def _flattened(documents: Sequence[Documents]) -> list[dict[str, Value]]:
    """Return the values of each run; a name that one run has in two files names its file."""
    flat = [{file: flatten(values) for file, values in each.items()} for each in documents]
    twice = {
        name
        for files in flat
        if len(files) > 1
        for name, times in Counter(name for names in files.values() for name in names).items()
        if times > 1
    }
    return [
        {
            (f"{file}:{name}" if name in twice else name): value
            for file, values in files.items()
            for name, value in values.items()
        }
        for files in flat
    ]


def _table(rows: Sequence[_Row], policy: Policy, now: datetime, shown: Shown) -> Table:
    metrics = ruled_first(_scalars(row.metrics for row in rows), policy)
    params = _scalars(row.params for row in rows)
    found = [
        *_fixed_columns(rows, now),
        *_metric_columns(rows, metrics, {name for name in metrics if policy.rule(name)}),
        *_param_columns(rows, params, shown),
        *_message_column(rows),
    ]
    found = [
        (replace(column, rank=0) if shown.keep and shown.keep.search(column.name) else column, cell)
        for column, cell in found
        if _is_shown(column.name, shown)
    ]
    heads = _heads([column.name for column, _ in found])
    return Table(
        tuple(replace(column, head=head) for (column, _), head in zip(found, heads, strict=True)),
        [[cell(row) for _, cell in found] for row in rows],
        header=True,
    )


def _scalars(rows: Iterable[Mapping[str, Value]]) -> list[str]:
    """Return the names that hold something other than a list or a mapping in some run."""
    return list(
        dict.fromkeys(
            name
            for row in rows
            for name, value in row.items()
            if not isinstance(value, list | dict)
        )
    )


def _is_shown(name: str, shown: Shown) -> bool:
    if name == "name" or (shown.keep and shown.keep.search(name)):
        return True
    return not (shown.drop and shown.drop.search(name))


def _fixed_columns(rows: Sequence[_Row], now: datetime) -> Iterator[tuple[Column, _Cell]]:
    yield Column("name", "name"), _name
    if any(_status(row) != "done" for row in rows):
        yield Column("status", "mark", limit=40), _status
    yield Column("started", rank=_STARTED), lambda row: _started(row, now)
    yield Column("duration", "duration", rank=_DURATION), _duration


def _name(row: _Row) -> str:
    run = row.run
    return run.oid[:_OID_DIGITS] if isinstance(run, UnreadableRun) else run[1].name


def _status(row: _Row) -> str:
    run = row.run
    return run.reason if isinstance(run, UnreadableRun) else status_text(run[1])


def _started(row: _Row, now: datetime) -> object:
    run = row.run
    return BLANK if isinstance(run, UnreadableRun) else ago_text(parse_time(run[1].started), now)


def _duration(row: _Row) -> object:
    run = row.run
    return BLANK if isinstance(run, UnreadableRun) else run[1].duration


def _metric_columns(
    rows: Sequence[_Row], names: Iterable[str], ruled: Container[str]
) -> Iterator[tuple[Column, _Cell]]:
    for at, name in enumerate(names):
        rank = _RULED + at if name in ruled else _VALUE + 2 * at
        if len(rows) > 1 and not _varies(rows, "metrics", name):
            rank = _SAME + at
        yield Column(name, "value", rank=rank, limit=20), _value("metrics", name)


def _param_columns(
    rows: Sequence[_Row], names: Sequence[str], shown: Shown
) -> Iterator[tuple[Column, _Cell]]:
    at = {name: at for at, name in enumerate(n for n in names if _varies(rows, "params", n))}
    for name in names:
        if shown.all_columns or name in at or (shown.keep and shown.keep.search(name)):
            rank = _VALUE + 2 * at.get(name, len(at)) + 1
            yield Column(name, "value", rank=rank, limit=20), _value("params", name)


def _value(kind: Literal["metrics", "params"], name: str) -> _Cell:
    def cell(row: _Row) -> object:
        if isinstance(row.run, UnreadableRun):
            return BLANK
        return _values(row, kind).get(name, ABSENT)

    return cell


def _varies(rows: Sequence[_Row], kind: Literal["metrics", "params"], name: str) -> bool:
    readable = [row for row in rows if not isinstance(row.run, UnreadableRun)]
    values = [_values(row, kind).get(name, ABSENT) for row in readable]
    return not all(same(values[0], value) for value in values)


def _values(row: _Row, kind: Literal["metrics", "params"]) -> Mapping[str, Value]:
    return row.metrics if kind == "metrics" else row.params


def _message_column(rows: Sequence[_Row]) -> Iterator[tuple[Column, _Cell]]:
    if any(map(_message, rows)):
        yield Column("message", rank=_MESSAGE, limit=40), _message


def _message(row: _Row) -> str:
    run = row.run
    if isinstance(run, UnreadableRun):
        return ""
    return next(iter(run[1].message.strip().splitlines()), "")


def _heads(names: Sequence[str]) -> list[str]:
    """Return the last parts of flat names, where no other column would be called the same.

    >>> _heads(["name", "val.loss", "train.loss", "model.name", "train.lr"])
    ['name', 'val.loss', 'train.loss', 'model.name', 'lr']
    """
    short = [name.rpartition(".")[2] or name for name in names]
    times = Counter(short)
    return [last if times[last] == 1 else name for last, name in zip(short, names, strict=True)]


def _data(run: RunRow) -> dict[str, object]:
    if isinstance(run, UnreadableRun):
        return {"oid": run.oid, "error": run.reason}
    return record_data(*run)


def _flat(rows: Sequence[_Row]) -> Flat:
    found = [_flat_row(row) for row in rows]
    names = tuple(dict.fromkeys((*_LEADING, *(name for row in found for name in row))))
    return Flat(names, [[row.get(name, ABSENT) for name in names] for row in found])


def _flat_row(row: _Row) -> dict[str, object]:
    if isinstance(row.run, UnreadableRun):
        return {"oid": row.run.oid, "status": "unreadable", "error": row.run.reason}
    oid, record = row.run
    values = record_data(oid, record)
    del values["metrics"], values["params"]
    return {
        **known_facts(values),
        "command": command_text(record.command),
        "duration": record.duration,
        **{f"metrics.{name}": value for name, value in row.metrics.items()},
        **{f"params.{name}": value for name, value in row.params.items()},
    }
