"""The work tree as git would store it, and which of its contents some run already holds."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from gitexp.git.conflicts import check_merged
from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import SUBMODULE_MODE, Entry


class Found(Struct, frozen=True):
    """What lies at some paths of the work tree."""

    entries: Mapping[str, Entry]
    unreadable: tuple[str, ...]
    """What git cannot store, so that it could not be kept."""


def look_at(repository: Repository, paths: Iterable[str], scratch: Path) -> Found:
    """Hash files of the work tree through git's filters, writing their blobs.

    All are read again: git's own notion of what is unchanged misses edits that come within
    a second of the last `git add`.
    """
    index = PrivateIndex.copied(repository, scratch / "work.index")
    listing = index.listing()
    check_merged(repository, listing.unmerged)
    present = [path for path in dict.fromkeys(paths) if is_file(repository.top, path)]
    tracked = {path: listing.entries[path] for path in present if path in listing.entries}
    index.put({path: one for path, one in tracked.items() if one.mode != SUBMODULE_MODE})
    refused = index.add(present)
    known = index.entries()
    taken = set(present).difference(refused)
    return Found({path: known[path] for path in taken if path in known}, tuple(sorted(refused)))


def absent_on_purpose(repository: Repository) -> set[str]:
    """Return the tracked files that a sparse checkout leaves out of the work tree."""
    if repository.config.get("core.sparsecheckout", "").lower() != "true":
        return set()
    listed = repository.git("ls-files", "-t", "-z").split(b"\0")
    return {os.fsdecode(line[2:]) for line in listed if line.startswith(b"S ")}


def is_file(top: Path, path: str) -> bool:
    """Return whether a path is a file or a link that is reached through folders alone."""
    place = top / path
    return not is_blocked(top, path) and (place.is_symlink() or place.is_file())


def is_blocked(top: Path, path: str, removed: Collection[str] = ()) -> bool:
    """Return whether a file, or a link to elsewhere, is where a folder would have to be."""
    parts = path.split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        above = "/".join(parts[:depth])
        if above in removed:
            return False
        place = top / above
        if place.is_symlink() or (os.path.lexists(place) and not place.is_dir()):
            return True
    return False
