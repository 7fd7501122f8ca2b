"""Expressions of the query language as SQL; `comparison.query.evaluate` says what they mean.

What SQLite cannot decide as exactly is asked of Python, value by value.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Any, cast

from gitexp.comparison.query.attributes import ATTRIBUTES
from gitexp.comparison.query.evaluate import matches
from gitexp.comparison.query.expression import (
    And,
    Comparison,
    Constant,
    Expression,
    In,
    IsNull,
    Leaf,
    Not,
    Or,
)
from gitexp.comparison.query.run_values import Attribute, RunValues
from gitexp.model.values import Value
from gitexp.store.index.cells import (
    BOOL,
    LARGE,
    NAN,
    NUMBER,
    OTHER,
    TEXT,
    ColumnIds,
    decode,
    encode,
)

_PATH = 6
"""The kind of bytes that are a path, for what is asked of Python."""
_NUMBERS = frozenset({"duration", "point", "repeat"})
_INPUTS = "nullif(substr(r.inputs, instr(r.inputs, ':') + 1), '')"
"""The oid of inputs; their column has them as the trailer."""
_MOST_LISTED = 100
"""How many constants of an `in` SQL is asked to compare with."""


class Conditions:
    """Expressions on their way into one statement, with the values they bring along.

    The run is row `r` of table `runs`.
    """

    def __init__(self, connection: sqlite3.Connection, column_ids: ColumnIds) -> None:
        self.values: list[object] = []
        self._column_ids = column_ids
        self._leaves: list[Leaf] = []
        self._answers: dict[tuple[object, ...], bool] = {}
        connection.create_function("holds", 3, self._holds, deterministic=True)

    def _holds(self, *asked: Any) -> bool:
        """Answer what SQL asks; the values of a hundred thousand runs are often the same few."""
        known = self._answers.get(asked)
        if known is None:
            known = self._answers[asked] = self._is_true(*asked)
        return known

    def _is_true(self, number: int, kind: int, raw: float | str | bytes | None) -> bool:
        leaf = self._leaves[number]
        name = leaf.column.name
        if isinstance(raw, bytes):
            value: Value = os.fsdecode(raw)
        else:
            value = None if raw is None else decode(kind, raw)
        if leaf.column.kind == "metrics":
            return matches(leaf, RunValues(metrics={name: value}))
        if leaf.column.kind == "params":
            return matches(leaf, RunValues(params={name: value}))
        if leaf.column.kind == "series":
            return matches(leaf, RunValues(series={name: value}))
        attribute = (str(value),) if name == "tag" else cast("Attribute", value)
        return matches(leaf, RunValues(attributes={name: attribute}))

    def sql(self, expression: Expression) -> str:
        """Return an expression as a condition."""
        if isinstance(expression, And):
            return _joined("AND", [self.sql(part) for part in expression.parts])
        if isinstance(expression, Or):
            return _joined("OR", [self.sql(part) for part in expression.parts])
        if isinstance(expression, Not):
            return f"NOT {self.sql(expression.part)}"
        if expression.column.kind != "attribute":
            return self._of_value(expression)
        return (
            self._of_tags(expression)
            if expression.column.name == "tag"
            else self._of_attribute(expression)
        )

    def _of_value(self, leaf: Leaf) -> str:
        ids = ", ".join(map(str, self._column_ids(leaf.column)))
        cells = f"SELECT run FROM cells WHERE column_id IN ({ids})"
        if isinstance(leaf, IsNull):
            return f"(r.position NOT IN ({cells}))"
        return f"(r.position IN ({cells} AND {self._of_cell(leaf)}))"

    def _of_cell(self, leaf: Leaf) -> str:
        if isinstance(leaf, Comparison):
            return self._compared(leaf)
        if isinstance(leaf, In) and len(leaf.values) <= _MOST_LISTED:
            equal = [self._compared(Comparison(leaf.column, "==", one)) for one in leaf.values]
            return _joined("OR", equal)
        return self._asked(leaf, "kind", "value")

    def _compared(self, leaf: Comparison) -> str:
        """Return a comparison of a cell, whatever its kind."""
        if leaf.value != leaf.value:
            return {"==": f"kind = {NAN}", "!=": f"kind != {NAN}"}.get(leaf.op, "0")
        asked = self._asked(leaf, "kind", "value")
        kind = _plain_kind(leaf.value)
        if kind is None:
            return asked
        if kind == BOOL and leaf.op not in ("==", "!="):
            return "0"  # true and false have no order
        exactly = f"WHEN {kind} THEN value {leaf.op} ?"
        self.values.append(leaf.value)
        alike = {NUMBER: LARGE, TEXT: OTHER}.get(kind)
        nearly = f"WHEN {alike} THEN {asked}" if alike is not None else ""
        return f"(CASE kind {exactly} {nearly} ELSE {int(leaf.op == '!=')} END)"

    def _of_attribute(self, leaf: Leaf) -> str:
        name = leaf.column.name
        if name == "sweep":
            return self._of_sweep(leaf)
        column = _INPUTS if name == "inputs" else f"r.{name}"
        if isinstance(leaf, IsNull):
            return "0" if name in ("name", "id", "project") else f"({column} IS NULL)"
        if isinstance(leaf, Comparison) and _plain_kind(leaf.value) in (NUMBER, TEXT):
            if ATTRIBUTES[name] == "oid":
                self.values += [leaf.value, leaf.value]
                return f"coalesce(substr({column}, 1, length(?)) = ?, 0)"
            if name != "project":
                self.values.append(leaf.value)
                return f"coalesce(r.{name} {leaf.op} ?, 0)"
        kind = NUMBER if name in _NUMBERS else _PATH if name == "project" else TEXT
        return self._asked(leaf, str(kind), column)

    def _of_sweep(self, leaf: Leaf) -> str:
        """Return what a condition means for the id or the name of a sweep."""
        if isinstance(leaf, IsNull):
            return "(r.sweep IS NULL)"
        if isinstance(leaf, Comparison) and leaf.op == "==" and _plain_kind(leaf.value) == TEXT:
            self.values += [leaf.value, leaf.value]
            return "(coalesce(r.sweep = ?, 0) OR coalesce(r.sweep_name = ?, 0))"
        asked = (self._asked(leaf, str(TEXT), f"r.{name}") for name in ("sweep", "sweep_name"))
        return f"({' OR '.join(asked)})"

    def _of_tags(self, leaf: Leaf) -> str:
        if isinstance(leaf, IsNull):
            return "(r.position NOT IN (SELECT run FROM tags))"
        if isinstance(leaf, Comparison) and leaf.op == "==" and _plain_kind(leaf.value) == TEXT:
            self.values.append(leaf.value)
            return "(r.position IN (SELECT run FROM tags WHERE tag = ?))"
        asked = self._asked(leaf, str(TEXT), "tag")
        return f"(r.position IN (SELECT run FROM tags WHERE {asked}))"

    def _asked(self, leaf: Leaf, kind: str, value: str) -> str:
        """Return a question to Python."""
        self._leaves.append(leaf)
        return f"holds({len(self._leaves) - 1}, {kind}, {value})"


def _plain_kind(constant: Constant) -> int | None:
    """Return the kind of a constant that SQLite compares as Python does."""
    cell = encode(constant)
    return cell.kind if cell is not None and cell.kind in (NUMBER, BOOL, TEXT) else None


def _joined(operator: str, parts: list[str]) -> str:
    """Join conditions in pairs of pairs: SQLite refuses an expression that is 1,000 deep."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    left, right = _joined(operator, parts[:middle]), _joined(operator, parts[middle:])
    return f"({left} {operator} {right})"
