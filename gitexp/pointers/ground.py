"""Where the data of pointers may lie: asked before it is placed, removed, linked or read back.

A pointer comes with a commit, and so perhaps from a stranger. docs/explanation/security.md has
the rule, and what it keeps off.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from gitexp.data.pointers import SafePlace
from gitexp.errors import GitexpError
from gitexp.git.trees import LINK_MODE, Entry, is_below, object_oid
from gitexp.model.refused_names import is_refused
from gitexp.project import Project
from gitexp.revisions import kinds
from gitexp.store.recorded import recorded_blobs

_PRIVATE = frozenset({".dvc", ".gitexp"})
"""In any case: some file systems do not tell one from another."""


REFUSED = "git takes no such path"


class Forbidden(GitexpError):
    """A pointer names a place where no data may lie."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(
            f"no data may lie at '{path}': {why}",
            hint="Look at the commit that has this pointer, and who made it; nothing was written.",
        )


def links_in(tree: Mapping[str, Entry]) -> frozenset[str]:
    """Return the links among files, by their paths."""
    return frozenset(kinds.links_in(tree))


def why_not(path: str, folders: Sequence[str], links: Collection[str]) -> str | None:
    """Return why no data may lie at a path, as far as a commit alone tells, or None.

    `folders` are those of the project, `links` what the commit brings along.
    """
    if is_refused(path):
        return REFUSED
    if not _PRIVATE.isdisjoint(path.casefold().split("/")):
        return "that folder belongs to DVC or gitexp"
    if not any(is_below(folder, path) for folder in folders):
        return "it is outside the project"
    if not links:
        return None
    above = next((one for one in prefixes(path) if one in links), None)
    if above is not None:
        return _through(above)
    inside = min((one for one in links if is_below(path, one)), default=None)
    return None if inside is None else f"'{inside}' in it is a link that came with a commit"


class Ground:
    """The folders in which the data of one project may lie; paths are from the top."""

    def __init__(
        self, project: Project, folders: Sequence[str], tree: Mapping[str, Entry] | None = None
    ) -> None:
        self._project = project
        self._repository = project.repository
        self._folders = folders
        self._has_tree = tree is not None
        self._coming = links_in(tree or {})
        """The links that come into the work tree together with the data."""
        self._known: dict[str, bool] = {}

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
        why = why_not(path, self._folders, self._coming)
        if why is not None:
            return why
        link = next((above for above in prefixes(path) if self._is_gits_link(above)), None)
        if link is not None:
            return _through(link)
        if self._has_tree or not (self._repository.top / path).is_dir():
            return None
        return why_not(path, self._folders, self._tracked)

    @cached_property
    def _tracked(self) -> frozenset[str]:
        """The links in the index."""
        listed = self._repository.git("ls-files", "--stage", "-z").split(b"\0")
        links = (line for line in listed if line.startswith(LINK_MODE.encode()))
        return frozenset(os.fsdecode(line.partition(b"\t")[2]) for line in links)

    def _is_gits_link(self, path: str) -> bool:
        """Return whether a path is a link, and not one that a person made for this clone alone."""
        if path not in self._known:
            is_link = os.path.islink(f"{self._repository.top}/{path}")  # noqa: PTH114 - of many
            self._known[path] = is_link and self._is_in_git(path)
        return self._known[path]

    def _is_in_git(self, path: str) -> bool:
        repository = self._repository
        if path in self._tracked or self._is_in_another(path):
            return True
        target = os.fsencode((repository.top / path).readlink())
        oid = object_oid("blob", target, repository.object_format)
        return oid in recorded_blobs(repository, self._project.config.branch, [path])[path]

    def _is_in_another(self, path: str) -> bool:
        """Return whether a path lies in a submodule, or another repository, with its own links."""
        top = self._repository.top
        above = list(prefixes(path))[:-1]
        return any(os.path.lexists(top / folder / ".git") for folder in above)


def _through(link: str) -> str:
    return f"'{link}' is a link that came with a commit"


def prefixes(path: str) -> Iterator[str]:
    """Yield the folders above a path, the outermost first, and the path.

    >>> list(prefixes("a/b/c"))
    ['a', 'a/b', 'a/b/c']
    """
    parts = path.split("/")
    yield from ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
