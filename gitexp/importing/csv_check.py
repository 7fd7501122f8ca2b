"""What is looked for in all of a table before one of its rows is recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from gitexp.errors import GitexpError
from gitexp.importing.csv_columns import Columns, cell
from gitexp.importing.csv_written import Times
from gitexp.model.text import harmless


def check_rows(
    rows: Iterable[tuple[int, Sequence[str]]], head: Sequence[str], columns: Columns, file: str
) -> None:
    """Raise GitexpError for rows that would be lost, or that would say what nobody wrote."""
    keys, times = _Keys(columns), Times()
    roles = () if columns.dates else ("started", "ended")
    for line, cells in rows:
        if len(cells) <= len(head):
            keys.add(line, cells)
            for role in roles:
                times.add(line, role, cell(cells, columns.roles.get(role)))
    keys.check(head, file)
    times.check(file)


class _Keys:
    """The keys of a table: two rows of one key are one run, so they have to say the same."""

    def __init__(self, columns: Columns) -> None:
        self._at = columns.roles.get("key")
        kinds = (columns.roles, columns.params, columns.metrics, columns.labels)
        self._used = sorted({at for kind in kinds for at in kind.values()})
        self._first: dict[str, tuple[int, bytes]] = {}
        self._twice: dict[str, tuple[int, int]] = {}

    def add(self, line: int, cells: Sequence[str]) -> None:
        """Take in a row."""
        key = cell(cells, self._at)
        if not key:
            return
        said = repr([cell(cells, at) for at in self._used]).encode(errors="surrogatepass")
        content = hashlib.sha256(said).digest()
        first, before = self._first.setdefault(key, (line, content))
        if before != content:
            self._twice.setdefault(key, (first, line))

    def check(self, head: Sequence[str], file: str) -> None:
        """Raise GitexpError if a key stands for two runs."""
        if not self._twice or self._at is None:
            return
        key, (first, second) = next(iter(self._twice.items()))
        more = len(self._twice) - 1
        others = f"; so it is with {more:,} other{'s' if more > 1 else ''}" if more else ""
        raise GitexpError(
            f"'{file}' has the {harmless(head[self._at].strip())} '{harmless(key)}'"
            f" in line {first} and, with other values, in line {second}{others}",
            hint="Name a column that tells the rows apart by `--key COLUMN`;"
            " `--key ''` goes by all that a row holds.",
        )
