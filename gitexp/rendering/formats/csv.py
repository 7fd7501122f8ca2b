"""Documents as one CSV table, with full precision."""

from __future__ import annotations

import csv

from gitexp.comparison.diff import ABSENT, is_number
from gitexp.model.values import dumps
from gitexp.rendering.table import Document

_ROW_END = "\r\n"


class _Lines(list[str]):
    """Take rows from the writer; they end in a line feed alone, as other lines do.

    Were the writer told so, it would not quote a carriage return (Python before 3.13).
    """

    def write(self, row: str) -> None:
        self.append(f"{row.removesuffix(_ROW_END)}\n")


def render(document: Document, *, width: int | None = None, colour: bool = False) -> str:
    """Return the document's one flat table; neither width nor colour matters."""
    del width, colour
    flat = document.flat()
    lines = _Lines()
    writer = csv.writer(lines, lineterminator=_ROW_END)
    writer.writerow(map(_cell, flat.columns))
    writer.writerows([_cell(value) for value in row] for row in flat.rows)
    return "".join(lines)


def _cell(value: object) -> str:
    """Return one cell: text as it is, other values as JSON, nothing for what is absent."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode(errors="backslashreplace").decode()
    if value is ABSENT:
        return ""
    if is_number(value):
        return str(value)
    return "[]" if value == () else dumps(value)  # many of a record's lists are empty
