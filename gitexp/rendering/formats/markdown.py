"""Documents as GitHub-flavoured Markdown in which no name or value is live."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import chain

from msgspec.structs import replace

from gitexp.model.text import harmless
from gitexp.rendering.cells import NONE
from gitexp.rendering.columns import Written, written
from gitexp.rendering.course import drawn
from gitexp.rendering.table import Column, Dated, Document, Table

_NUMBER = re.compile(r"[+-]?\d[\d.]*(e[+-]?\d+)?")
_QUANTITY = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?|nan|-?inf")
_PLAIN = re.compile(
    r"(?!.*(www\.|\b(?-i:[A-Z][A-Z0-9]+-\d)|\bgh-\d|%\w|\b[0-9a-f]{7}|_))"
    r"(?! |[+-]+( |$)|\d+[.)]( |$))"
    r"([\w .,;%()+→≥\u2013…-]|[:~](?= )|(?<=\d):(?=\d))*",
    re.IGNORECASE,
)
"""Text that neither GitHub nor GitLab makes a mention, link, reference or markup of."""
_TOKENS = re.compile(r"`([^`]+)`|'([^']+)'(?=[\s,;:.?]|$)|\s+|\S+")
_ENDS = (",", ";", ":", ".", "?")
_PIPE = r"\|"
_RUNS_OF_BACKTICKS = re.compile(r"`+")


def render(document: Document, *, width: int | None = None, colour: bool = False) -> str:
    """Return headings and tables; neither width nor colour matters."""
    del width, colour
    blocks = []
    if document.heading:
        blocks.append(f"### {' → '.join(alike(document.heading))}")
    if document.course:
        blocks.append(code(drawn(document.course)))
    for table in chain.from_iterable(
        table.parts() if table.groups else (table,) for table in document.tables()
    ):
        about = f" ({code(table.about)})" if table.about else ""
        blocks += [f"**{table.title}**{about}"] if table.title else []
        blocks.append("\n".join(table_lines(table)))
    blocks += [f"**Bold:** {inline(document.legend)}"] if document.legend else []
    blocks += map(phrase, document.notes)
    if document.log:
        blocks += ["**Log**", fenced("\n".join(map(harmless, document.log)))]
    return "\n\n".join(blocks) + "\n"


def inline(text: str) -> str:
    """Return text that GitHub shows as it is: bare if it is plain, else as code.

    Backslashes would not do: a mention is looked for after they are gone.

    >>> inline("0.5 → 0.6"), inline("@all"), inline("a`b")
    ('0.5 → 0.6', '`@all`', '``a`b``')
    """
    shown = harmless(text)
    return shown if _NUMBER.fullmatch(shown) or _PLAIN.fullmatch(shown) else code(text)


def phrase(text: str) -> str:
    """Return a sentence of ours: what it quotes is code, and every word that is not plain.

    >>> phrase("train.py and val_loss changed"), phrase("'f 1' is lacking; `gitexp pull`")
    ('train.py and `val_loss` changed', '`f 1` is lacking; `gitexp pull`')
    """
    shown = ""
    for token in _TOKENS.finditer(harmless(text)):
        quoted = token[1] or token[2]
        piece = code(quoted) if quoted else _word(token[0])
        between = " " if piece[:1] == shown[-1:] == "`" else ""  # else they would be one code span
        shown += between + piece
    return shown.strip()


def _word(word: str) -> str:
    if word.isspace():
        return " "
    if _PLAIN.fullmatch(f"{word} a") or word in _ENDS:
        return word
    body = word[:-1] if word[-1] in _ENDS else word
    return f"{code(body)}{word[len(body) :]}"


def alike(texts: Sequence[str]) -> list[str]:
    """Return names of one kind: all bare, or all as code if one of them has to be.

    >>> alike(["loss", "f1"]), alike(["loss", "val_loss"])
    (['loss', 'f1'], ['`loss`', '`val_loss`'])
    """
    shown = list(map(inline, texts))
    bare = all(text == harmless(was) for text, was in zip(shown, texts, strict=True))
    return shown if bare else list(map(code, texts))


def code(text: str) -> str:
    """Return text as a code span."""
    shown = harmless(text)
    longest = max((len(run) for run in _RUNS_OF_BACKTICKS.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    edge = " " if shown[:1] in {"`", " "} or shown[-1:] in {"`", " "} else ""
    return f"{fence}{edge}{shown}{edge}{fence}" if shown else ""


def table_lines(table: Table, ours: Container[str] = ()) -> Iterator[str]:
    """Yield the two lines of the heads, then the rows; the cells of our own columns are as given.

    If a table shows no heads in text, empty columns are left out.
    """
    shown = [
        (at, one) for at, one in enumerate(written(_dated(table))) if table.header or any(one.texts)
    ]
    yield _line(_headings([one.column for _, one in shown], header=table.header))
    yield _line("--:" if one.are_numbers or _read_as_numbers(one) else "---" for _, one in shown)
    columns = [
        [
            f"**{text}**" if (row, at) in table.best else text
            for row, text in enumerate(_cells(one.column, one.texts, ours))
        ]
        for at, one in shown
    ]
    for line in zip(*columns, strict=True):
        yield _line(line)


def _read_as_numbers(one: Written) -> bool:
    """Return whether texts are numbers that a view has written, as when several are compared."""
    return bool(one.texts) and all(text == NONE or _QUANTITY.fullmatch(text) for text in one.texts)


def _headings(columns: Sequence[Column], *, header: bool) -> list[str]:
    """Return what stands above the columns: names of metrics and params all look the same."""
    heads = [column.heading if header else column.name for column in columns]
    values = [at for at, column in enumerate(columns) if column.kind in ("value", "spread")]
    named = iter(alike([heads[at] for at in values]))
    return [next(named) if at in values else inline(head) for at, head in enumerate(heads)]


def _dated(table: Table) -> Table:
    """Return the table with dates in place of how long ago that was."""
    rows = [[cell.date if isinstance(cell, Dated) else cell for cell in row] for row in table.rows]
    return replace(table, rows=rows)


def _cells(column: Column, texts: Sequence[str], ours: Container[str]) -> Sequence[str]:
    if column.name in ours or column.kind == "spread":
        return texts
    return alike(texts) if column.kind == "name" else list(map(inline, texts))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', _PIPE) for cell in cells)} |"


def fenced(text: str, language: str = "text") -> str:
    """Return text in a fence that nothing in it can end."""
    longest = max((len(run) for run in _RUNS_OF_BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
