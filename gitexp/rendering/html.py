"""Documents as HTML in which every cell is text: for notebooks, and for pages of ours."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import chain

from msgspec.structs import replace

from gitexp.model.text import harmless
from gitexp.rendering.columns import Written, written
from gitexp.rendering.course import drawn
from gitexp.rendering.table import Dated, Document, Table

_WHOLE = 28
"""Characters up to which the cells of a column are not broken into lines: names, dates."""


def text(words: str) -> str:
    """Return text as HTML shows it."""
    return escape(harmless(words))


def html_of(document: Document) -> str:
    """Return what a notebook shows: heading, tables and notes, and no style of our own."""
    blocks = [f"<b>{text(' → '.join(document.heading))}</b>"] if document.heading else []
    blocks += map(_for_notebook, _tables(document))
    blocks += (f"<p>{text(note)}</p>" for note in document.notes)
    if document.log:
        blocks.append(f"<details><summary>Log</summary><pre>{_log(document)}</pre></details>")
    return f"<div>{''.join(blocks)}</div>"


def document_html(document: Document, *, level: int = 2) -> str:
    """Return a document for a page; its tables stand under headings of this level."""
    return "".join(_blocks(document, level))


def _blocks(document: Document, level: int) -> Iterator[str]:
    if document.course:
        yield f"<p>{text(drawn(document.course))}</p>\n"
    for table in _tables(document):
        if table.title:
            about = f" <small>{text(table.about)}</small>" if table.about else ""
            yield f"<h{level}>{text(table.title)}{about}</h{level}>\n"
        yield _for_page(table)
    if document.legend:
        yield f"<p><strong>Bold:</strong> {text(document.legend)}</p>\n"
    if document.notes:
        notes = "".join(f"<p>{text(note)}</p>\n" for note in document.notes)
        yield f'<div class="notes">\n{notes}</div>\n'
    if document.log:
        yield f'<h{level}>Log</h{level}>\n<pre tabindex="0"><code>{_log(document)}</code></pre>\n'


def _tables(document: Document) -> Iterator[Table]:
    return chain.from_iterable(one.parts() if one.groups else (one,) for one in document.tables())


def _log(document: Document) -> str:
    return "\n".join(map(text, document.log))


def _shown(table: Table) -> list[tuple[int, Written]]:
    """Return the columns with their numbers; if no heads say what they are, without empty ones."""
    columns = enumerate(written(table))
    return [(at, one) for at, one in columns if table.header or any(one.texts)]


def _for_notebook(table: Table) -> str:
    columns = [one for _, one in _shown(table)]
    title = f"{table.title} ({table.about})" if table.about else table.title
    parts = [f"<caption>{text(title)}</caption>"] if title else []
    if table.header:
        heads = (f"<th>{text(one.column.heading)}</th>" for one in columns)
        parts.append(f"<thead><tr>{''.join(heads)}</tr></thead>")
    sides = [' style="text-align: right"' if one.are_numbers else "" for one in columns]
    rows = (
        "".join(
            f"<td{side}>{text(one.texts[at])}</td>"
            for one, side in zip(columns, sides, strict=True)
        )
        for at in range(len(table.rows))
    )
    parts.append(f"<tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody>")
    return f"<table>{''.join(parts)}</table>"


def _for_page(table: Table) -> str:
    """Return a table with heads for whoever has it read aloud, and dates in place of 'ago'."""
    rows = [[one.date if isinstance(one, Dated) else one for one in row] for row in table.rows]
    columns = _shown(replace(table, rows=rows))
    kinds = [_kind(one) for _, one in columns]
    heads = "".join(
        f'<th scope="col"{kind}>'
        f"{text(one.column.heading if table.header else one.column.name)}</th>"
        for (_, one), kind in zip(columns, kinds, strict=True)
    )
    lines = []
    for row in range(len(rows)):
        cells = "".join(
            f"<td{kind}>{_cell(one.texts[row], is_best=(row, at) in table.best)}</td>"
            for (at, one), kind in zip(columns, kinds, strict=True)
        )
        lines.append(f"<tr>{cells}</tr>\n")
    return (
        f'<table tabindex="0">\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{''.join(lines)}</tbody>\n</table>\n"
    )


def _cell(words: str, *, is_best: bool) -> str:
    shown = text(words)
    return f"<strong>{shown}</strong>" if is_best else shown


def _kind(column: Written) -> str:
    """Return how a column's cells stand, as a class: numbers below each other, names on a line."""
    if column.are_numbers:
        return ' class="right"'
    return ' class="whole"' if max(map(len, column.texts), default=0) <= _WHOLE else ""
