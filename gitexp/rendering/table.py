"""What views make and formats print: tables of raw values, and the same for machines."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Kind = Literal[
    "text", "name", "value", "size", "duration", "delta", "percent", "mark", "spread", "course"
]
"""How raw values become text; `name` is text that somebody else chose, `course` numbers drawn."""


class Blank(enum.Enum):
    """The type of BLANK."""

    BLANK = ""


BLANK = Blank.BLANK
"""A cell with nothing to say, not even that something is absent."""


class Dated(Struct, frozen=True):
    """A moment: as a reader wants to see it now, and as it stays true in a document."""

    text: str
    date: str

    def __str__(self) -> str:
        return self.text


class Column(Struct, frozen=True):
    """One column of a table."""

    name: str
    """What it is called if it is left out."""
    kind: Kind = "text"
    head: str | None = None
    """What stands above it, if not its name."""
    rank: int = 0
    """Where the width is short, the highest rank goes first; 0 stays."""
    limit: int = 60
    """The most characters of a cell; 0 for any number, never shortened."""
    least: int = 0
    """How far the heading may be shortened before other columns are left out; 0 for not at all."""
    shortest: int = 0
    """How far cells may be cut before other columns are left out; 0 for not at all."""
    by_its_end: bool = False
    """Whether the end of a cell says more than its start, as with nested names and paths."""
    is_key: bool = False
    """Whether it says which row this is."""
    joined: str = ""
    """What ties it to the column before it; the two are then shown so that they differ."""

    @property
    def heading(self) -> str:
        """What stands above the column."""
        return self.name if self.head is None else self.head


class Group(Struct, frozen=True):
    """Rows of a table under a title of their own."""

    start: int
    """The first of its rows."""
    title: str
    about: str = ""


class Table(Struct, frozen=True):
    """Rows for people."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[object]]
    title: str = ""
    about: str = ""
    """What the title is about, such as the name of a file."""
    header: bool = False
    """Whether the heads of the columns are shown in text."""
    groups: tuple[Group, ...] = ()
    """Titles between rows; formats that cannot have them make a table of each group."""
    best: frozenset[tuple[int, int]] = frozenset()
    """The cells that stand out, by row and column."""
    marks: Mapping[str, Mapping[int, str]] = {}
    """How cells are coloured: marks by the name of their column and the row."""

    def parts(self) -> Iterator[Table]:
        """Yield a table for each group."""
        ends = [*(group.start for group in self.groups[1:]), len(self.rows)]
        for group, end in zip(self.groups, ends, strict=True):
            best = {(row - group.start, at) for row, at in self.best if group.start <= row < end}
            yield replace(
                self,
                rows=self.rows[group.start : end],
                title=group.title,
                about=group.about,
                groups=(),
                best=frozenset(best),
            )


class Flat(Struct, frozen=True):
    """Rows for programs that want one table: raw values under unique names."""

    columns: tuple[str, ...]
    rows: Iterable[Sequence[object]]


class Document(Struct, frozen=True):
    """One result, for every format; what is a function is made when a format asks for it."""

    data: Callable[[], object]
    """For machines: what becomes JSON; an iterator becomes a list that is never held whole, also
    as a value of the outermost mapping."""
    flat: Callable[[], Flat]
    """For machines that want one table."""
    tables: Callable[[], Iterable[Table]]
    """For people."""
    heading: tuple[str, ...] = ()
    """What it is about: names, shown with arrows between them."""
    notes: tuple[str, ...] = ()
    """Lines below the tables, or in their place."""
    log: tuple[str, ...] = ()
    """Lines shown whole, as far as they are harmless."""
    ways: tuple[str, ...] = ("--json",)
    """The options that show what a narrow terminal cannot."""
    legend: str = ""
    """What is said about the cells that stand out."""
    course: tuple[float, ...] = ()
    """Numbers in the order of time, drawn as a line above the tables."""
