"""Three versions of a file merged: what one side alone changed is there afterwards."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from gitexp.drivers.listed import is_pointer_file
from gitexp.drivers.markers import Markers
from gitexp.drivers.merge import MergedFile, Versions, merge_ancestors, merge_file
from gitexp.drivers.pointers import WHOLE, parse_pointers
from gitexp.errors import GitexpError
from gitexp.model.documents.changes import Path, lookup
from gitexp.model.documents.conflicts import marker_line
from gitexp.model.documents.edit import edit_document
from gitexp.model.documents.reading import parse_document
from gitexp.model.identical import identical
from gitexp.model.values import Value

from tests.torture.fuzzed.documents import document
from tests.torture.fuzzed.pointers import changed_pointers, pointer_bytes, pointers
from tests.torture.fuzzed.subject import REFUSED
from tests.torture.fuzzed.texts import noise, spoilt
from tests.torture.fuzzed.writer import Document

_NEW: tuple[Value, ...] = (
    0,
    7,
    0.5,
    "sgd",
    "",
    "a: b",
    True,
    [],
    [1, "a"],
    {"new": 1},
    {"b": {"c": 2}},
)
_WORDS = (
    ":",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "'",
    '"',
    "\n",
    "=",
    "lr",
    "0.1",
    "<<<<<<< ours\n",
)
_TYPED = {
    "yaml": ("7", "adam", "'x'", "[1, 2]", "{b: 1}", "null", "1e-3  # tuned"),
    "json": ("7", '"adam"', "[1, 2]", '{"b": 1}', "null"),
    "toml": ("7", '"adam"', "'x'", "[1, 2]", "{b = 1}", "2026-11-30"),
}
_LINES = {
    "yaml": ("new: 1\n", "# new\n", "\n", "new: {b: 2}  # new\n"),
    "json": ("\n", " \n"),
    "toml": ("new = 1\n", "# new\n", "\n", "[new]\n"),
}
_POINTERS = 0.06
_BEYOND = 0.2
_EMPTY = 0.03
"""How often there was no file before."""
_STYLES = ("merge", "diff3", "zdiff3")
_KINDS = (*("yaml",) * 8, *("json",) * 8, "toml")
"""By what they cost."""


@dataclass
class Three:
    """What git hands to the driver, but for its own merge of the text."""

    name: str
    base: bytes
    ours: bytes
    theirs: bytes
    text: bytes
    style: str

    def __str__(self) -> str:
        return f"{self.name} {self.style} {self.base!r} {self.ours!r} {self.theirs!r} {self.text!r}"


class Merges:
    """The merge of params and metrics files, and of their ancestors."""

    def make(self, lot: Random) -> Three:
        """Return three versions of a file; some of them are spoilt."""
        name, base, sides = (_of_pointers if lot.random() < _POINTERS else _of_values)(lot)
        if lot.random() < 0.1:
            at = lot.randrange(2)
            sides[at] = spoilt(sides[at].decode(), lot, _WORDS).encode()
        text = lot.choice((*sides, _merged_lines(base, *sides), noise(lot, 60).encode()))
        ours, theirs = sides
        return Three(name, base, ours, theirs, text, lot.choice(_STYLES))

    def check(self, made: Three) -> str:
        """Merge, and look for each value that one side alone has changed."""
        versions = Versions(made.name, made.base, made.ours, made.theirs, lambda: made.text)
        if len(made.base) % 3 == 0:
            self._ancestors(versions)
        try:
            merged = merge_file(versions, Markers(style=made.style))
        except (GitexpError, UnicodeDecodeError):
            return REFUSED
        base, ours, theirs = (_read(one, made.name) for one in (made.base, made.ours, made.theirs))
        if any(map(marker_line, (made.base, made.ours, made.theirs))):
            return "with markers before"
        for side in (0, 1):
            found = _read(_side(merged.content, side), made.name)
            _check(base, ours, theirs, found, merged)
            _check(base, theirs, ours, found, merged)
        kind = "pointers" if is_pointer_file(made.name) else made.name.rpartition(".")[2]
        return f"{kind} in conflict" if merged.conflicts else f"{kind} merged"

    def _ancestors(self, versions: Versions) -> None:
        try:
            content = merge_ancestors(versions)
        except (GitexpError, UnicodeDecodeError):
            return
        _read(content, versions.name)


def _read(content: bytes, name: str) -> dict[str, Value]:
    return (parse_pointers if is_pointer_file(name) else parse_document)(content, name)


def _of_pointers(lot: Random) -> tuple[str, bytes, list[bytes]]:
    name, document = pointers(lot)
    ours = changed_pointers(document, lot)
    theirs = changed_pointers(ours if lot.random() < _BEYOND else document, lot)
    base, *sides = (pointer_bytes(one, lot) for one in (document, ours, theirs))
    return name, base, sides


def _of_values(lot: Random) -> tuple[str, bytes, list[bytes]]:
    made = document(lot.choice(_KINDS), lot)
    base = made.text.encode()
    if lot.random() < _EMPTY:
        return made.name, b"", [base, _rewritten(made, lot)]
    ours = _side_of(base, made, lot)
    if lot.random() < _BEYOND:  # both sides share a change, and one went on
        return made.name, base, [ours, _edited(ours, made.name, lot)]
    return made.name, base, [ours, _side_of(base, made, lot)]


def _side_of(base: bytes, made: Document, lot: Random) -> bytes:
    """Return what somebody made of a file: by an editor, or by gitexp, or all of it anew."""
    chance = lot.random()
    if chance < 0.6 and made.spans:
        return _rewritten(made, lot)
    if chance < 0.65:
        values = _changed(made.values, lot)
        return json.dumps(values, indent=2).encode() if made.name.endswith("json") else base
    return _edited(base, made.name, lot)


def _rewritten(made: Document, lot: Random) -> bytes:
    """Return a file with a few values typed over, and lines that are added or swapped."""
    kind, text = made.name.rpartition(".")[2], made.text
    paths = lot.sample(sorted(made.spans), min(len(made.spans), lot.choice((0, 1, 1, 2, 3))))
    for start, end in sorted((made.spans[path] for path in paths), reverse=True):
        blank = " " if text[:start].endswith(":") else ""
        text = f"{text[:start]}{blank}{lot.choice(_TYPED[kind])}{text[end:]}"
    if lot.random() < 0.3:
        lines = text.splitlines(keepends=True) or [""]
        at = lot.randrange(len(lines))
        lines[at:at] = [lot.choice(_LINES[kind])]
        text = "".join(lines)
    return text.encode()


def _edited(content: bytes, name: str, lot: Random) -> bytes:
    """Return a file with a few values changed, added or removed, as gitexp does it."""
    try:
        wanted = _changed(parse_document(content, name), lot)
        return edit_document(content, name, wanted, [()])
    except GitexpError:
        return content


def _changed(values: dict[str, Value], lot: Random) -> dict[str, Value]:
    """Return values of which a few are others, or gone, or new."""
    wanted = copy.deepcopy(values)
    for _ in range(lot.randrange(4)):
        holder, key = wanted, lot.choice((*wanted, "new"))
        while isinstance(holder.get(key), dict) and holder[key] and lot.random() < 0.7:
            holder = holder[key]  # type: ignore[assignment]
            key = lot.choice((*holder, "new"))
        items = holder.get(key)
        if key in holder and lot.random() < 0.2:
            del holder[key]
        elif isinstance(items, list) and items and lot.random() < 0.6:
            _change_items(items, lot)
        else:
            holder[key] = copy.deepcopy(lot.choice(_NEW))
    return wanted


def _change_items(items: list[Value], lot: Random) -> None:
    at, chance = lot.randrange(len(items)), lot.random()
    if chance < 0.4:
        items[at] = copy.deepcopy(lot.choice(_NEW))
    elif chance < 0.7:
        items.insert(at, copy.deepcopy(lot.choice(_NEW)))
    else:
        del items[at]


def _merged_lines(base: bytes, ours: bytes, theirs: bytes) -> bytes:
    """Return what a merge by lines may make of it; ours, if lines came or went."""
    three = [one.splitlines(keepends=True) for one in (base, ours, theirs)]
    if len({*map(len, three)}) > 1:
        return ours
    return b"".join(other if mine == was else mine for was, mine, other in zip(*three, strict=True))


def _side(content: bytes, wanted: int) -> bytes:
    """Return one side of what is in conflict."""
    kept, side = [], None
    for line in re.findall(rb"[^\n]*\n|[^\n]+", content):
        mark = line[:7]
        if mark == b"<<<<<<<":
            side = 0
        elif side is not None and mark == b"|||||||":
            side = 2
        elif side is not None and mark == b"=======":
            side = 1
        elif side is not None and mark == b">>>>>>>":
            side = None
        elif side in (None, wanted):
            kept.append(line)
    return b"".join(kept)


def _check(
    base: dict[str, Value],
    changed: dict[str, Value],
    other: dict[str, Value],
    found: dict[str, Value],
    merged: MergedFile,
) -> None:
    """Fail if a value is not there that this side alone has changed, and nobody is told of it."""
    for path in sorted({*_paths(base), *_paths(changed)}):
        was, now = lookup(base, path), lookup(changed, path)
        if identical(was, now) or not identical(was, lookup(other, path)):
            continue
        if _in_conflict(path, merged):
            continue
        assert identical(lookup(found, path), now), f"lost {path}: {now!r} of {merged}"


def _in_conflict(path: Path, merged: MergedFile) -> bool:
    if path[0] == WHOLE:
        path = ("outs",)
    return any(".".join(path[:end]) in merged.conflicts for end in range(1, len(path) + 1))


def _paths(values: dict[str, Value], at: Path = ()) -> Iterator[Path]:
    for key, value in values.items():
        yield (*at, key)
        if isinstance(value, dict):
            yield from _paths(value, (*at, key))
