"""SQL that a person asks of the runs: one `select`, over views, that changes nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.store.index.views import View, make_views, quoted

_STEPS = 20_000
"""After how many steps of SQLite's machine Ctrl-C is looked for: some milliseconds."""
_READ_AT_WILL = frozenset({"json_each", "json_tree"})
_REFUSED = frozenset({"load_extension", "holds"})
_NOT_ALLOWED = ("prohibited", "not authorized", "cannot modify", "cannot VACUUM")
_DAMAGE = ("malformed", "not a database", "disk I/O")


class Answer(Struct, frozen=True):
    """What a statement gave."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]


def ask(connection: sqlite3.Connection, project: str | None, statement: str) -> Answer:
    """Return what a `select` gives over the runs of a project (None: of all).

    Raises:
        GitexpError: SQLite cannot read the statement, or it asks for more than to read.
        KeyboardInterrupt: It took too long for somebody.
        sqlite3.Error: The index is damaged.
    """
    views = make_views(connection, project)
    with _reading_only(connection, views):
        try:
            asked = connection.execute(statement)
            columns = tuple(row[0] for row in asked.description or ())
            rows = asked.fetchall()
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _translated(error, views) from error
    if not columns:
        raise GitexpError("there is nothing to answer", hint=_hint())
    return Answer(columns, rows)


@contextlib.contextmanager
def _reading_only(connection: sqlite3.Connection, views: Sequence[View]) -> Iterator[None]:
    """Let SQLite do nothing but read the views, and stop at Ctrl-C."""
    names = {view.name for view in views}
    connection.execute("SELECT 1 FROM json_each('[]')")  # made at its first use: later is too late

    def judge(
        action: int, one: str | None, two: str | None, place: str | None, by: str | None
    ) -> int:
        if action == sqlite3.SQLITE_READ:  # without a column, rows are only counted
            of_view = by is not None or (place == "temp" and one in names)
            allowed = of_view or not two or one in _READ_AT_WILL
        elif action == sqlite3.SQLITE_FUNCTION:
            allowed = two not in _REFUSED
        else:
            allowed = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE)
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    as_text, connection.text_factory = connection.text_factory, _text
    connection.set_authorizer(judge)
    connection.set_progress_handler(lambda: 0, _STEPS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
        connection.set_authorizer(lambda *_: sqlite3.SQLITE_OK)
        connection.text_factory = as_text


def _text(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")


def _translated(
    error: sqlite3.Error | sqlite3.Warning, views: Sequence[View]
) -> Exception | KeyboardInterrupt:
    said = str(error)
    if said == "interrupted":  # Ctrl-C reaches Python between SQLite's steps alone
        return KeyboardInterrupt()
    if any(word in said for word in _DAMAGE):
        return error
    if any(word in said for word in _NOT_ALLOWED):
        return GitexpError("SQL may only read the tables that gitexp offers", hint=_hint())
    what, _, name = said.partition(": ")
    known = {
        "no such column": [column for view in views for column in view.columns],
        "no such table": [view.name for view in views],
    }
    if what in known:
        return GitexpError(said, hint=_close(name, known[what]))
    return GitexpError(f"SQL: {said.removesuffix('.')}", hint=_hint())


def _close(name: str, names: Sequence[str]) -> str:
    """Return the hint for a name that nothing has: SQLite takes a dot for a table's."""
    import difflib  # noqa: PLC0415 - 1 ms, on the way out alone

    if "." in name and name in names:
        return f"Write {quoted(name)}, in double quotes."
    ends = dict.fromkeys(one for one in names if one.endswith(f".{name}"))
    close = [*ends] if len(ends) == 1 else difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {_said(close[0])}? {_hint()}" if close else _hint()


def _said(name: str) -> str:
    """Return a name as a statement has to have it, if it is more than a word."""
    return f"'{name}'" if name.isidentifier() else quoted(name)


def _hint() -> str:
    return "`gitexp sql` lists the tables and their columns."
