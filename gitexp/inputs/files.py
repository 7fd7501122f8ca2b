"""The files that decide a result, told apart by digests of trees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from gitexp.data.pointers import Pointer, parse_dvc_file
from gitexp.errors import GitexpError
from gitexp.git.trees import TREE_MODE, Entry, parsed_tree
from gitexp.inputs.went_on import went_on
from gitexp.model.paths import ProjectPath
from gitexp.model.record import NO_FILES, RunRecord
from gitexp.model.values import Value, digest, dumps
from gitexp.project import Project
from gitexp.revisions.deciding import may_decide, without_outputs
from gitexp.revisions.roles import Declared

_NEVER = frozenset({b".gitexp", b".dvc"})
"""Folders whose files never decide: they need not be read."""


class Files:
    """The files that decide a result, as digests of trees; each folder is read once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.declared = Declared(project, project.pipeline)
        self._objects = project.repository.objects
        self._decides = lru_cache(maxsize=None)(self._may_decide)
        self._content = lru_cache(maxsize=None)(self._what_decides)
        self._whole = lru_cache(maxsize=None)(lambda oid, below: self._tree(oid, below, ()))

    def digests(self, runs: Sequence[tuple[str, RunRecord]]) -> Iterator[str]:
        """Yield digests of what runs had, without what they wrote and their params.

        Each is a commit, which holds that, and a record. Trees are asked for all at once.
        """
        folders = self._project.recorded_folders()
        trees = self._objects.read_many(
            f"{commit}:{folder}" if folder else f"{commit}^{{tree}}"
            for commit, _ in runs
            for folder in folders
        )
        for _, record in runs:
            left_out = frozenset(self._left_out(record))
            found = []
            for folder in folders:
                tree = next(trees)
                below = f"{folder}/" if folder else ""
                content = b"" if tree is None else tree.content
                found.append(self._digest(content, below, left_out))
            yield digest(dumps(found))

    def data(self, record: RunRecord) -> list[list[str]]:
        """Return the data that a run read; what a failed one did not come to write is none."""
        project, declared = self._project, self.declared
        return [
            [one.path, one.md5]
            for one in record.pointers
            if one.role == "input"
            if record.status == "done"
            or not declared.is_output(project.path(ProjectPath(one.path)))
        ]

    def _left_out(self, record: RunRecord) -> Iterator[str]:
        project, declared = self._project, self.declared
        yield from record.inputs.excluded
        pointers = [one.path for one in record.pointers if one.role == "output"]
        files = [name for name in record.params if name not in NO_FILES]
        names = (*record.outputs, *record.left_out, *files, *pointers)
        yield from (project.path(ProjectPath(name)) for name in names)
        yield from (project.path(ProjectPath(f"{name}.dvc")) for name in pointers)
        yield from (declared.lead(project.path(ProjectPath(name))) for name in files)

    def _tree(self, oid: str, below: str, left_out: Iterable[str]) -> str:
        found = self._objects.read(oid)
        return "" if found is None else self._digest(found.content, below, left_out)

    def _digest(self, tree: bytes, below: str, left_out: Iterable[str]) -> str:
        """Return the digest of a folder, nothing if nothing of it counts."""
        kept: list[list[Value]] = []
        for name, entry in parsed_tree(tree, self._format).items():
            path = below + name.decode(errors="surrogateescape")
            if path in left_out or name in _NEVER:
                continue
            if entry.mode == TREE_MODE:
                inside = [one for one in left_out if one.startswith(f"{path}/")]
                if inside:
                    below_it = self._tree(entry.oid, f"{path}/", inside)
                else:
                    below_it = self._whole(entry.oid, f"{path}/")
                if below_it:
                    kept.append([path, below_it])
            elif self._decides(path, entry.oid if path.endswith(".dvc") else ""):
                kept.append([path, entry.mode, self._content_of(path, entry)])
        return digest(dumps(kept)) if kept else ""

    @property
    def _format(self) -> str:
        return self._project.repository.object_format

    def _content_of(self, path: str, entry: Entry) -> Value:
        return self._content(path, entry.oid) if path.endswith((".dvc", ".ipynb")) else entry.oid

    def _what_decides(self, path: str, oid: str) -> Value:
        """Return what counts of a file whose bytes may differ although it says the same."""
        if path.endswith(".dvc"):
            return [[one.path, one.md5] for one in self._pointers(path, oid)] or oid
        cells = without_outputs(self._objects.blob(oid) or b"")
        return oid if cells is None else digest(cells.decode())

    def went_on(self, record: RunRecord) -> bool:
        """Return whether a run began with what it then wrote over."""
        return went_on(self._project, self.declared, record)

    def _may_decide(self, path: str, oid: str) -> bool:
        return may_decide(path, self.declared, self._pointers(path, oid) if oid else ())

    def _pointers(self, path: str, oid: str) -> tuple[Pointer, ...]:
        try:
            return parse_dvc_file(self._objects.blob(oid) or b"", path)
        except GitexpError:  # whoever looks at this file says what is wrong with it
            return ()
