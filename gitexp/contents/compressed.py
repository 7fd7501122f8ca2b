"""What gzip, zlib, bzip2 and xz have packed: their headers hold names and times."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_OPEN: tuple[tuple[bytes, Callable[[Path], Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\0", lzma.open),
    (b"]\0\0", lzma.open),
)
_ZLIB = (b"x\x01", b"x^", b"x\x9c", b"x\xda")
_CHUNK = 1 << 20
MOST = 4_000_000_000
"""Bytes that are unpacked of one file."""
SUFFIXES = {".gz", ".bz2", ".xz", ".lzma", ".z"}


def is_packed(head: bytes) -> bool:
    """Return whether a file that begins so is packed."""
    return any(head.startswith(magic) for magic, _ in _OPEN) or head.startswith(_ZLIB)


class TooLarge(Exception):
    """More comes out of a file than is unpacked of one."""


def unpack(source: Path, target: Path, most: int = MOST) -> None:
    """Write what is packed in a file to another one; raises TooLarge.

    Whoever made the file may have packed a whole disk of zeros into a few kilobytes.
    """
    with source.open("rb") as file:
        head = file.read(8)
    opened = next((opened for magic, opened in _OPEN if head.startswith(magic)), None)
    written = 0
    with target.open("wb") as out:
        for chunk in _read(source, opened) if opened is not None else _inflated(source):
            written += len(chunk)
            if written > most:
                raise TooLarge
            out.write(chunk)


def _read(source: Path, opened: Callable[[Path], Any]) -> Iterator[bytes]:
    with opened(source) as packed:
        while chunk := packed.read(_CHUNK):
            yield chunk


def _inflated(source: Path) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    with source.open("rb") as file:
        while chunk := inflater.unconsumed_tail or file.read(_CHUNK):
            yield inflater.decompress(chunk, _CHUNK)
    yield inflater.flush()
