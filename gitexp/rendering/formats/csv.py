"""Documents as one CSV table, with full precision."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from gitexp.comparison.changes import ABSENT
from gitexp.model.values import dumps
from gitexp.rendering.table import Document

_ROW_END = "\r\n"
_AT_ONCE = 200
_STARTS = frozenset("=+-@\t\r")
"""How formulas begin."""
_NUMBER = re.compile(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")
_PLAIN = frozenset({int, float})
"""What the writer spells as JSON does: left alone, because there are millions of such cells."""


class _Lines(list[str]):
    """Take rows from the writer; they end in a line feed alone, as other lines do.

    With that as its own setting, the writer would not quote a carriage return (Python before 3.13).
    """

    def write(self, row: str) -> None:
        self.append(f"{row.removesuffix(_ROW_END)}\n")

    def taken(self) -> str:
        """Return what was written since the last time."""
        text = "".join(self)
        self.clear()
        return text


def render(document: Document, *, width: int | None = None, colour: bool = False) -> str:
    """Return the document's one flat table; neither width nor colour matters."""
    del width, colour
    return "".join(pieces(document))


def pieces(document: Document) -> Iterator[str]:
    """Yield the lines of the document's one flat table, some at a time."""
    flat = document.flat()
    lines = _Lines()
    writer = csv.writer(lines, lineterminator=_ROW_END)
    writer.writerow(map(_cell, flat.columns))
    for row in flat.rows:
        writer.writerow([one if type(one) in _PLAIN else _cell(one) for one in row])
        if len(lines) == _AT_ONCE:
            yield lines.taken()
    yield lines.taken()


def _cell(value: object) -> str:
    """Return one cell: text as it is, other values as JSON, nothing for what is absent.

    Text that a spreadsheet would reckon with has a `'` in front, by which it is text there.
    """
    if isinstance(value, str):
        if value[:1] in _STARTS and value[1:] and not _NUMBER.fullmatch(value):
            value = f"'{value}"
        return value if value.isascii() else value.encode(errors="backslashreplace").decode()
    if value is ABSENT:
        return ""
    return _list(value) if type(value) is tuple else dumps(value)


@lru_cache(maxsize=256)
def _list_of_texts(texts: tuple[str, ...]) -> str:
    return dumps(texts)


def _list(values: tuple[object, ...]) -> str:
    """Return a list of a record's: most runs have the same ones."""
    if all(type(one) is str for one in values):
        return _list_of_texts(cast("tuple[str, ...]", values))
    return dumps(values)
