"""Three versions of a file merged: what one side alone changed is there afterwards."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from gitexp.drivers.markers import Markers
from gitexp.drivers.merge import MergedFile, Versions, merge_ancestors, merge_file
from gitexp.errors import GitexpError
from gitexp.model.documents.changes import Path, identical, lookup
from gitexp.model.documents.edit import edit_document
from gitexp.model.documents.reading import parse_document
from gitexp.model.values import Value

from tests.torture.fuzzed.documents import document
from tests.torture.fuzzed.subject import REFUSED
from tests.torture.fuzzed.texts import noise, spoilt

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
_STYLES = ("merge", "diff3", "zdiff3")
_KINDS = (*("yaml",) * 3, *("json",) * 6, "toml")
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
        made = document(lot.choice(_KINDS), lot)
        base = made.text.encode()
        sides = [_changed(base, made.name, made.values, lot) for _ in range(2)]
        if lot.random() < 0.1:
            at = lot.randrange(2)
            sides[at] = spoilt(sides[at].decode(), lot, _WORDS).encode()
        text = lot.choice((*sides, _merged_lines(base, *sides), noise(lot, 60).encode()))
        ours, theirs = sides
        return Three(made.name, base, ours, theirs, text, lot.choice(_STYLES))

    def check(self, made: Three) -> str:
        """Merge, and look for each value that one side alone has changed."""
        versions = Versions(made.name, made.base, made.ours, made.theirs, lambda: made.text)
        self._ancestors(versions)
        try:
            merged = merge_file(versions, Markers(style=made.style))
        except (GitexpError, UnicodeDecodeError):
            return REFUSED
        base, ours, theirs = (
            parse_document(one, made.name) for one in (made.base, made.ours, made.theirs)
        )
        for side in (0, 1):
            found = parse_document(_side(merged.content, side), made.name)
            _check(base, ours, theirs, found, merged)
            _check(base, theirs, ours, found, merged)
        return "in conflict" if merged.conflicts else "merged"

    def _ancestors(self, versions: Versions) -> None:
        try:
            content = merge_ancestors(versions)
        except (GitexpError, UnicodeDecodeError):
            return
        parse_document(content, versions.name)


def _changed(content: bytes, name: str, values: dict[str, Value], lot: Random) -> bytes:
    """Return a file with a few values changed, added or removed, as people do it."""
    wanted = copy.deepcopy(values)
    for _ in range(lot.randrange(4)):
        holder, key = wanted, lot.choice((*wanted, "new"))
        while isinstance(holder.get(key), dict) and holder[key] and lot.random() < 0.7:
            holder = holder[key]  # type: ignore[assignment]
            key = lot.choice((*holder, "new"))
        if key in holder and lot.random() < 0.2:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(lot.choice(_NEW))
    try:
        return edit_document(content, name, wanted, [()])
    except GitexpError:
        return json.dumps(wanted).encode() if name.endswith("json") else content


def _merged_lines(base: bytes, ours: bytes, theirs: bytes) -> bytes:
    """Return what a merge by lines may make of it; ours, if lines came or went."""
    three = [one.splitlines(keepends=True) for one in (base, ours, theirs)]
    if len({*map(len, three)}) > 1:
        return ours
    return b"".join(other if mine == was else mine for was, mine, other in zip(*three, strict=True))


def _side(content: bytes, wanted: int) -> bytes:
    """Return one side of what is in conflict."""
    kept, side = [], None
    for line in content.splitlines(keepends=True):
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
    return any(".".join(path[:end]) in merged.conflicts for end in range(1, len(path) + 1))


def _paths(values: dict[str, Value], at: Path = ()) -> Iterator[Path]:
    for key, value in values.items():
        yield (*at, key)
        if isinstance(value, dict):
            yield from _paths(value, (*at, key))
