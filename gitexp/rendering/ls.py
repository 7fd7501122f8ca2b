"""What `gitexp ls` shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.changes import ABSENT
from gitexp.model.evaluation import PREFIX
from gitexp.model.identical import identical
from gitexp.model.policy import Policy
from gitexp.model.record import parse_time
from gitexp.model.values import Value, same
from gitexp.rendering.against import Pinned, data_against, flat_against, with_moves
from gitexp.rendering.facts import ago, status_text
from gitexp.rendering.run_data import flat_runs, run_data
from gitexp.rendering.run_rows import Row, RunRow, UnreadableRun, rows_of, twice_in
from gitexp.rendering.said import said_columns
from gitexp.rendering.short_names import short_names
from gitexp.rendering.table import BLANK, Column, Document, Table

_RULED, _PARAM, _, _, _VALUE, _STARTED, _DURATION, _SAME = range(1, 80_000, 10_000)
"""The rank of the first column of each kind: metrics with a goal, or the first ones; one param;
what people say of a run, and know it by (`rendering.said`); other metrics and params, which take
turns."""
_FEW = 2
"""How many metrics stay longest if none of them has a goal."""
_OID_DIGITS = 10


class Shown(Struct, frozen=True):
    """Which columns people want to see; all patterns are searched in flat names."""

    all_columns: bool = False
    """Whether to include params that never vary."""
    keep: re.Pattern[str] | None = None
    """Shown whatever `drop` says."""
    drop: re.Pattern[str] | None = None
    alone: bool = False
    """Whether nothing else is shown than what is kept, and what says which rows these are."""
    first: str | None = None
    """What the runs are sorted by: it stands beside their names."""
    beside: tuple[str, ...] = ()
    """What else stands there."""
    asked: Callable[[str], Value] | None = None
    """Returns by a run's id what `first` asks of its curves, if it does: no run has that itself."""
    varying: Container[tuple[str, str]] | None = None
    """Kind and name of the metrics and params that vary, if there are more runs than shown."""
    pinned: Pinned | None = None
    """The run that all others are held against, which stands first."""


_Cell: TypeAlias = Callable[[Row], object]


def ls_document(
    runs: Sequence[RunRow], *, policy: Policy, now: datetime, shown: Shown | None = None
) -> Document:
    """List the runs in the order given; start times are shown relative to `now`."""
    pinned = None if shown is None else shown.pinned
    if pinned is not None:
        return Document(
            data=lambda: data_against(pinned, runs),
            flat=lambda: flat_against(pinned, flat_runs(runs)),
            tables=lambda: _tables(pinned.first(runs), policy, now, shown or Shown()),
            notes=(f"Changes are from '{pinned.record.name}', which stands first.",),
            ways=("--keep", "--json"),
        )
    return Document(
        data=lambda: map(run_data, runs),
        flat=lambda: flat_runs(runs),
        tables=lambda: _tables(runs, policy, now, shown or Shown()),
        notes=() if runs else ("No runs.",),
        ways=("--keep", "--json"),
    )


def _tables(runs: Sequence[RunRow], policy: Policy, now: datetime, shown: Shown) -> Iterator[Table]:
    held = list(runs)
    if held:
        yield _table(list(rows_of(held, twice_in(held))), policy, now, shown)


def _table(rows: Sequence[Row], policy: Policy, now: datetime, shown: Shown) -> Table:
    metrics = policy.ordered(_scalars(row.metrics for row in rows))
    params = _scalars(row.params for row in rows)
    measured = _metric_columns(
        rows, metrics, {name for name in metrics if policy.rule(name)}, shown
    )
    marks: dict[str, Mapping[int, str]] = {}
    found = [
        *_fixed_columns(rows, now),
        *(measured if shown.pinned is None else with_moves(shown.pinned, measured, rows, marks)),
        *_asked_column(shown),
        *_param_columns(rows, params, shown),
        *said_columns(rows),
    ]
    found = [
        (replace(column, rank=0) if is_wanted(column.name, shown) else column, cell)
        for column, cell in found
        if is_shown(column.name, shown, is_key=column.is_key)
    ]
    first = ("name", shown.first, f"{shown.first} change", *shown.beside)
    found.sort(key=lambda pair: _place(pair[0].name, first))
    names = [column.name for column, _ in found]
    asked = (shown.first,) if shown.asked is not None else ()
    short = zip(names, short_names(names), strict=True)
    heads = [name if name.startswith(PREFIX) or name in asked else head for name, head in short]
    return Table(
        tuple(
            column if column.head is not None else replace(column, head=head)
            for (column, _), head in zip(found, heads, strict=True)
        ),
        [[cell(row) for _, cell in found] for row in rows],
        header=True,
        marks=marks,
    )


