"""Two versions of a file: whether they differ in what decides a result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from msgspec import Struct

from gitexp.comparison.diff import diff_documents
from gitexp.data.pointers import Pointer, parse_dvc_file
from gitexp.errors import GitexpError
from gitexp.git.diffs import EntryPair
from gitexp.git.trees import Entry
from gitexp.model.documents.reading import parse_document
from gitexp.model.identical import identical
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.revisions.deciding import may_decide, without_outputs
from gitexp.revisions.revision import Revision
from gitexp.revisions.roles import Declared


class Versions(Struct, frozen=True, dict=True):
    """The versions that git has of a project's files, and those of a revision."""

    project: Project
    revision: Revision
    declared: Declared

    def may_decide(self, path: str, pair: EntryPair) -> bool:
        """Return whether a path with two versions, or one, may decide a result."""
        entry = pair[1] or pair[0]
        pointers = self._pointers(path, entry.oid) if entry and path.endswith(".dvc") else ()
        return may_decide(path, self.declared, pointers)

    def is_same(self, path: str, old: str, new: str) -> bool:
        """Return whether two versions differ only in what decides nothing."""
        if path.endswith(".ipynb"):
            cells = [without_outputs(self._content(path, oid)) for oid in (old, new)]
            return cells[0] is not None and cells[0] == cells[1]
        if path.endswith(".dvc"):
            known = [
                {(one.path, one.md5) for one in self._pointers(path, oid)} for oid in (old, new)
            ]
            return bool(known[0]) and known[0] == known[1]
        return False

    def _pointers(self, path: str, oid: str) -> tuple[Pointer, ...]:
        return self.parsed(path, self._content(path, oid))

    def parsed(self, path: str, content: bytes) -> tuple[Pointer, ...]:
        """Return what a `.dvc` file points to; nothing if it cannot be read."""
        try:
            return parse_dvc_file(content, path)
        except GitexpError:  # reported by another check
            return ()

    def _content(self, path: str, oid: str) -> bytes:
        """Return a version of a file: git's, or that of the work tree, which git may not have."""
        blob = self.project.repository.objects.blob(oid) if oid else None
        return blob if blob is not None else self.revision.read(path) or b""

    def comes_to_the_same(self, path: str, pair: EntryPair) -> bool:
        """Return whether a path has two versions that differ in nothing that decides."""
        old, new = pair
        if old is None or new is None:
            return False
        nothing: tuple[list[str], list[str]] = ([], [])
        return (
            self.is_same(path, old.oid, new.oid)
            or self.params_apart([path], {path: pair}) == nothing
        )

    def params_apart(
        self, changed: Iterable[str], pairs: Mapping[str, EntryPair]
    ) -> tuple[list[str], list[str]]:
        """Return the changed paths without params files, and the params that differ in those.

        A params file that cannot be read on one side is a path like any other.
        """
        paths, params = [], []
        for path in changed:
            is_params = path in self._params_files
            names = self._params_changes(path, pairs[path]) if is_params else None
            if names is None:
                paths.append(path)
            else:
                params += names
        return paths, params

    @cached_property
    def _params_files(self) -> frozenset[str]:
        """The params files of the settings and of pipelines, and what links to them lead to."""
        named = self.project.paths(self.project.params_files)
        return self.declared.params_paths.union(named.values())

    def _params_changes(self, path: str, pair: EntryPair) -> list[str] | None:
        before, after = (self._params(path, entry) for entry in pair)
        if before is None or after is None:
            return None
        changes = diff_documents({path: before}, {path: after}, equal=identical)
        if not changes and not identical(before, after):  # two keys may have one flat name
            return None
        return [change.name for change in changes]

    def _params(self, path: str, entry: Entry | None) -> dict[str, Value] | None:
        """Return the params in a version of a file, none if there is no file."""
        try:
            return parse_document(self._content(path, entry.oid), path) if entry else {}
        except GitexpError:  # reported by another check, or the run read it in a way of its own
            return None
