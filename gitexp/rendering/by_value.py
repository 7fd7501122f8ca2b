"""What `gitexp ls --group-by` shows: a row for the runs that share some values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.changes import ABSENT
from gitexp.model.policy import Policy
from gitexp.model.values import Value
from gitexp.rendering.ls import Shown, is_shown, is_wanted
from gitexp.rendering.short_names import short_names
from gitexp.rendering.spreads import sample_cells, sample_data, spread_columns
from gitexp.rendering.table import Column, Document, Flat, Table
from gitexp.review.statistics import Sample

_METRIC = 1


class ValueGroup(Struct, frozen=True):
    """Runs that share the values of some columns."""

    key: tuple[Value, ...]
    """None for nothing."""
    count: int
    """How many ended well, and count."""
    failed: int
    metrics: Mapping[str, Sample]
    """By flat name."""


_Cell: TypeAlias = Callable[[ValueGroup], object]


def by_value_document(
    groups: Sequence[ValueGroup], names: Sequence[str], *, policy: Policy, shown: Shown
) -> Document:
    """List groups in the order given; `names` are those of the columns that they share."""
    return Document(
        data=lambda: map(_data(names), groups),
        flat=lambda: _flat(groups, names),
        tables=lambda: [_table(groups, names, policy, shown)] if groups else [],
        notes=() if groups else ("No runs.",),
        ways=("--keep", "--json"),
    )


def _data(names: Sequence[str]) -> Callable[[ValueGroup], dict[str, object]]:
    return lambda group: {
        "by": dict(zip(names, group.key, strict=True)),
        "n": group.count,
        "failed": group.failed,
        "metrics": {
            name: sample_data(found, values=False) for name, found in group.metrics.items()
        },
    }


def _table(
    groups: Sequence[ValueGroup], names: Sequence[str], policy: Policy, shown: Shown
) -> Table:
    found = list(_columns(groups, names, policy, shown))
    heads = short_names([column.name for column, _ in found])
    columns = (
        column if column.head is not None else replace(column, head=head)
        for (column, _), head in zip(found, heads, strict=True)
    )
    return Table(
        tuple(columns), [[cell(group) for _, cell in found] for group in groups], header=True
    )


def _columns(
    groups: Sequence[ValueGroup], names: Sequence[str], policy: Policy, shown: Shown
) -> Iterator[tuple[Column, _Cell]]:
    for at, name in enumerate(names):
        asked = name if name.endswith(")") else None  # of a curve, as `max(val/acc)`
        yield Column(name, "value", asked, limit=40), _key(at)
    yield Column("n", "value"), lambda group: group.count
    if any(group.failed for group in groups):
        yield Column("not counted", "value"), lambda group: group.failed
    rows = [(group.count, group.metrics) for group in groups]
    for column, spread in spread_columns(rows, policy, _METRIC, reach=True):
        if is_shown(column.name, shown):
            rank = 0 if is_wanted(column.name, shown) else column.rank
            yield replace(column, rank=rank), lambda group, cell=spread: cell(group.metrics)  # type: ignore[misc]  # mypy infers no default


def _key(at: int) -> _Cell:
    return lambda group: ABSENT if group.key[at] is None else group.key[at]


def _flat(groups: Sequence[ValueGroup], names: Sequence[str]) -> Flat:
    rows = [_flat_row(group, names) for group in groups]
    columns = dict.fromkeys((*names, "n", "failed", *(name for row in rows for name in row)))
    return Flat(tuple(columns), ([row.get(name, ABSENT) for name in columns] for row in rows))


def _flat_row(group: ValueGroup, names: Sequence[str]) -> dict[str, object]:
    row: dict[str, object] = {
        name: ABSENT if value is None else value
        for name, value in zip(names, group.key, strict=True)
    }
    row |= {"n": group.count, "failed": group.failed}
    for name, found in group.metrics.items():
        row |= sample_cells(name, found)
    return row
