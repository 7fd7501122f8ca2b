"""Values of runs as terms of a statement, whether they are cells or attributes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from gitexp.comparison.query.expression import Column
from gitexp.errors import GitexpError
from gitexp.model.values import Value
from gitexp.store.index.cells import LARGE, NAN, NUMBER, TEXT, ColumnIds, decode

_PATH = 6
"""The kind of bytes that are a path."""
_NUMBERS = frozenset({"duration", "point", "repeat"})
NUMERIC = f"({LARGE}, {NUMBER}, {NAN})"
"""The kinds of cells that are numbers."""


_MOST = 30
"""How many values of a run one statement may ask for: SQLite joins 64 tables at most."""


class Term(NamedTuple):
    """One value of run `r`, as SQL; both are NULL where it has none."""

    kind: str
    value: str
    join: str = ""
    """What has to be joined for it."""


def terms_of(columns: Sequence[Column], column_ids: ColumnIds) -> list[Term]:
    """Return columns as terms of one statement; raises GitexpError for too many."""
    if len(columns) > _MOST:
        raise GitexpError(
            f"{len(columns)} values at once are too many", hint=f"Name at most {_MOST}."
        )
    return [term(one, at, column_ids) for at, one in enumerate(columns)]


def term(column: Column, number: int, column_ids: ColumnIds) -> Term:
    """Return a column as a term; `number` tells it from others of the statement.

    Raises GitexpError for the tags: a run may have several.
    """
    if column.kind != "attribute":
        name, ids = f"x{number}", ", ".join(map(str, column_ids(column)))
        join = f" LEFT JOIN cells {name} ON {name}.run = r.position AND {name}.column_id IN ({ids})"
        return Term(f"{name}.kind", f"{name}.value", join)
    if column.name == "tag":
        raise GitexpError("'tag' is not one value of a run", hint="A run may have several tags.")
    value = f"r.{column.name}"
    if column.name == "sweep":
        value = "coalesce(r.sweep_name, r.sweep)"
    kind = NUMBER if column.name in _NUMBERS else _PATH if column.name == "project" else TEXT
    return Term(f"CASE WHEN {value} IS NOT NULL THEN {kind} END", value)


def value_of(kind: int | None, raw: float | str | bytes | None) -> Value:
    """Return the value of a term; None for nothing."""
    if kind is None or raw is None:
        return None
    return os.fsdecode(raw) if isinstance(raw, bytes) else decode(kind, raw)
