"""Points from a list: CSV or JSON, a row a point, or what `gitexp ls --csv` prints."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from gitexp.errors import GitexpError
from gitexp.execution.overrides.grammar import plain_scalar, split_file
from gitexp.model.documents.reading import decode
from gitexp.model.numbers import counted
from gitexp.model.values import Value, dumps, flatten, loads
from gitexp.sweep.grammar import check_key, choices
from gitexp.sweep.space import Axis, Choices, Space

_EXAMPLE = 'Write `[{"lr": 0.1}, {"lr": 0.01}]`.'
_PREFIX = "params."
"""What the columns of `gitexp ls --csv` begin with that count."""

Row = dict[str, Value]


def parse_points(content: bytes, name: str) -> tuple[Space, list[str]]:
    """Read a list of points; return the space that has just these, and notes on it.

    An empty cell means that a point has no value there.
    """
    text = decode(content, name)
    first = text.lstrip()[:1]
    rows = _from_json(text, name) if first in ("[", "{") else _from_csv(text, name)
    rows = _of_runs(rows)
    if not rows or not any(rows):
        raise GitexpError(
            f"'{name}' lists no points", "Write the keys into the first line, and a point a line."
        )
    notes: list[str] = []
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(dumps(_ordered(row)), row)
    kept = tuple(found.values())
    if len(kept) < len(rows):
        again = counted(len(rows) - len(kept), "row")
        notes.append(f"note: '{name}' has {again} more than once: each counts once")
    return Space(tuple(_axes(kept)), rows=kept), notes


def _ordered(row: Row) -> Row:
    return {key: row[key] for key in sorted(row)}


def _of_runs(rows: list[Row]) -> list[Row]:
    """Return the params alone if the list is one of runs."""
    if not any(key.startswith(_PREFIX) for row in rows for key in row):
        return rows
    return [
        {key.removeprefix(_PREFIX): value for key, value in row.items() if key.startswith(_PREFIX)}
        for row in rows
    ]


def _axes(rows: Iterable[Row]) -> Iterable[Axis]:
    values: dict[str, list[Value]] = {}
    for row in rows:
        for name, value in row.items():
            values.setdefault(name, []).append(value)
    for name, listed in values.items():
        file, rest = split_file(name)
        key = rest.lstrip("+")
        check_key(name, key)
        yield Axis(key, _distinct(key, listed), file)


def _distinct(key: str, listed: list[Value]) -> Choices:
    return choices(key, {dumps(value): value for value in listed}.values(), [])


def _from_csv(text: str, name: str) -> list[Row]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = [column.strip() for column in next(lines, [])]
        _check_head(head, name)
        return [_row(head, cells, f"line {lines.line_num} of '{name}'") for cells in lines if cells]
    except csv.Error as error:
        raise GitexpError(f"line {lines.line_num} of '{name}' is not CSV: {error}") from error


def _check_head(head: list[str], name: str) -> None:
    for at, column in enumerate(head):
        if not column:
            raise GitexpError(f"column {at + 1} of '{name}' has no name", "Each names a key.")
        if column in head[:at]:
            raise GitexpError(f"'{name}' has two columns '{column}'", "Take one out.")


def _row(head: list[str], cells: list[str], where: str) -> Row:
    if len(cells) != len(head):
        raise GitexpError(
            f"{where} has {len(cells)} cells, and the first line {len(head)}",
            "Quote a cell that has a comma in it.",
        )
    return {key: _cell(cell) for key, cell in zip(head, cells, strict=True) if cell != ""}


def _cell(cell: str) -> Value:
    """Return what a cell holds: lists and mappings as JSON, other values as after `-S`."""
    if cell[:1] in ("[", "{"):
        try:
            return loads(cell)
        except ValueError:
            return cell
    return plain_scalar(cell)


def _from_json(text: str, name: str) -> list[Row]:
    try:
        found = loads(text)
    except ValueError as error:
        raise GitexpError(f"'{name}' is not JSON: {error}", _EXAMPLE) from error
    rows = found if isinstance(found, list) else [found]
    if not all(isinstance(row, dict) for row in rows):
        raise GitexpError(f"'{name}' is not a list of points", _EXAMPLE)
    return [flatten(row) for row in rows if isinstance(row, dict)]
