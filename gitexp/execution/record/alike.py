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
    return {path for path, oid in _oids(repository, same).items() if oid == entries[path].oid}


def edited(repository: Repository, paths: Iterable[str], entries: Mapping[str, Entry]) -> set[str]:
    """Return those of the paths whose content is another, or cannot be read; modes do not count."""
    asked = list(paths)
    found = _oids(repository, [path for path in asked if "\n" not in path])
    return {path for path in asked if "\n" not in path and found.get(path) != entries[path].oid}


def _oids(repository: Repository, paths: Iterable[str]) -> dict[str, str]:
    """Return what git would call the contents, without those of files that it cannot read."""
    oids: dict[str, str] = {}
    files = []
    for path in paths:
        if os.path.islink(repository.top / path):  # noqa: PTH114 - which never fails
            oids[path] = _link_oid(repository, path)
        else:
            files.append(path)
    return oids | _hashed(repository, files)


def _hashed(repository: Repository, files: list[str]) -> dict[str, str]:
    if not files:
        return {}
    listed = b"".join(os.fsencode(path) + b"\n" for path in files)
    # through the user's filters, as `git add` would
    ended = repository.attempt("hash-object", "--stdin-paths", stdin=listed)
    if ended.returncode == 0:
        return dict(zip(files, ended.stdout.decode().split(), strict=True))
    if len(files) == 1:
        return {}
    middle = len(files) // 2
    return _hashed(repository, files[:middle]) | _hashed(repository, files[middle:])


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
