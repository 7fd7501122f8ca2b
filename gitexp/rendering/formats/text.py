"""Documents as aligned text for people and terminals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitexp.model.text import harmless, text_width
from gitexp.rendering.layout import Cells, clipped, fitting, laid_out
from gitexp.rendering.table import Document, Table

_INDENT = "  "
_BOLD, _DIM, _RED, _GREEN, _YELLOW = "1", "2", "31", "32", "33"
_STYLES = {
    "better": _GREEN,
    "worse": _RED,
    "failed": _RED,
    "lost": _RED,
    "interrupted": _YELLOW,
    "timed": _YELLOW,
    "needs": _YELLOW,
    "~": _DIM,
}
"""How a mark is coloured, by its first word."""


def render(document: Document, *, width: int | None = None, colour: bool = False) -> str:
    """Return the document as lines; columns that exceed the width are left out and named."""
    lines: list[str] = []
    left_out: dict[str, None] = {}
    if document.heading:
        lines += [_styled(" → ".join(map(harmless, document.heading)), _BOLD, colour), ""]
    for table in document.tables():
        block, names = _block(table, width, colour)
        lines += block
        left_out.update(dict.fromkeys(names))
    lines += map(harmless, document.notes)
    if document.log:
        lines.append(_styled("Log", _BOLD, colour))
        lines += [f"{_INDENT}{harmless(line.expandtabs())}".rstrip() for line in document.log]
    if left_out:
        lines.append(_styled(_left_out_text(list(left_out), width), _DIM, colour))
    return "".join(f"{line}\n" for line in lines)


def _block(table: Table, width: int | None, colour: bool) -> tuple[list[str], list[str]]:
    """Return the lines of a table, and the names of the columns that are left out."""
    indent = _INDENT if table.title else ""
    room = None if width is None else width - len(indent)
    shown, left_out = fitting(laid_out(table), room)
    lines = []
    if table.title:
        about = f" ({harmless(table.about)})" if table.about else ""
        lines.append(_styled(table.title, _BOLD, colour) + about)
    if table.header:
        heads = "".join(f"{cells.gap}{cells.padded_heading}" for cells in shown).rstrip()
        lines.append(indent + _styled(heads, _BOLD, colour))
    columns = [list(_padded(cells, colour)) for cells in shown]
    lines += [f"{indent}{''.join(cells)}".rstrip() for cells in zip(*columns, strict=True)]
    return lines, left_out


def _padded(cells: Cells, colour: bool) -> Iterator[str]:
    coloured = colour and cells.column.kind == "mark"
    for text in cells.padded:
        yield cells.gap_before(text) + (_marked(text) if coloured else text)


def _marked(text: str) -> str:
    words = text.split(maxsplit=1)
    style = _STYLES.get(words[0], "") if words else ""
    return _styled(text.rstrip(), style, bool(style)) + " " * (len(text) - len(text.rstrip()))


def _styled(text: str, style: str, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour and text else text


def _left_out_text(names: Sequence[str], width: int | None) -> str:
    """Name as many of the columns as one line has room for."""
    for named in range(len(names), 0, -1):
        rest = len(names) - named
        more = f" and {rest} more" if rest else ""
        line = f"Too wide to show: {', '.join(map(harmless, names[:named]))}{more}"
        if width is None or text_width(line) <= width:
            return line
    return clipped(f"Too wide to show: {len(names)} columns", width or 0)
