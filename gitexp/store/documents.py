"""Settings and params that were read before, so that YAML need not be parsed again.

A file whose text is still the same is not parsed again: importing the parser takes
10 ms. What is kept can be deleted at will; it comes back.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from functools import cached_property
from pathlib import Path
from typing import Any

from gitexp.model.documents.reading import parse_document
from gitexp.model.values import Value
from gitexp.version import __version__

_LARGEST = 20_000
"""Bytes of a file that is kept."""
_MOST = 50
"""How many are kept; a file may be there in several versions, those of two ends of a diff, say."""
_MOST_TOGETHER = 100_000
"""Bytes of all that are kept: each start reads them."""


class KnownDocuments:
    """The documents of a repository, with the text that was read."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._is_news = False
        self._drafts: dict[str, tuple[bytes, dict[str, Value]]] = {}

    def parse(self, content: bytes, path: str) -> dict[str, Value]:
        """Return what `parse_document` does; `path` is that from the top of the repository."""
        values = self.draft(content, path)  # raises, and then nothing is kept
        if len(content) <= _LARGEST and content.isascii() and self._kept(content, path) is None:
            self._known[_key(content, path)] = {"text": content.decode(), "values": values}
            self._is_news = True
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
        match self._known.get(_key(content, path)):
            case {"text": known, "values": dict(values)} if known == content.decode():
                return values
        return None

    def keep(self) -> None:
        """Write down what was read; what is cut off here is read as nothing."""
        if not self._is_news:
            return
        newest = _newest(self._known)
        with contextlib.suppress(OSError):
            self._file.write_bytes(  # in one go: others may write it, too
                json.dumps({"version": __version__, "documents": newest}).encode()
            )
        self._is_news = False

    @cached_property
    def _known(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._file.read_bytes())
        except (OSError, ValueError):
            return {}
        match kept:
            case {"version": version, "documents": dict(documents)} if version == __version__:
                return documents
        return {}


def _newest(known: dict[str, Any]) -> dict[str, Any]:
    """Return the last ones that are not too many, and not too long together."""
    kept, size = list[str](), 0
    for key in list(known)[: -_MOST - 1 : -1]:
        size += len(known[key]["text"])
        if size > _MOST_TOGETHER:
            break
        kept.append(key)
    return {key: known[key] for key in reversed(kept)}


def _key(content: bytes, path: str) -> str:
    return f"{path}@{zlib.crc32(content):08x}"
