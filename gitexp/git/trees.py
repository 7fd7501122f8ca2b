"""Trees as lists of their files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gitexp.git.repository import Repository

TREE_MODE = "40000"
LINK_MODE = "120000"
SUBMODULE_MODE = "160000"


@dataclass(frozen=True)
class Entry:
    """One file of a tree or index."""

    mode: str
    oid: str


Entries = Mapping[str, Entry]
"""Entries by path, relative to the top, '/' between the parts."""


def tree_entries(repository: Repository, tree: str) -> dict[str, Entry]:
    """Return every file of a tree (or commit)."""
    listed = repository.git("ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0")
    found = {}
    for line in listed[:-1]:
        head, _, path = line.partition(b"\t")
        mode, _, oid = head.decode().split(" ")
        found[os.fsdecode(path)] = Entry(mode, oid)
    return found


def without_entry(repository: Repository, tree: str, path: str) -> str:
    """Write a tree (or that of a commit) without one of its files or folders; return its oid."""
    name, _, below = path.partition("/")
    kept = []
    for line in repository.git("ls-tree", "-z", "--full-tree", tree).split(b"\0")[:-1]:
        head, _, found = line.partition(b"\t")
        if found != os.fsencode(name):
            kept.append(line)
        elif below:
            inside = without_entry(repository, head.decode().split(" ")[2], below)
            kept.append(b"040000 tree %s\t%s" % (inside.encode(), found))
    # a partial clone has not every object that a tree names
    return repository.line("mktree", "-z", "--missing", stdin=b"".join(x + b"\0" for x in kept))


def level_entries(content: bytes, object_format: str = "sha1") -> dict[str, Entry]:
    """Return what a tree object names itself, folders included, from its bytes."""
    found, position = {}, 0
    size = hashlib.new(object_format, usedforsecurity=False).digest_size
    while position < len(content):
        end = content.index(b"\0", position)
        mode, _, name = content[position:end].partition(b" ")
        position = end + 1 + size
        found[os.fsdecode(name)] = Entry(mode.decode(), content[end + 1 : position].hex())
    return found


def tree_oid(entries: Entries, object_format: str = "sha1") -> str:
    """Return the oid that `git write-tree` would give, without writing an object.

    A tree object is, for each entry in the order of its name (a folder's as if it ended
    in '/'), `MODE NAME NUL OID` with the oid in binary; see git's gitformat documentation.

    >>> tree_oid({})
    '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
    """
    files: dict[bytes, Entry] = {}
    folders: dict[bytes, dict[str, Entry]] = {}
    for path, entry in entries.items():
        name, below, rest = path.partition("/")
        if below:
            folders.setdefault(os.fsencode(name), {})[rest] = entry
        else:
            files[os.fsencode(name)] = entry
    lines = [(name, f"{entry.mode} ", name, entry.oid) for name, entry in files.items()]
    lines += [
        (name + b"/", f"{TREE_MODE} ", name, tree_oid(inside, object_format))
        for name, inside in folders.items()
    ]
    content = b"".join(
        mode.encode() + name + b"\0" + bytes.fromhex(oid) for _, mode, name, oid in sorted(lines)
    )
    return object_oid("tree", content, object_format)


def object_oid(kind: str, content: bytes, object_format: str = "sha1") -> str:
    """Return the oid that git gives an object.

    >>> object_oid("blob", b"")
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    digest = hashlib.new(object_format, usedforsecurity=False)
    digest.update(f"{kind} {len(content)}\0".encode())
    digest.update(content)
    return digest.hexdigest()


def paths_below(folder: str, paths: Iterable[str]) -> list[str]:
    """Return the paths inside a folder; all of them for ''."""
    return [path for path in paths if is_below(folder, path)]


def is_below(folder: str, path: str) -> bool:
    """Return whether a path is a folder or lies in it; everything lies in ''.

    >>> is_below("libs", "libs/a.py"), is_below("lib", "libs/a.py"), is_below("", "a.py")
    (True, False, True)
    """
    return not folder or path == folder or path.startswith(f"{folder}/")
