"""The frame of LevelDB's logs, in which W&B writes: records in parts, each with a checksum."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

_HEADER = 7
"""Bytes before the first record, and before each part of one."""
_BLOCK = 32768
_WHOLE, _FIRST, _LAST = 1, 2, 4


def records(content: bytes) -> Iterator[bytes]:
    """Yield the records, up to the first that is not whole."""
    at, parts = _HEADER, list[bytes]()
    while True:
        left = _BLOCK - at % _BLOCK
        if left < _HEADER:
            at += left
        if at + _HEADER > len(content):
            return
        checksum, size, kind = struct.unpack_from("<IHB", content, at)
        part = content[at + _HEADER : at + _HEADER + size]
        if len(part) < size or zlib.crc32(part, zlib.crc32(bytes([kind]))) != checksum:
            return
        at += _HEADER + size
        if kind in (_WHOLE, _FIRST):
            parts.clear()
        parts.append(part)
        if kind in (_WHOLE, _LAST):
            yield b"".join(parts)
