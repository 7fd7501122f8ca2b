"""Files that were written while a command ran, with the content that they had."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping

from gitexp.git.repository import Repository
from gitexp.git.trees import LINK_MODE, Entry, object_oid


def alike(repository: Repository, paths: Iterable[str], entries: Mapping[str, Entry]) -> set[str]:
    """Return those of the paths that git would add as the very entries that are there.

    DVC's `exp save`, which DVCLive calls, writes every edited file back; editors and formatters
    write files that they did not change.
    """
    asked = [path for path in paths if path in entries and "\n" not in path]
    now = {path: found for path in asked if (found := _mode(repository, path)) is not None}
    same = [path for path in asked if now.get(path) == entries[path].mode]
    links = [path for path in same if now[path] == LINK_MODE]
    files = [path for path in same if now[path] != LINK_MODE]
    oids = {path: _link_oid(repository, path) for path in links}
    listed = b"".join(os.fsencode(path) + b"\n" for path in files)
    if listed:  # through the user's filters, as `git add` would
        hashed = repository.git("hash-object", "--stdin-paths", stdin=listed).decode().split()
        oids |= dict(zip(files, hashed, strict=True))
    return {path for path, oid in oids.items() if oid == entries[path].oid}


def _mode(repository: Repository, path: str) -> str | None:
    try:
        found = os.lstat(repository.top / path).st_mode
    except OSError:
        return None
    if stat.S_ISLNK(found):
        return LINK_MODE
    return f"{stat.S_IFREG | (0o755 if found & stat.S_IXUSR else 0o644):o}"


def _link_oid(repository: Repository, path: str) -> str:
    target = os.fsencode((repository.top / path).readlink())
    return object_oid("blob", target, repository.object_format)
