"""What writes a file by lot, and keeps what it says and where each value stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

from gitexp.model.documents.changes import Path
from gitexp.model.values import Value

Written: TypeAlias = "tuple[str, Value]"
"""A scalar as it is written, and what it means."""

NAMES = "lr seed model train steps name depth rate on no a b c x-y z_1 é 1 0 12".split()
_COMMENTS = ("# rate", "#", "# a: 1", "# 'quoted' {x}", "#[x]", '# "', "# é損😀", "# ---", "#\t|")
_SELDOM = 0.004
_LARGE = 3000
"""How many files are large, and up to how many characters they go on to grow."""


@dataclass
class Document:
    """A file with its values."""

    name: str
    text: str = ""
    values: dict[str, Value] = field(default_factory=dict)
    spans: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """Where the values stand that can be told."""
    shared: bool = False
    """Whether some of it stands for more than one value."""


class Writer:
    """A file on its way."""

    def __init__(self, kind: str, lot: Random) -> None:
        self.document = Document(f"params.{kind}")
        self.lot = lot
        self._most = _LARGE if lot.random() < _SELDOM else 0
        self.is_fixed = False
        """Whether what it ends with means something: line ends in a text, or none at its end."""

    @property
    def is_large(self) -> bool:
        """Whether there may be many of what comes next."""
        return len(self.document.text) < self._most

    def write(self, text: str) -> None:
        """Add to what is there."""
        self.document.text += text

    def start(self) -> int:
        """Return where what comes next will stand."""
        return len(self.document.text)

    def keep(self, at: Path, start: int) -> None:
        """Take down that a value stands between a place and here."""
        self.document.spans[at] = (start, len(self.document.text))

    def scalar(self, known: Sequence[Written], at: Path) -> Value:
        """Write one of the scalars."""
        written, value = self.lot.choice(known)
        start = self.start()
        self.write(written)
        self.keep(at, start)
        return value

    def keys(self, most: int) -> list[str]:
        """Return names, each once."""
        if self.is_large:
            return [f"{name}{number}" for number in range(3 * most) for name in ("lr", "a_b")]
        return self.lot.sample(NAMES, self.lot.randrange(1, most + 1))

    def comment(self) -> str:
        """Return what may stand behind a value."""
        if self.lot.random() >= 0.15:
            return self.lot.choice((" ", "\t")) if self.lot.random() < 0.03 else ""
        return self.lot.choice(("  ", " ", "\t")) + self.lot.choice(_COMMENTS)

    def gap(self, indent: str = "") -> None:
        """Leave an empty line, or one with a comment, now and then."""
        if self.lot.random() < 0.12:
            line = f"{indent}{self.lot.choice(_COMMENTS)}\n"
            self.write(self.lot.choice(("\n", line, line, "   \n")))

    def end_lines(self, ending: str) -> None:
        """Give the file lines that end otherwise; what stands before a place moves it."""
        text, more = self.document.text, len(ending) - 1
        self._move(lambda place: place + more * text.count("\n", 0, place))
        self.document.text = text.replace("\n", ending)

    def mark(self) -> None:
        """Put a byte order mark before the text."""
        self._move(lambda place: place + 1)
        self.document.text = f"\ufeff{self.document.text}"

    def _move(self, moved: Callable[[int], int]) -> None:
        spans = self.document.spans
        for path, (start, end) in spans.items():
            spans[path] = (moved(start), moved(end))


@dataclass(frozen=True)
class Flow:
    """How collections in brackets and braces are written in a kind of file."""

    scalars: Sequence[Written]
    sign: str = ": "
    quote: str = ""
    over_lines: str = "[{"
    """What may go on over several lines."""
    is_loose: bool = True
    """Whether there may be comments, and a comma at the end."""

    def value(self, writer: Writer, at: Path, depth: int, indent: str = "") -> Value:
        """Write a scalar or a collection."""
        chance = writer.lot.random()
        if depth > 2 or chance < 0.6:
            return writer.scalar(self.scalars, at)
        start = writer.start()
        value = (self.items if chance < 0.8 else self.pairs)(writer, at, depth, indent)
        writer.keep(at, start)
        return value

    def items(self, writer: Writer, at: Path, depth: int, indent: str = "") -> Value:
        """Write a list."""
        layout = _Layout(writer, indent, "[" in self.over_lines, self.is_loose)
        found: list[Value] = []
        writer.write("[")
        for index in range(writer.lot.randrange(4) + 30 * writer.is_large):
            layout.separate(index)
            found.append(self.value(writer, (*at, str(index)), depth + 1, layout.indent))
        layout.close(len(found), "]")
        return found

    def pairs(self, writer: Writer, at: Path, depth: int, indent: str = "") -> Value:
        """Write a mapping."""
        layout = _Layout(writer, indent, "{" in self.over_lines, self.is_loose)
        found: dict[str, Value] = {}
        writer.write("{")
        for index, key in enumerate(writer.keys(3) if writer.lot.random() < 0.95 else ()):
            layout.separate(index)
            writer.write(f"{self.quote}{key}{self.quote}{self.sign}")
            found[key] = self.value(writer, (*at, key), depth + 1, layout.indent)
        layout.close(len(found), "}")
        return found


class _Layout:
    """Blanks, line ends, comments and commas between the items of one collection."""

    def __init__(self, writer: Writer, indent: str, may_have_lines: bool, is_loose: bool) -> None:
        self.writer = writer
        self.indent = f"{indent}  "
        self.is_loose = is_loose and may_have_lines
        self.has_lines = may_have_lines and writer.lot.random() < 0.25
        self.blank = writer.lot.choice(("", "", " "))

    def separate(self, index: int) -> None:
        """Write what comes before an item."""
        lot, write = self.writer.lot, self.writer.write
        if self.has_lines:
            write(f"{',' if index else ''}{self._comment()}\n{self.indent}")
        else:
            write(lot.choice((", ", ",", " , ")) if index else self.blank)

    def close(self, count: int, bracket: str) -> None:
        """Write what comes behind the last item."""
        comma = "," if self.is_loose and count and self.writer.lot.random() < 0.2 else ""
        if self.has_lines:
            self.writer.write(f"{comma}{self._comment()}\n{self.indent[:-1]}{bracket}")
        else:
            self.writer.write(f"{comma}{self.blank}{bracket}")

    def _comment(self) -> str:
        return self.writer.comment() if self.is_loose else ""