def _place(name: str, first: Sequence[str | None]) -> int:
    """Return where a column stands: those that are named first, then all others."""
    return first.index(name) if name in first else len(first)


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


def is_wanted(name: str, shown: Shown) -> bool:
    """Return whether people asked for a column."""
    return name in (shown.first, *shown.beside) or bool(shown.keep and shown.keep.search(name))


def is_shown(name: str, shown: Shown, *, is_key: bool = False) -> bool:
    """Return whether a column is not to be dropped; metrics and params may be called like a key."""
    if is_wanted(name, shown) or (is_key and name == "name"):
        return True
    if shown.alone:
        return is_key
    return not (shown.drop and shown.drop.search(name))


def _fixed_columns(rows: Sequence[Row], now: datetime) -> Iterator[tuple[Column, _Cell]]:
    yield Column("name", "name", is_key=True), _name
    if len({_name(row) for row in rows}) < len(rows):  # after a join, say
        yield Column("id", "name", is_key=True), _id
    if any(_status(row) != "done" for row in rows):
        yield Column("status", "mark", limit=40, is_key=True), _status
    if len({_project(row) for row in rows} - {BLANK}) > 1:
        yield Column("project", "name", limit=40, by_its_end=True, is_key=True), _project
    yield Column("started", rank=_STARTED), lambda row: _started(row, now)
    yield Column("duration", "duration", rank=_DURATION), _duration


def _asked_column(shown: Shown) -> Iterator[tuple[Column, _Cell]]:
    asked = shown.asked
    if shown.first is None or asked is None:
        return

    def cell(row: Row) -> object:
        found = None if isinstance(row.run, UnreadableRun) else asked(row.run[1].id)
        return ABSENT if found is None else found

    yield Column(shown.first, "value"), cell


def _name(row: Row) -> str:
    run = row.run
    return run.oid[:_OID_DIGITS] if isinstance(run, UnreadableRun) else run[1].name


def _id(row: Row) -> object:
    return BLANK if isinstance(row.run, UnreadableRun) else row.run[1].id


def _status(row: Row) -> str:
    run = row.run
    return run.reason if isinstance(run, UnreadableRun) else status_text(run[1])


def _project(row: Row) -> object:
    return BLANK if isinstance(row.run, UnreadableRun) else row.run[1].project or "."


def _started(row: Row, now: datetime) -> object:
    run = row.run
    return BLANK if isinstance(run, UnreadableRun) else ago(parse_time(run[1].started), now)


def _duration(row: Row) -> object:
    run = row.run
    return BLANK if isinstance(run, UnreadableRun) else run[1].duration


def _metric_columns(
    rows: Sequence[Row], names: Iterable[str], ruled: Container[str], shown: Shown
) -> Iterator[tuple[Column, _Cell]]:
    for at, name in enumerate(names):
        rank = (_RULED + at) if name in ruled or at < _FEW else _VALUE + 2 * at
        if len(rows) > 1 and not _varies(rows, "metrics", name, shown):
            rank = _SAME + at
        yield Column(name, "value", rank=rank, limit=20), _value("metrics", name)


def _param_columns(
    rows: Sequence[Row], names: Sequence[str], shown: Shown
) -> Iterator[tuple[Column, _Cell]]:
    vary = [name for name in names if _varies(rows, "params", name, shown)]
    at = {name: at for at, name in enumerate(vary)}
    for name in names:
        if shown.all_columns or name in at or is_wanted(name, shown):
            place = at.get(name, len(at))
            rank = _VALUE + 2 * place + 1 if place else _PARAM
            yield Column(name, "value", rank=rank, limit=20), _value("params", name)


def _value(kind: Literal["metrics", "params"], name: str) -> _Cell:
    def cell(row: Row) -> object:
        if isinstance(row.run, UnreadableRun):
            return BLANK
        return _values(row, kind).get(name, ABSENT)

    return cell


def _varies(
    rows: Sequence[Row], kind: Literal["metrics", "params"], name: str, shown: Shown
) -> bool:
    if shown.varying is not None:
        return any((kind, one) in shown.varying for one in (name, *_in_files(rows, kind, name)))
    readable = [row for row in rows if not isinstance(row.run, UnreadableRun)]
    values = [_values(row, kind).get(name, ABSENT) for row in readable]
    equal = identical if kind == "params" else same
    return not all(equal(values[0], value) for value in values)


def _in_files(rows: Sequence[Row], kind: Literal["metrics", "params"], name: str) -> Iterator[str]:
    """Yield what the index calls a value that a run has in two files."""
    for row in rows:
        if not isinstance(row.run, UnreadableRun):
            record = row.run[1]
            files = record.metrics if kind == "metrics" else record.params
            yield from (f"{file}:{name}" for file in files)


def _values(row: Row, kind: Literal["metrics", "params"]) -> Mapping[str, Value]:
    return row.metrics if kind == "metrics" else row.params
