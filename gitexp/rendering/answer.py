"""What `gitexp sql` shows: the rows of an answer, or the tables that may be asked."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from gitexp.comparison.changes import ABSENT
from gitexp.model.numbers import counted
from gitexp.rendering.table import Column, Document, Flat, Kind, Table

_LIMIT = 60


class Offered(Struct, frozen=True):
    """A table that may be asked."""

    name: str
    columns: Sequence[str]
    about: str
    left_out: int = 0
    """How many columns it lacks because SQLite has no room for them."""


def answer_document(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Document:
    """Show the rows of an answer, in their order."""
    names = tuple(_apart(columns))
    return Document(
        data=lambda: [dict(zip(names, map(_plain, row), strict=True)) for row in rows],
        flat=lambda: Flat(names, (list(map(_shown, row)) for row in rows)),
        tables=lambda: [_table(names, rows)] if rows else [],
        notes=() if rows else ("No rows.",),
        ways=("--json", "--csv"),
    )


def _table(names: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    columns = tuple(
        Column(name, _kind(rows, at), limit=_LIMIT, rank=0 if at == 0 else at)
        for at, name in enumerate(names)
    )
    return Table(columns, [list(map(_shown, row)) for row in rows], header=True)


def _kind(rows: Sequence[Sequence[object]], at: int) -> Kind:
    found = {type(row[at]) for row in rows} - {type(None)}
    return "value" if found <= {int, float} else "name"


def _shown(value: object) -> object:
    return ABSENT if value is None else _plain(value)


def _plain(value: object) -> object:
    """Return a value as JSON can have it: of bytes, what they are in Base64."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _apart(columns: Sequence[str]) -> Iterator[str]:
    """Yield the heads, each another: SQL may give two columns one name.

    >>> list(_apart(["name", "lr", "name"]))
    ['name', 'lr', 'name (2)']
    """
    times: Counter[str] = Counter()
    for name in columns:
        times[name] += 1
        yield name if times[name] == 1 else f"{name} ({times[name]})"


def offer_document(offered: Sequence[Offered]) -> Document:
    """List the tables, with the columns of each."""
    notes = tuple(
        f"{counted(one.left_out, 'column')} of '{one.name}' left out: ask 'metrics' and 'params'"
        for one in offered
        if one.left_out
    )
    return Document(
        data=lambda: [
            {"table": one.name, "about": one.about, "columns": list(one.columns)} for one in offered
        ],
        flat=lambda: Flat(
            ("table", "column"), [(one.name, column) for one in offered for column in one.columns]
        ),
        tables=lambda: [_offer(offered)],
        notes=notes,
    )


def _offer(offered: Sequence[Offered]) -> Table:
    columns = (Column("table"), Column("columns", "name", limit=0))
    rows = [(one.name, ", ".join(one.columns)) for one in offered]
    return Table(columns, rows, header=True)
