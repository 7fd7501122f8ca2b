"""Many objects written or read by one git process, as a pack."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from gitexp.git.repository import Repository
from gitexp.model.lean_digests import lean_digest

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
    digest = lean_digest(repository.object_format, pack).digest()
    repository.git("index-pack", "--stdin", stdin=pack + digest)


def packed_commits(repository: Repository, commits: Sequence[str]) -> bytes:
    """Return a pack of commits with all that their trees hold, and nothing of their history."""
    return _packed(repository, ["--no-walk=unsorted", *commits])


def packed_tree(repository: Repository, tree: str, *, known: str) -> bytes:
    """Return a pack of what a tree holds and another one, which is `known`, does not."""
    return _packed(repository, [tree, f"^{known}"])


def add_few(repository: Repository, pack: bytes) -> None:
    """Take in the objects of a small pack one by one.

    Raises GitCommandFailed, and takes in none of them, if what one of them names is not here.
    """
    repository.git("unpack-objects", "-q", "--strict", stdin=pack)


def add_many(repository: Repository, pack: bytes) -> None:
    """Take in a pack as it is."""
    repository.git("index-pack", "--stdin", stdin=pack)


def _packed(repository: Repository, which: Sequence[str]) -> bytes:
    listed = repository.git("rev-list", "--objects", "--no-object-names", *which)
    return repository.git("pack-objects", "-q", "--stdout", stdin=listed)


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
