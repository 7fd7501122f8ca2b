"""The merge of two versions of a file by its keys, with the bytes around them kept."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from gitexp.drivers.listed import is_pointer_file
from gitexp.drivers.markers import Markers, with_markers
from gitexp.drivers.pointers import WHOLE, is_whole, parse_pointers, rewritten
from gitexp.drivers.three_way import Merged, merge_values
from gitexp.errors import GitexpError
from gitexp.model.documents.changes import Path, differences
from gitexp.model.documents.edit import edit_document
from gitexp.model.documents.reading import kind_of, parse_document
from gitexp.model.identical import identical
from gitexp.model.values import Value

_MOST_READ = {"JSON": 10_000_000, "YAML": 1_000_000, "TOML": 200_000}
"""Bytes that are read within about two seconds."""
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)


class Versions(Struct, frozen=True):
    """The three versions of a file, and what git's own merge of their text makes of them."""

    name: str
    base: bytes
    ours: bytes
    theirs: bytes
    as_text: Callable[[], bytes]
    """The merge of the text, ours if both changed the same lines."""


class MergedFile(Struct, frozen=True):
    """The merged file, and the dotted names of what was merged."""

    content: bytes
    taken: tuple[str, ...]
    conflicts: tuple[str, ...]


def merge_file(versions: Versions, markers: Markers | None = None) -> MergedFile:
    """Merge a file by its keys; raise GitexpError if only its text can be merged."""
    markers = markers or Markers()
    file = _File(versions.name)
    merged = file.merge(versions)
    ours = _with_values(file, versions, merged)
    content = ours
    if merged.conflicts:
        theirs = file.edit(ours, merged.theirs).decode()
        base = _base(file, ours, merged) if markers.with_base else None
        content = with_markers(ours.decode(), theirs, base, markers).encode()
    _check_comments(versions, content)
    return MergedFile(content, file.names(merged.taken), file.names(merged.conflicts))


def merge_ancestors(versions: Versions) -> bytes:
    """Merge two common ancestors into one, in which what is in conflict is as it was before.

    Git has them merged when branches were merged both ways; with markers in it, the result
    could not be read as the base of the merge proper.
    """
    file = _File(versions.name)
    merged = file.merge(versions)
    return file.edit(_with_values(file, versions, merged), merged.base)


class _File:
    """How a file is read and edited, by its name."""

    def __init__(self, path: str) -> None:
        self.name = posixpath.basename(path)
        self.of_pointers = is_pointer_file(self.name)
        self.whole = is_whole if self.of_pointers else lambda _: False
        self.known: dict[bytes, dict[str, Value]] = {}

    def parse(self, content: bytes, _: str = "") -> dict[str, Value]:
        """Read what a version says, each once: reading is what a merge spends its time on."""
        if content not in self.known:
            parse = parse_pointers if self.of_pointers else parse_document
            self.known[content] = parse(content, self.name)
        return self.known[content]

    def merge(self, versions: Versions) -> Merged:
        base, ours = self.parse(versions.base), self.parse(versions.ours)
        return merge_values(base, ours, self.parse(versions.theirs), self.whole)

    def edit(self, content: bytes, wanted: dict[str, Value]) -> bytes:
        if self.of_pointers:
            edited = rewritten(content, self.name, wanted)
        else:
            self._check_cost(content, wanted)
            edited = edit_document(content, self.name, wanted, [()], self.parse)
        if not identical(self.parse(edited), wanted):
            raise GitexpError(f"'{self.name}' cannot be edited key by key")
        return edited

    def _check_cost(self, content: bytes, wanted: dict[str, Value]) -> None:
        """Refuse what would keep git waiting: each edit is read again before the next."""
        edits = sum(1 for _ in differences(self.parse(content), wanted))
        if edits * len(content) > _MOST_READ[kind_of(self.name)]:
            raise GitexpError(f"{edits} keys of '{self.name}' are too many to edit one by one")

    def names(self, keys: tuple[Path, ...]) -> tuple[str, ...]:
        """Return keys with dots, without a last part that only says that it is a whole."""
        if not self.of_pointers:
            return tuple(map(".".join, keys))
        ends = (key[:-1] if key[-1] == WHOLE else key for key in keys)
        return tuple(".".join(key) or "outs" for key in ends)  # an import is one as such


def _with_values(file: _File, versions: Versions, merged: Merged) -> bytes:
    """Return the file as ours with what was taken, starting from what git makes of its text.

    So comments and order of both sides are kept, if their lines did not meet.
    """
    try:
        return file.edit(versions.as_text(), merged.ours)
    except GitexpError:  # mixed lines need not be a document
        return file.edit(versions.ours, merged.ours)


def _base(file: _File, ours: bytes, merged: Merged) -> str | None:
    """Return the file with what is in conflict as both sides found it."""
    try:
        return file.edit(ours, merged.base).decode()
    except GitexpError:  # markers without it are better than none by keys
        return None


def _check_comments(versions: Versions, content: bytes) -> None:
    """Refuse a result that lacks a comment which one of the sides has written."""
    if versions.name.lower().endswith(".json"):  # which has none: a `#` is part of a text
        return
    known, kept = set(_comments(versions.base)), set(_comments(content))
    for side in (versions.ours, versions.theirs):
        for comment in _comments(side):
            if comment not in known and comment not in kept:
                raise GitexpError(f"the comment '{comment}' would be lost")


def _comments(content: bytes) -> Iterator[str]:
    for found in _COMMENT.finditer(content.decode()):
        yield found.group().rstrip()
