"""Trees as lists of their files."""

from __future__ import annotations

import os
from collections.abc import Mapping

from msgspec import Struct

from gitexp.git.repository import Repository
from gitexp.model.lean_digests import lean_digest

TREE_MODE = "40000"
LINK_MODE = "120000"
SUBMODULE_MODE = "160000"


class Entry(Struct, frozen=True):
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
    for folder, inside in folders.items():
        files[folder] = Entry(TREE_MODE, tree_oid(inside, object_format))
    return object_oid("tree", tree_content(files), object_format)


def tree_content(files: Mapping[bytes, Entry]) -> bytes:
    """Return the content of a tree object that holds these files and folders."""

    def order(item: tuple[bytes, Entry]) -> bytes:
        return item[0] + b"/" if item[1].mode == TREE_MODE else item[0]

    return b"".join(
        b"%s %s\0%s" % (entry.mode.encode(), name, bytes.fromhex(entry.oid))
        for name, entry in sorted(files.items(), key=order)
    )


def parsed_tree(content: bytes, object_format: str) -> dict[bytes, Entry]:
    """Return what a tree object holds; the inverse of `tree_content`."""
    found, length, position = {}, 32 if object_format == "sha256" else 20, 0
    while position < len(content):
        end = content.index(b"\0", position)
        mode, _, name = content[position:end].partition(b" ")
        position = end + 1 + length
        found[name] = Entry(mode.decode(), content[end + 1 : position].hex())
    return found


def object_oid(kind: str, content: bytes, object_format: str = "sha1") -> str:
    """Return the oid that git gives an object.

    >>> object_oid("blob", b"")
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    header = f"{kind} {len(content)}\0".encode()
    return lean_digest(object_format, header, content).hexdigest()


def is_below(folder: str, path: str) -> bool:
    """Return whether a path is a folder or lies in it; everything lies in ''.

    >>> is_below("libs", "libs/a.py"), is_below("lib", "libs/a.py"), is_below("", "a.py")
    (True, False, True)
    """
    return not folder or path == folder or path.startswith(f"{folder}/")
