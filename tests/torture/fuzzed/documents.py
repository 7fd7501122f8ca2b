"""Params files as people write them, with what they say and where each value stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from gitexp.model.documents.changes import Path
from gitexp.model.values import Value

_KEYS = "lr seed model train steps name depth rate on no a b c x-y z_1 é 1 0 12".split()
_COMMENTS = ("# rate", "#", "# a: 1", "# 'quoted' {x}", "#[x]")
_Written = tuple[str, Value]

_YAML: tuple[_Written, ...] = (
    *(("0.1", 0.1), ("1e-3", 0.001), ("12", 12), ("-0", 0), ("0x1F", 31), ("1_000", 1000)),
    *(("true", True), ("False", False), ("null", None), ("~", None), ("no", "no"), (".inf", 1e999)),
    *(("adam", "adam"), ("a b", "a b"), ("'it''s'", "it's"), ('"a\\tb"', "a\tb"), ("''", "")),
    *(
        ("2026-11-30", "2026-11-30"),
        ("1:30", "1:30"),
        ("'# no'", "# no"),
        ("x#y", "x#y"),
        ("é", "é"),
    ),
)
_FLOW = (*_YAML, ('"a, b]"', "a, b]"))
_JSON: tuple[_Written, ...] = (
    *(("0.1", 0.1), ("1E-3", 0.001), ("12", 12), ("-0", 0), ("true", True), ("null", None)),
    *(('"adam"', "adam"), ('"a\\"}"', 'a"}'), ('""', ""), ('"\\u00e9"', "é"), ('"é, ["', "é, [")),
)
_TOML: tuple[_Written, ...] = (
    *(("0.1", 0.1), ("1e-3", 0.001), ("12", 12), ("+7", 7), ("0x1F", 31), ("1_000", 1000)),
    *(
        ("true", True),
        ("inf", 1e999),
        ('"adam"', "adam"),
        ("'C:\\x'", "C:\\x"),
        ('"a\\tb"', "a\tb"),
    ),
    *(('"# no"', "# no"), ("''", ""), ("2026-11-30", "2026-11-30"), ("'''a\nb'''", "a\nb")),
)
SCALARS: Mapping[str, tuple[_Written, ...]] = {"yaml": _YAML, "json": _JSON, "toml": _TOML}


@dataclass
class Document:
    """A file with its values."""

    name: str
    text: str = ""
    values: dict[str, Value] = field(default_factory=dict)
    spans: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """Where the scalars stand that can be told."""
    shared: bool = False
    """Whether some of it stands for more than one value."""


def document(kind: str, lot: Random) -> Document:
    """Return a file by lot."""
    writer = _Writer(kind, lot)
    _WRITERS[kind](writer)
    made = writer.document
    if kind != "json" and "'''" not in made.text and lot.random() < 0.1:
        _end_lines(made, "\r\n")
    if lot.random() < 0.1:
        made.text = made.text.rstrip("\r\n")
    return made


class _Writer:
    def __init__(self, kind: str, lot: Random) -> None:
        self.document = Document(f"params.{kind}")
        self.lot = lot
        self.is_anchored = False
        self.anchor: dict[str, Value] | None = None
        """What `*one` stands for, once it is there."""

    def write(self, text: str) -> None:
        self.document.text += text

    def scalar(self, known: tuple[_Written, ...], at: Path) -> Value:
        written, value = self.lot.choice(known)
        start = len(self.document.text)
        self.write(written)
        self.document.spans[at] = (start, start + len(written))
        return value

    def keys(self, most: int) -> list[str]:
        return self.lot.sample(_KEYS, self.lot.randrange(1, most + 1))

    def comment(self) -> str:
        return f"  {self.lot.choice(_COMMENTS)}" if self.lot.random() < 0.15 else ""

    def gap(self, indent: str = "") -> None:
        """Leave an empty line, or one with a comment, now and then."""
        if self.lot.random() < 0.12:
            self.write(self.lot.choice(("\n", f"{indent}{self.lot.choice(_COMMENTS)}\n", "   \n")))

    def flow(
        self, known: tuple[_Written, ...], at: Path, depth: int, sign: str, quote: str
    ) -> Value:
        """Write a scalar, or a collection in brackets or braces."""
        chance = self.lot.random()
        if depth > 2 or chance < 0.6:
            return self.scalar(known, at)
        blank = self.lot.choice(("", "", " "))
        if chance < 0.8:
            items: list[Value] = []
            self.write(f"[{blank}")
            for index in range(self.lot.randrange(4)):
                self.write(self.lot.choice((", ", ",")) if index else "")
                items.append(self.flow(known, (*at, str(index)), depth + 1, sign, quote))
            self.write(f"{blank}]")
            return items
        found: dict[str, Value] = {}
        self.write(f"{{{blank}")
        for index, key in enumerate(self.keys(3)):
            self.write(", " if index else "")
            self.write(f"{quote}{key}{quote}{sign}")
            found[key] = self.flow(known, (*at, key), depth + 1, sign, quote)
        self.write(f"{blank}}}")
        return found


def _yaml(writer: _Writer) -> None:
    if writer.lot.random() < 0.1:
        writer.write("---\n")
    writer.document.values = _block(writer, (), 0, "")


def _block(writer: _Writer, at: Path, depth: int, indent: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key in writer.keys(5 if not depth else 3):
        writer.gap(indent)
        quote = writer.lot.choice(("", "", "", "'", '"'))
        quote = quote or ("" if key[0].isalpha() else "'")
        writer.write(f"{indent}{quote}{key}{quote}:")
        found[key] = _after_colon(writer, (*at, key), depth, indent)
    return found


def _after_colon(writer: _Writer, at: Path, depth: int, indent: str) -> Value:
    lot, chance = writer.lot, writer.lot.random()
    if depth < 3 and chance < 0.2:
        return _nested(writer, at, depth, indent)
    if depth < 3 and chance < 0.3:
        writer.write(f"{writer.comment()}\n")
        items: list[Value] = []
        inner = indent + lot.choice(("", "  "))
        for index in range(lot.randrange(1, 4)):
            writer.write(f"{inner}- ")
            items.append(writer.flow(_FLOW, (*at, str(index)), 2, ": ", ""))
            writer.write(f"{writer.comment()}\n")
        return items
    if chance < 0.34:
        writer.write(f" {lot.choice('|>')}-\n{indent}    some text\n")
        return "some text"
    if chance < 0.42 and writer.anchor is not None:
        writer.document.shared = True
        writer.write(" *one\n")
        return writer.anchor
    writer.write(" ")
    is_flow = chance < 0.6
    value = writer.flow(_FLOW, at, 0, ": ", "") if is_flow else writer.scalar(_YAML, at)
    writer.write(f"{writer.comment()}\n")
    return value


def _nested(writer: _Writer, at: Path, depth: int, indent: str) -> Value:
    """Write a mapping on lines of its own, which others may stand for later on."""
    is_anchored = not writer.is_anchored and writer.lot.random() < 0.2
    writer.is_anchored |= is_anchored
    writer.write(f"{' &one' if is_anchored else ''}{writer.comment()}\n")
    value = _block(writer, at, depth + 1, indent + writer.lot.choice(("  ", "    ", " ")))
    if is_anchored:
        writer.anchor = value
    return value


def _json(writer: _Writer) -> None:
    writer.write(writer.lot.choice(("", "", "\n")))
    writer.write("{")
    for index, key in enumerate(writer.keys(5)):
        writer.write(f"{', ' if index else ''}{writer.lot.choice(('', ' ', chr(10) + '  '))}")
        writer.write(f"{json.dumps(key, ensure_ascii=False)}{writer.lot.choice((':', ': '))}")
        writer.document.values[key] = writer.flow(_JSON, (key,), 0, ": ", '"')
    writer.write(writer.lot.choice(("}", "}\n", "\n}\n")))


def _toml(writer: _Writer) -> None:
    lot = writer.lot
    _pairs(writer, (), writer.document.values, 2)
    for name in lot.sample(("table", "other", "third"), lot.randrange(3)):
        writer.gap()
        table: dict[str, Value] = {}
        if lot.random() < 0.8:
            writer.write(f"[{name}]{writer.comment()}\n")
            writer.document.values[name] = table
            _pairs(writer, (name,), table, 2)
            continue
        writer.write(f"[[{name}]]{writer.comment()}\n")
        writer.document.values[name] = [table]
        _pairs(writer, (name, "0"), table, 2)


def _pairs(writer: _Writer, at: Path, values: dict[str, Value], most: int) -> None:
    for key in writer.keys(most):
        writer.gap()
        quote = writer.lot.choice(("", "", "", "'", '"'))
        quote = quote or ("" if key.isascii() else '"')
        writer.write(f"{quote}{key}{quote} = ")
        values[key] = writer.flow(_TOML, (*at, key), 0, " = ", "'")
        writer.write(f"{writer.comment()}\n")


def _end_lines(made: Document, ending: str) -> None:
    """Give a file lines that end otherwise; what stands before a place moves it."""
    text = made.text
    made.spans = {
        path: (start + text.count("\n", 0, start), end + text.count("\n", 0, end))
        for path, (start, end) in made.spans.items()
    }
    made.text = text.replace("\n", ending)


_WRITERS: Mapping[str, Callable[[_Writer], None]] = {"yaml": _yaml, "json": _json, "toml": _toml}
