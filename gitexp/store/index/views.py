"""The tables that `gitexp sql` offers: views of the search index, for one question."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from gitexp.store.index.answers import folder_twice
from gitexp.store.index.cells import NAN

MOST_COLUMNS = 1900
"""How many columns `runs` has at most: SQLite allows 2,000."""

ATTRIBUTES = (
    *("name", "id", "oid", "project", "status", "reason", "verified", "started", "ended"),
    *("duration", "command", "message", "hypothesis", "baseline", "inputs", "user", "host"),
    *("sweep", "sweep_name", "point", "repeat"),
)
"""The columns of `runs` that every project has."""

_LONG = {"metrics": "metrics", "params": "params", "curves": "series"}
"""Tables of names and values, with their kind in the index."""
_AS = {
    "project": "CAST(r.project AS TEXT)",
    "inputs": "nullif(substr(r.inputs, instr(r.inputs, ':') + 1), '')",
}
_VALUE = f"CASE c.kind WHEN {NAN} THEN NULL ELSE c.value END"


class View(Struct, frozen=True):
    """A table that may be asked."""

    name: str
    columns: tuple[str, ...]
    about: str
    left_out: int = 0
    """How many columns it would have beyond those."""


class _Value(Struct, frozen=True):
    """A metric or param, in all projects that are asked."""

    kind: str
    name: str
    ids: str
    """The numbers of its columns in the index, separated by commas."""


def make_views(connection: sqlite3.Connection, project: str | None) -> list[View]:
    """Make the views over the runs of a project (None: of all), and return what they are.

    They are temporary, and gone with the transaction. Runs that are removed, or that cannot be
    read, are in none of them.
    """
    folder, _ = folder_twice(project)
    here = "r.readable AND NOT r.removed"
    if folder is not None:
        here += f" AND r.project = x'{folder.hex()}'"
    values = _values(connection, project)
    named = list(_named(values))
    kept = named[: MOST_COLUMNS - len(ATTRIBUTES)]
    return [
        _runs(connection, kept, here, left_out=len(named) - len(kept)),
        *(_long(connection, name, kind, here) for name, kind in _LONG.items()),
        _beside(connection, "tags", "tags", ("tag",), here, "the tags of each run"),
        _beside(
            connection,
            "outputs",
            "written",
            ("path", "md5"),
            here,
            "what each run wrote behind pointers",
        ),
    ]


def _values(connection: sqlite3.Connection, project: str | None) -> list[_Value]:
    rows = connection.execute(
        "SELECT kind, name, group_concat(id) FROM main.columns WHERE kind IN ('metrics', 'params')"
        " AND scalars AND (? IS NULL OR project = ?) GROUP BY kind, name ORDER BY min(id)",
        folder_twice(project),
    )
    return [_Value(*row) for row in rows.fetchall()]


def _named(values: Sequence[_Value]) -> Iterator[tuple[str, _Value]]:
    """Yield the values with names of their own, though SQLite ignores case.

    A name that a metric and a param have, or an attribute, is written with its kind before it.
    """
    taken = set(ATTRIBUTES)
    times = Counter(value.name.lower() for value in values)
    for value in values:
        name = value.name
        if times[name.lower()] > 1 or name.lower() in taken:
            name = f"{value.kind}.{name}"
        number = 1
        unique = name
        while unique.lower() in taken:
            number += 1
            unique = f"{name} ({number})"
        taken.add(unique.lower())
        yield unique, value


def _runs(
    connection: sqlite3.Connection,
    values: Iterable[tuple[str, _Value]],
    here: str,
    *,
    left_out: int,
) -> View:
    columns = {name: _AS.get(name, f"r.{name}") for name in ATTRIBUTES}
    for name, value in values:
        cell = f"SELECT {_VALUE} FROM main.cells c WHERE c.column_id IN ({value.ids})"
        columns[name] = f"({cell} AND c.run = r.position)"
    shown = ", ".join(f"{term} AS {quoted(name)}" for name, term in columns.items())
    connection.execute(f"CREATE TEMP VIEW runs AS SELECT {shown} FROM main.runs r WHERE {here}")
    about = "a row for each run: what is known of it, its metrics and its params"
    return View("runs", tuple(columns), about, left_out)


def _long(connection: sqlite3.Connection, name: str, kind: str, here: str) -> View:
    connection.execute(
        f"CREATE TEMP VIEW {name} AS SELECT r.id AS run, k.name AS name, {_VALUE} AS value"
        " FROM main.columns k JOIN main.cells c ON c.column_id = k.id"
        f" JOIN main.runs r ON r.position = c.run WHERE k.kind = '{kind}' AND {here}"
    )
    what = "what is known of curves" if kind == "series" else f"the {kind} of each run"
    return View(name, ("run", "name", "value"), f"{what}, a row for each value")


def _beside(
    connection: sqlite3.Connection,
    name: str,
    table: str,
    columns: tuple[str, ...],
    here: str,
    about: str,
) -> View:
    shown = ", ".join(f"CAST(o.{column} AS TEXT) AS {column}" for column in columns)
    connection.execute(
        f"CREATE TEMP VIEW {name} AS SELECT r.id AS run, {shown}"
        f" FROM main.{table} o JOIN main.runs r ON r.position = o.run WHERE {here}"
    )
    return View(name, ("run", *columns), about)


def quoted(name: str) -> str:
    """Return a name as SQL writes it, which has no NUL."""
    doubled = name.replace('"', '""').replace("\0", "\\0")
    return f'"{doubled}"'
