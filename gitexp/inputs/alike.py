"""What makes runs repeats of one another: all that decides a result, but for the seeds.

Two runs are repeats if their keys are equal. A key follows from the command, the params, the data
and the files of a run, wherever it started: a commit of results, of a README or of settings that
came between makes no difference.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache

from gitexp.data.pointers import Pointer, parse_dvc_file
from gitexp.errors import GitexpError
from gitexp.git.trees import TREE_MODE, Entry, parsed_tree
from gitexp.model.command.params import command_without
from gitexp.model.paths import ProjectPath
from gitexp.model.record import COMMAND_FILE, RunRecord
from gitexp.model.values import Value, dumps, flatten
from gitexp.project import Project
from gitexp.revisions.deciding import may_decide, without_outputs
from gitexp.revisions.roles import Declared
from gitexp.store.index.groups import Alike
from gitexp.store.reading import StoredRun

_VERSION = 1
"""Of the definition: a digest of another one is never compared with it."""


class Likeness:
    """Works out what runs of a project are alike in, by the settings that it has."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._files = Files(project)
        self._without = lru_cache(maxsize=256)(lambda words: command_without(words, self._is_seed))

    @cached_property
    def alike(self) -> Alike:
        """How the search index asks for it."""
        project = self._project
        return Alike(
            project.folder,
            self._settings,
            lambda run: self.look(run.record),
            lambda run: self.key(run.oid, run.record),
        )

    @property
    def _is_seed(self) -> Callable[[str], bool]:
        return self._project.config.review.is_seed

    @property
    def _settings(self) -> str:
        config = self._project.config
        known = (config.review.seeds, config.params, config.metrics, config.renamed_metrics)
        files = (config.plots, config.track, config.outputs, config.not_inputs, config.held_out)
        return _digest(repr((_VERSION, known, files, config.shared, self._project.pipeline)))

    def look(self, record: RunRecord) -> str:
        """Return what a record alone shows of it: where the command ran, its words, the params."""
        params = [
            [file, name, _plain(value)]
            for file, values in sorted(record.params.items())
            if file != COMMAND_FILE and file not in record.outputs  # those are as they became
            for name, value in sorted(flatten(values).items())
            if not self._is_seed(name)
        ]
        return _digest(dumps([record.directory, self._without(record.command), params]))

    def key(self, commit: str, record: RunRecord) -> str:
        """Return all of it; the commit holds what the run began with, with or without its outputs.

        What no pointer of the record says of the data is what its `.dvc` file says.
        """
        data = [[one.path, one.md5] for one in record.pointers if one.role == "input"]
        return _digest(dumps([self.look(record), data, self._files.digest(commit, record)]))


class Files:
    """The files that decide a result, as digests of trees; each folder is read once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._declared = Declared(project, project.pipeline)
        self._objects = project.repository.objects
        self._decides = lru_cache(maxsize=None)(self._may_decide)
        self._content = lru_cache(maxsize=None)(self._what_decides)
        self._whole = lru_cache(maxsize=None)(lambda oid, below: self._tree(oid, below, ()))

    def digest(self, commit: str, record: RunRecord) -> str:
        """Return the digest of what a run had, without what it wrote and its params."""
        left_out = frozenset(self._left_out(record))
        found = []
        for folder in self._project.recorded_folders():
            tree = self._objects.read(f"{commit}:{folder}" if folder else f"{commit}^{{tree}}")
            below = f"{folder}/" if folder else ""
            found.append("" if tree is None else self._tree(tree.oid, below, left_out))
        return _digest(dumps(found))

    def _left_out(self, record: RunRecord) -> Iterator[str]:
        project, declared = self._project, self._declared
        yield from record.inputs.excluded
        pointers = [one.path for one in record.pointers if one.role == "output"]
        files = [name for name in record.params if name != COMMAND_FILE]
        names = (*record.outputs, *record.left_out, *files, *pointers)
        yield from (project.path(ProjectPath(name)) for name in names)
        yield from (project.path(ProjectPath(f"{name}.dvc")) for name in pointers)
        yield from (declared.lead(project.path(ProjectPath(name))) for name in files)

    def _tree(self, oid: str, below: str, left_out: Iterable[str]) -> str:
        """Return the digest of a folder, nothing if nothing of it counts."""
        found = self._objects.read(oid)
        entries = parsed_tree(found.content, self._format) if found is not None else {}
        kept = []
        for name, entry in entries.items():
            path = below + name.decode(errors="surrogateescape")
            if path in left_out:
                continue
            if entry.mode == TREE_MODE:
                inside = [one for one in left_out if one.startswith(f"{path}/")]
                if inside:
                    digest = self._tree(entry.oid, f"{path}/", inside)
                else:
                    digest = self._whole(entry.oid, f"{path}/")
                if digest:
                    kept.append([path, digest])
            elif self._decides(path, entry.oid if path.endswith(".dvc") else ""):
                kept.append([path, entry.mode, self._content_of(path, entry)])
        return _digest(dumps(kept)) if kept else ""

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
        return oid if cells is None else _digest(cells.decode())

    def _may_decide(self, path: str, oid: str) -> bool:
        return may_decide(path, self._declared, self._pointers(path, oid) if oid else ())

    def _pointers(self, path: str, oid: str) -> tuple[Pointer, ...]:
        try:
            return parse_dvc_file(self._objects.blob(oid) or b"", path)
        except GitexpError:  # whoever looks at this file says what is wrong with it
            return ()


def _plain(value: Value) -> Value:
    """Return a value so that those which are the same are written the same: 1.0 as 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
