"""Documents as GitHub-flavoured Markdown in which no name or value is live."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import chain

from gitexp.model.text import harmless
from gitexp.rendering.cells import column_texts
from gitexp.rendering.course import drawn
from gitexp.rendering.table import Column, Document, Table

_NUMBER = re.compile(r"[+-]?\d[\d.]*(e[+-]?\d+)?")
_PLAIN = re.compile(
    r"(?!.*(www\.|\b(?-i:[A-Z][A-Z0-9]+-\d)|\bgh-\d|%\w|\b[0-9a-f]{7}|_))"
    r"(?! |[+-]+( |$)|\d+[.)]( |$))"
    r"([\w .,;%()+→≥\u2013…-]|[:~](?= ))*",
    re.IGNORECASE,
)
"""Text that neither GitHub nor GitLab makes a mention, link, reference or markup of."""
_PIPE = r"\|"
_RUNS_OF_BACKTICKS = re.compile(r"`+")
_NUMERIC = frozenset({"size", "duration", "delta", "percent"})


def render(document: Document, *, width: int | None = None, colour: bool = False) -> str:
    """Return headings and tables; neither width nor colour matters."""
    del width, colour
    blocks = []
    if document.heading:
        blocks.append(f"### {' → '.join(map(inline, document.heading))}")
    if document.course:
        blocks.append(code(drawn(document.course)))
    for table in chain.from_iterable(
        table.parts() if table.groups else (table,) for table in document.tables()
    ):
        about = f" ({code(table.about)})" if table.about else ""
        blocks += [f"**{table.title}**{about}"] if table.title else []
        blocks.append("\n".join(table_lines(table)))
    blocks += [f"**Bold:** {inline(document.legend)}"] if document.legend else []
    blocks += map(inline, document.notes)
    if document.log:
        blocks += ["**Log**", fenced("\n".join(map(harmless, document.log)))]
    return "\n\n".join(blocks) + "\n"


def inline(text: str) -> str:
    """Return text that GitHub shows as it is: bare where it is plain, else as code.

    Backslashes would not do: a mention is looked for after they are gone.

    >>> inline("0.5 → 0.6"), inline("@all"), inline("a`b")
    ('0.5 → 0.6', '`@all`', '``a`b``')
    """
    shown = harmless(text)
    return shown if _NUMBER.fullmatch(shown) or _PLAIN.fullmatch(shown) else code(text)


def code(text: str) -> str:
    """Return text as a code span."""
    shown = harmless(text)
    longest = max((len(run) for run in _RUNS_OF_BACKTICKS.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    edge = " " if shown[:1] in {"`", " "} or shown[-1:] in {"`", " "} else ""
    return f"{fence}{edge}{shown}{edge}{fence}" if shown else ""


def table_lines(table: Table, ours: Container[str] = ()) -> Iterator[str]:
    """Yield the two lines of the heads, then the rows; the cells of our own columns are as given.

    Where a table shows no heads in text, empty columns are left out.
    """
    shown = [
        (column, texts)
        for column, texts in zip(table.columns, column_texts(table), strict=True)
        if table.header or any(texts)
    ]
    yield _line(inline(column.heading if table.header else column.name) for column, _ in shown)
    yield _line("--:" if column.kind in _NUMERIC else "---" for column, _ in shown)
    at = {column.name: where for where, column in enumerate(table.columns)}
    columns = [
        [
            f"**{inline(text)}**"
            if (row, at[column.name]) in table.best
            else _shower(column, ours)(text)
            for row, text in enumerate(texts)
        ]
        for column, texts in shown
    ]
    for cells in zip(*columns, strict=True):
        yield _line(cells)


def _shower(column: Column, ours: Container[str]) -> Callable[[str], str]:
    if column.name in ours:
        return str
    return code if column.kind == "name" else inline


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', _PIPE) for cell in cells)} |"


def fenced(text: str, language: str = "text") -> str:
    """Return text in a fence that nothing in it can end."""
    longest = max((len(run) for run in _RUNS_OF_BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
