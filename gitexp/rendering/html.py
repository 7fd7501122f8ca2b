"""Documents as HTML for notebooks: tables in which nothing is live, and no style of our own."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import chain

from gitexp.model.text import harmless
from gitexp.rendering.cells import Written, written
from gitexp.rendering.table import Document, Table


def html_of(document: Document) -> str:
    """Return what a notebook shows of a document: its heading, tables and notes."""
    blocks = [f"<b>{_text(' → '.join(document.heading))}</b>"] if document.heading else []
    tables = (table.parts() if table.groups else (table,) for table in document.tables())
    blocks += map(_table, chain.from_iterable(tables))
    blocks += (f"<p>{_text(note)}</p>" for note in document.notes)
    if document.log:
        lines = "\n".join(map(harmless, document.log))
        blocks.append(f"<details><summary>Log</summary><pre>{escape(lines)}</pre></details>")
    return f"<div>{''.join(blocks)}</div>"


def _text(text: str) -> str:
    return escape(harmless(text))


def _table(table: Table) -> str:
    columns = [column for column in written(table) if table.header or any(column.texts)]
    title = f"{table.title} ({table.about})" if table.about else table.title
    parts = [f"<caption>{_text(title)}</caption>"] if title else []
    if table.header:
        heads = (f"<th>{_text(one.column.heading)}</th>" for one in columns)
        parts.append(f"<thead><tr>{''.join(heads)}</tr></thead>")
    parts.append(f"<tbody>{''.join(_rows(columns, len(table.rows)))}</tbody>")
    return f"<table>{''.join(parts)}</table>"


def _rows(columns: list[Written], count: int) -> Iterator[str]:
    for at in range(count):
        cells = (_cell(one, at) for one in columns)
        yield f"<tr>{''.join(cells)}</tr>"


def _cell(column: Written, at: int) -> str:
    side = ' style="text-align: right"' if column.are_numbers else ""
    return f"<td{side}>{_text(column.texts[at])}</td>"
