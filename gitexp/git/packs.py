"""Many objects written by one git process, as a pack."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable

from gitexp.git.repository import Repository

_KINDS = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}


def write_objects(repository: Repository, objects: Iterable[tuple[str, bytes]]) -> None:
    """Write objects, each given as its kind and content; `object_oid` gives their oids.

    The pack holds each whole; git checks them, and finds deltas when it packs again. The
    format is that of git's gitformat-pack documentation, version 2.
    """
    entries = [_entry(kind, content) for kind, content in dict.fromkeys(objects)]
    if not entries:
        return
    pack = b"PACK" + (2).to_bytes(4, "big") + len(entries).to_bytes(4, "big") + b"".join(entries)
    digest = hashlib.new(repository.object_format, pack, usedforsecurity=False).digest()
    repository.git("index-pack", "--stdin", stdin=pack + digest)


def _entry(kind: str, content: bytes) -> bytes:
    """Return an object as a pack holds it: kind and size in 7 bits a byte, then the content."""
    size = len(content)
    byte = _KINDS[kind] << 4 | size & 0x0F
    size >>= 4
    head = bytearray()
    while size:
        head.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    head.append(byte)
    return bytes(head) + zlib.compress(content)
