"""Documents as aligned text for people and terminals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitexp.model.numbers import counted
from gitexp.model.text import harmless, text_width
from gitexp.rendering.course import drawn
from gitexp.rendering.layout import Cells, Side, clipped, fitting
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
    "ok": _GREEN,
    "note": _YELLOW,
    "wrong": _RED,
}
"""How a mark is coloured, by its first word."""


def render(document: Document, *, width: int | None = None, colour: bool = False) -> str:
    """Return the document as lines; columns that exceed the width are left out and named."""
    lines: list[str] = []
    left_out: dict[str, None] = {}
    if document.heading:
        lines += [_styled(" → ".join(map(harmless, document.heading)), _BOLD, colour), ""]
    if document.course:
        lines += [drawn(document.course, width), ""]
    marked = False
    for table in document.tables():
        room = None if width is None else width - len(_indent(table))
        shown, names = fitting(table, room)
        lines += _block(table, shown, colour)
        left_out.update(dict.fromkeys(names))
        marked = marked or any(cells.best for cells in shown)
    legend = (f"* {document.legend}",) if marked else ()
    for note in map(harmless, (*legend, *document.notes)):
        lines += _wrapped(note, width)
    if document.log:
        lines.append(_styled("Log", _BOLD, colour))
        lines += [f"{_INDENT}{harmless(line.expandtabs())}".rstrip() for line in document.log]
    if left_out:
        named = _left_out_text(list(left_out), document.ways, width)
        lines.append(_styled(named, _DIM, colour))
    return "".join(f"{line}\n" for line in lines)


def _wrapped(note: str, width: int | None) -> list[str]:
    if width is None:
        return [note]
    import textwrap  # noqa: PLC0415 - 1 ms, for a terminal alone

    return textwrap.wrap(note, width)


def _indent(table: Table) -> str:
    return _INDENT if table.title or table.groups else ""


def _block(table: Table, shown: Sequence[Cells], colour: bool) -> list[str]:
    """Return the lines of a table, of which some columns are shown."""
    indent = _indent(table)
    lines = [_title(table.title, table.about, colour)] if table.title else []
    if table.header:
        heads = [cells.gap + padded(cells.heading, cells.width, cells.side) for cells in shown]
        lines.append(indent + _styled("".join(heads).rstrip(), _BOLD, colour))
    titles = {group.start: _title(group.title, group.about, colour) for group in table.groups}
    columns = [list(_column(cells, colour)) for cells in shown]
    for at, cells in enumerate(zip(*columns, strict=True)):
        if at in titles:
            lines.append(titles[at])
        lines.append(f"{indent}{''.join(cells)}".rstrip())
    return lines


def _title(title: str, about: str, colour: bool) -> str:
    return _styled(title, _BOLD, colour) + (f" ({harmless(about)})" if about else "")


def padded(text: str, width: int, side: Side) -> str:
    """Return the text with spaces on its other side."""
    room = " " * (width - text_width(text))
    return text + room if side == "left" else room + text


def padded_texts(cells: Cells) -> Iterator[str]:
    """Return the texts of a column, as wide as it is."""
    width, side = cells.width, cells.side
    if all(map(str.isascii, cells.texts)):
        pad = str.ljust if side == "left" else str.rjust
        return (pad(text, width) for text in cells.texts)
    return (padded(text, width, side) for text in cells.texts)


def _column(cells: Cells, colour: bool) -> Iterator[str]:
    """Return the texts of a column with the gap before it, styled."""
    styled = colour and (cells.best or cells.marks or cells.column.kind == "mark")
    if not cells.column.joined and not styled:
        return (cells.gap + text for text in padded_texts(cells))
    return _styled_cells(cells, colour)


def _styled_cells(cells: Cells, colour: bool) -> Iterator[str]:
    marks = colour and cells.column.kind == "mark"
    best = cells.best if colour else frozenset()
    for at, text in enumerate(padded_texts(cells)):
        style = _style(text) if marks else _GREEN if at in best else _style(cells.marks.get(at, ""))
        yield _gap_before(cells, text) + _styled_word(text, style if colour else "")


def _gap_before(cells: Cells, text: str) -> str:
    """Return what stands before a cell; nothing is joined to an empty one."""
    return cells.gap if not cells.column.joined or text.strip() else " " * len(cells.gap)


def _style(mark: str) -> str:
    words = mark.split(maxsplit=1)
    return _STYLES.get(words[0], "") if words else ""


def _styled_word(text: str, style: str) -> str:
    """Style a padded text, the spaces after it left as they are."""
    word = text.rstrip()
    return _styled(word, style, bool(style)) + text[len(word) :]


def _styled(text: str, style: str, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour and text else text


def _left_out_text(names: Sequence[str], ways: Sequence[str], width: int | None) -> str:
    """Name as many of the columns as one line has room for, and how to see them."""
    count = counted(len(names), "column")
    lists = [_first_of(list(map(harmless, names)), named) for named in range(len(names), 0, -1)]
    see = f" (see {', '.join(ways)})"
    lines = [
        f"Too wide to show: {what}{ending}"
        for words in (lists, [count])
        for ending in (see, "")
        for what in words
    ]
    return next(
        (line for line in lines if width is None or text_width(line) <= width),
        clipped(lines[-1], width or 0),
    )


def _first_of(names: Sequence[str], number: int) -> str:
    rest = len(names) - number
    return ", ".join(names[:number]) + (f" and {rest} more" if rest else "")
