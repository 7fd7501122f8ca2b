"""What `gitexp ls --baseline` adds to a list: by how much each run differs from a pinned one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from gitexp.comparison.changes import ABSENT, Change, marked
from gitexp.comparison.ranking import ruled_name
from gitexp.model.policy import Mark, Policy
from gitexp.model.record import RunRecord
from gitexp.model.values import Value, is_number
from gitexp.rendering.run_data import run_data
from gitexp.rendering.run_rows import Row, RunRow, UnreadableRun, rows_of, twice_in
from gitexp.rendering.table import BLANK, Column, Flat

ChangeCell: TypeAlias = "Callable[[Row], object]"


class Pinned(Struct, frozen=True):
    """The run that all others are held against."""

    oid: str
    record: RunRecord
    policy: Policy
    """Says which changes are for the better."""

    def first(self, runs: Sequence[RunRow]) -> list[RunRow]:
        """Return runs with this one on top, wherever it was, if at all."""
        return [(self.oid, self.record), *(one for one in runs if not self.is_same(one))]

    def is_same(self, run: RunRow) -> bool:
        """Return whether a run is the pinned one."""
        return not isinstance(run, UnreadableRun) and run[1].id == self.record.id

    def change(self, name: str, old: Value, row: Row) -> Change | None:
        """Return how a metric of a run differs; None if that is not the question."""
        new = row.metrics.get(name)
        if self.is_same(row.run) or not (is_number(old) and is_number(new)):
            return None
        return marked(Change("", ruled_name(self.policy, name), old, new), self.policy)


class Moves(Struct, frozen=True):
    """The changes of one metric over the rows of a table, of which the first is pinned."""

    column: Column
    cell: ChangeCell
    marks: Mapping[int, Mark]
    """By row, where one is better or worse."""


def moves(pinned: Pinned, name: str, rows: Sequence[Row], rank: int) -> Moves | None:
    """Return the changes of a metric; None if there are none to be shown."""
    old = rows[0].metrics.get(name)
    found = [pinned.change(name, old, row) for row in rows]
    if not any(one is not None and one.delta for one in found):
        return None
    by_run = {id(row): one for row, one in zip(rows, found, strict=True)}

    def cell(row: Row) -> object:
        change = by_run[id(row)]
        return BLANK if change is None or change.delta is None else change.delta

    marks = {at: one.mark for at, one in enumerate(found) if one is not None and one.mark}
    return Moves(Column(f"{name} change", "delta", "change", rank=rank), cell, marks)


def with_moves(
    pinned: Pinned,
    columns: Iterable[tuple[Column, ChangeCell]],
    rows: Sequence[Row],
    marks: dict[str, Mapping[int, str]],
) -> Iterator[tuple[Column, ChangeCell]]:
    """Yield the columns of metrics, each with its changes behind it; `marks` gets how they are."""
    for column, cell in columns:
        yield column, cell
        found = moves(pinned, column.name, rows, column.rank)
        if found is not None:
            marks[found.column.name] = found.marks
            yield found.column, found.cell


def data_against(pinned: Pinned, runs: Iterable[RunRow]) -> Iterator[object]:
    """Yield runs for programs, each with its changes."""
    for run in runs:
        data = run_data(run)
        both = [(pinned.oid, pinned.record), run]
        own, row = rows_of(both, twice_in(both))  # what one has in two files is told apart in both
        changes = {
            name: change
            for name, old in own.metrics.items()
            if (change := pinned.change(name, old, row)) is not None
        }
        told = {
            name: {"delta": one.delta, "relative": one.relative, "mark": one.mark}
            for name, one in changes.items()
        }
        yield {**data, "against": pinned.record.name, "change": told}


def flat_against(pinned: Pinned, flat: Flat) -> Flat:
    """Return one flat table with a column for the change of each metric of the pinned run."""
    values = _under_every_name(pinned)
    places = {name: at for at, name in enumerate(flat.columns)}
    known = {
        name: (old, places[f"metrics.{name}"])
        for name, old in values.items()
        if is_number(old) and f"metrics.{name}" in places
    }

    def changes(row: Sequence[object]) -> Iterator[object]:
        for name, (old, at) in known.items():
            new = row[at]
            moved = Change("", name, old, new).delta if is_number(new) else None
            yield ABSENT if moved is None else moved

    columns = (*flat.columns, *(f"change.{name}" for name in known))
    return Flat(columns, ([*row, *changes(row)] for row in flat.rows))


def _under_every_name(pinned: Pinned) -> dict[str, Value]:
    """Return the metrics of the pinned run with and, where it is sure which, without their file."""
    run: RunRow = (pinned.oid, pinned.record)
    [plain] = rows_of([run], ())
    [in_files] = rows_of([run], plain.metrics)
    unsure = twice_in([run])
    sure = {name: value for name, value in plain.metrics.items() if name not in unsure}
    return {**sure, **in_files.metrics}
