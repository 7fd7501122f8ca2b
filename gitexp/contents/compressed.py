"""What gzip, zlib, bzip2 and xz have packed: their headers hold names and times."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

_OPEN: tuple[tuple[bytes, Callable[[Path], Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\0", lzma.open),
    (b"]\0\0", lzma.open),
)
_ZLIB = (b"x\x01", b"x^", b"x\x9c", b"x\xda")
_CHUNK = 1 << 20
SUFFIXES = {".gz", ".bz2", ".xz", ".lzma", ".z"}


def is_packed(head: bytes) -> bool:
    """Return whether a file that begins so is packed."""
    return any(head.startswith(magic) for magic, _ in _OPEN) or head.startswith(_ZLIB)


def unpack(source: Path, target: Path) -> None:
    """Write what is packed in a file to another one."""
    with source.open("rb") as file:
        head = file.read(8)
    opened = next((opened for magic, opened in _OPEN if head.startswith(magic)), None)
    with target.open("wb") as out:
        if opened is not None:
            with opened(source) as packed:
                shutil.copyfileobj(packed, out, _CHUNK)
            return
        with source.open("rb") as file:
            _inflate(file, out)


def _inflate(source: IO[bytes], out: IO[bytes]) -> None:
    inflater = zlib.decompressobj()
    while chunk := source.read(_CHUNK):
        out.write(inflater.decompress(chunk))
    out.write(inflater.flush())
