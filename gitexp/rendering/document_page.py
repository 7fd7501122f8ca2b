"""Documents as HTML: the tables that people read elsewhere, with every cell as text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from msgspec.structs import replace

from gitexp.rendering.cells import written
from gitexp.rendering.course import drawn
from gitexp.rendering.page import text
from gitexp.rendering.table import Dated, Document, Table


def document_html(document: Document, *, level: int = 2) -> str:
    """Return a document; its tables stand under headings of this level."""
    return "".join(_blocks(document, level))


def _blocks(document: Document, level: int) -> Iterator[str]:
    if document.course:
        yield f"<p>{text(drawn(document.course))}</p>\n"
    for table in chain.from_iterable(
        one.parts() if one.groups else (one,) for one in document.tables()
    ):
        if table.title:
            about = f" <small>{text(table.about)}</small>" if table.about else ""
            yield f"<h{level}>{text(table.title)}{about}</h{level}>\n"
        yield _table(table)
    if document.legend:
        yield f"<p><strong>Bold:</strong> {text(document.legend)}</p>\n"
    yield from (f"<p>{text(note)}</p>\n" for note in document.notes)
    if document.log:
        lines = "\n".join(map(text, document.log))
        yield f'<h{level}>Log</h{level}>\n<pre tabindex="0"><code>{lines}</code></pre>\n'


def _table(table: Table) -> str:
    """Return a table; if it shows no heads in text, empty columns are left out."""
    rows = [[one.date if isinstance(one, Dated) else one for one in row] for row in table.rows]
    columns = written(replace(table, rows=rows))
    shown = [(at, one) for at, one in enumerate(columns) if table.header or any(one.texts)]
    heads = "".join(
        f'<th scope="col">{text(one.column.heading if table.header else one.column.name)}</th>'
        for _, one in shown
    )
    lines = []
    for row in range(len(rows)):
        cells = "".join(_cell(one.texts[row], is_best=(row, at) in table.best) for at, one in shown)
        lines.append(f"<tr>{cells}</tr>\n")
    return (
        f'<table tabindex="0">\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{''.join(lines)}</tbody>\n</table>\n"
    )


def _cell(words: str, *, is_best: bool) -> str:
    shown = text(words)
    return f"<td><strong>{shown}</strong></td>" if is_best else f"<td>{shown}</td>"
