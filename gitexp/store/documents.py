"""Settings and params that were read before, so that YAML need not be parsed again.

A file whose text is still the same is not parsed again: importing the parser takes
10 ms. What is kept can be deleted at will; it comes back.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import zlib
from functools import cached_property
from pathlib import Path

from gitexp.model.documents.reading import parse_document
from gitexp.model.values import Value
from gitexp.version import __version__

_LARGEST = 20_000
"""Bytes of a file that is kept."""
_MOST = 200_000
"""Bytes of all that is kept: it is read at each start, and of it only what is asked for is parsed.

A file may be there in several versions, those of two ends of a diff, say.
"""


class KnownDocuments:
    """The documents of a repository, with the text that was read: a line for each."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._news: dict[bytes, bytes] = {}
        self._drafts: dict[str, tuple[bytes, dict[str, Value]]] = {}

    def parse(self, content: bytes, path: str) -> dict[str, Value]:
        """Return what `parse_document` does; `path` is that from the top of the repository."""
        values = self.draft(content, path)  # raises, and then nothing is kept
        if len(content) <= _LARGEST and content.isascii() and self._kept(content, path) is None:
            kept = {"text": content.decode(), "values": values}
            said = json.dumps(kept).encode()
            self._news[_key(content, path)] = b"%08x %s" % (zlib.crc32(said), said)
        return values

    def draft(self, content: bytes, path: str) -> dict[str, Value]:
        """Return the same of what may yet be written: only this process remembers it."""
        values = self._kept(content, path)
        if values is not None:
            return values
        draft, values = self._drafts.get(path, (None, {}))
        if draft != content:
            values = parse_document(content, path)
            self._drafts[path] = content, values
        return values

    def _kept(self, content: bytes, path: str) -> dict[str, Value] | None:
        if not content.isascii():
            return None
        key = _key(content, path)
        line = self._news.get(key) or self._line(key)
        try:
            kept = json.loads(_said(line)) if line is not None else None
        except ValueError:
            return None
        match kept:
            case {"text": known, "values": dict(values)} if known == content.decode():
                return values
        return None

    def _line(self, key: bytes) -> bytes | None:
        start = self._known.find(b"\n" + key + b"\t")
        if start < 0:
            return None
        start += len(key) + 2
        return self._known[start : self._known.find(b"\n", start)]

    def keep(self) -> None:
        """Write down what was read; what is cut off here is read as nothing."""
        if not self._news:
            return
        lines = [key + b"\t" + kept for key, kept in self._news.items()]
        lines += [
            one for one in self._known.split(b"\n")[-2:0:-1] if _key_of(one) not in self._news
        ]
        sizes = itertools.accumulate(len(one) for one in lines)
        newest = [one for one, size in zip(lines, sizes, strict=True) if size <= _MOST]
        self._known = b"".join(one + b"\n" for one in (__version__.encode(), *reversed(newest)))
        with contextlib.suppress(OSError):
            self._file.write_bytes(self._known)  # in one go: others may write it, too
        self._news.clear()

    @cached_property
    def _known(self) -> bytes:
        try:
            kept = self._file.read_bytes()
        except OSError:
            return b""
        return (
            kept if kept.startswith(__version__.encode() + b"\n") and kept.endswith(b"\n") else b""
        )


def _key(content: bytes, path: str) -> bytes:
    return json.dumps(f"{path}@{zlib.crc32(content):08x}").encode()


def _said(line: bytes) -> bytes:
    """Return what a line says, nothing if a disk has changed it since it was written."""
    said = line[9:]
    return said if line == b"%08x %s" % (zlib.crc32(said), said) else b""


def _key_of(line: bytes) -> bytes:
    return line.partition(b"\t")[0]
