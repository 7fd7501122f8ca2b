"""Where the data of pointers may lie: asked before it is placed, removed, linked or read back.

A pointer comes with a commit, and so perhaps from a stranger. docs/explanation/security.md has
the rule, and what it keeps off.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from gitexp.data.pointers import SafePlace
from gitexp.errors import GitexpError
from gitexp.git.refused_names import is_refused
from gitexp.git.trees import LINK_MODE, Entry, is_below, object_oid
from gitexp.project import Project
from gitexp.store.recorded import recorded_blobs

_PRIVATE = frozenset({".dvc", ".gitexp"})


class Forbidden(GitexpError):
    """A pointer names a place where no data may lie."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(
            f"no data may lie at '{path}': {why}",
            hint="Look at the commit that has this pointer, and who made it; nothing was written.",
        )


def why_not(path: str, folders: Sequence[str], tree: Mapping[str, Entry]) -> str | None:
    """Return why no data may lie at a path, as far as a commit alone tells, or None.

    `folders` are those of the project, `tree` what the commit brings along.
    """
    if is_refused(path):
        return "git takes no such path"
    if not _PRIVATE.isdisjoint(PurePosixPath(path).parts):
        return "that folder belongs to DVC or gitexp"
    if not any(is_below(folder, path) for folder in folders):
        return "it is outside the project"
    links = (above for above in _prefixes(path) if above in tree and tree[above].mode == LINK_MODE)
    link = next(links, None)
    return None if link is None else _through(link)


class Ground:
    """The folders in which the data of one project may lie; paths are from the top."""

    def __init__(
        self, project: Project, folders: Sequence[str], tree: Mapping[str, Entry] | None = None
    ) -> None:
        self._project = project
        self._repository = project.repository
        self._folders = folders
        self._tree = tree or {}
        """What comes into the work tree together with the data."""
        self._links: dict[str, bool] = {}

    def check(self, path: str) -> None:
        """Raise Forbidden where no data may lie."""
        why = self.problem(path)
        if why is not None:
            raise Forbidden(path, why)

    def place(self, path: str) -> SafePlace:
        """Return where the data of a pointer lies; raises Forbidden."""
        self.check(path)
        return SafePlace(self._repository.top / path)

    def problem(self, path: str) -> str | None:
        """Return why no data may lie at a path, or None."""
        why = why_not(path, self._folders, self._tree)
        if why is not None:
            return why
        link = next((above for above in _prefixes(path) if self._is_gits_link(above)), None)
        return None if link is None else _through(link)

    def _is_gits_link(self, path: str) -> bool:
        """Return whether a path is a link, and not one that a person made for this clone alone."""
        if path not in self._links:
            place = self._repository.top / path
            self._links[path] = place.is_symlink() and self._is_in_git(path)
        return self._links[path]

    def _is_in_git(self, path: str) -> bool:
        repository = self._repository
        if repository.git("ls-files", "-z", "--", f":(top,literal){path}"):
            return True
        target = os.fsencode((repository.top / path).readlink())
        oid = object_oid("blob", target, repository.object_format)
        return oid in recorded_blobs(repository, self._project.config.branch, [path])[path]


def _through(link: str) -> str:
    return f"'{link}' is a link that came with a commit"


def _prefixes(path: str) -> Iterator[str]:
    """Yield the folders above a path, the outermost first, and the path.

    >>> list(_prefixes("a/b/c"))
    ['a', 'a/b', 'a/b/c']
    """
    parts = path.split("/")
    yield from ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
