"""What DVC finds in a commit: params, metrics, pointers and the commands of stages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct, field

from gitexp.data.checkout import DataMissing, DataSource
from gitexp.data.dvc_yaml import read_pipeline, read_tracked_params
from gitexp.data.pipelines import LOCK_NAME, PIPELINE_NAME, Pipeline
from gitexp.data.pointers import (
    Pointer,
    owner_of,
    parse_dvc_file,
    parse_dvc_lock,
    stage_commands,
    stage_folders,
)
from gitexp.errors import GitexpError
from gitexp.git.listings import TreeReader
from gitexp.git.trees import Entry, is_below
from gitexp.model.documents.reading import parse_document
from gitexp.model.paths import TopPath
from gitexp.model.values import Value, without_long_lists
from gitexp.project import Project

_DEFAULT_PARAMS = "params.yaml"
_LARGEST = 1_000_000
"""Bytes of a metrics file that is still embedded in a record."""

_Parsed = dict[str, Value]


class Contents(Struct):
    """What one commit holds; paths are from the top of the repository."""

    entries: Mapping[str, Entry]
    pipeline: Pipeline = field(default_factory=Pipeline)
    params: dict[str, _Parsed] = field(default_factory=dict)
    metrics: dict[str, _Parsed] = field(default_factory=dict)
    files: dict[str, tuple[Pointer, ...]] = field(default_factory=dict)
    """What each `.dvc` file points to."""
    deps: dict[str, Pointer] = field(default_factory=dict)
    outs: dict[str, Pointer] = field(default_factory=dict)
    commands: dict[str, str] = field(default_factory=dict)
    """What each stage ran, by its name and the folder of its `dvc.lock`."""
    folders: list[str] = field(default_factory=list)
    """Where they ran."""
    problems: list[str] = field(default_factory=list)
    only_dvc_knows: bool = False
    """Whether params and metrics have to be asked of DVC."""


class ContentsReader:
    """Reads commits; what several of them share is read and parsed once."""

    def __init__(self, project: Project, root: str, data: DataSource) -> None:
        self._project = project
        self._root = root
        """The folder of the DVC project, from the top."""
        self._data = data
        self._objects = project.repository.objects
        self._trees = TreeReader(project.repository)
        self._parse = lru_cache(maxsize=4096)(self._parse_blob)

    def read(self, tree: str) -> Contents:
        """Return what DVC finds in a tree, params and metrics only as far as that is plain."""
        found = Contents(self._trees.entries(tree))
        folder = self._project.folder
        paths = [path for path in found.entries if is_below(folder, path)]
        tracked: dict[str, list[tuple[str, ...]]] = {}
        for path in paths:
            name = path.rpartition("/")[2]
            if "/.dvc/" in f"/{path}":
                continue
            with self._noting(found):
                if name == PIPELINE_NAME:
                    self._read_pipeline(found, path, tracked)
                elif path.endswith(".dvc"):
                    found.files[path] = parse_dvc_file(self._blob(found, path), path)
                elif name == LOCK_NAME:
                    self._read_lock(found, path)
        default = f"{self._root}/{_DEFAULT_PARAMS}" if self._root else _DEFAULT_PARAMS
        if default in found.entries and self._project.holds(TopPath(default)):
            tracked.setdefault(default, []).append(())
        found.only_dvc_knows |= not found.pipeline.is_whole
        if not found.only_dvc_knows:
            self._read_values(found, tracked)
        return found

    @contextlib.contextmanager
    def _noting(self, found: Contents) -> Iterator[None]:
        try:
            yield
        except GitexpError as error:
            found.problems.append(str(error))

    def _blob(self, found: Contents, path: str) -> bytes:
        return self._objects.blob(found.entries[path].oid) or b""

    def _read_pipeline(
        self, found: Contents, path: str, tracked: dict[str, list[tuple[str, ...]]]
    ) -> None:
        content = self._blob(found, path)
        found.pipeline |= read_pipeline(content, path)
        params = read_tracked_params(content, path)
        found.only_dvc_knows |= params is None
        for file, names in (params or {}).items():
            tracked.setdefault(file, []).append(names)

    def _read_lock(self, found: Contents, path: str) -> None:
        content, pipeline = self._blob(found, path), path.removesuffix(LOCK_NAME) + PIPELINE_NAME
        folders = (
            stage_folders(self._blob(found, pipeline), pipeline)
            if pipeline in found.entries
            else {}
        )
        for pointer, role in parse_dvc_lock(content, path, folders):
            (found.outs if role == "out" else found.deps)[pointer.path] = pointer
        here = path.rpartition("/")[0]
        for name, command in stage_commands(content, path).items():
            found.commands[f"{here}:{name}"] = command
            wdir = folders.get(name) or "."
            found.folders.append("/".join(part for part in (here, wdir) if part not in ("", ".")))

    def _read_values(self, found: Contents, tracked: Mapping[str, list[tuple[str, ...]]]) -> None:
        for path, wanted in tracked.items():
            with self._noting(found):
                for values in self._documents(found, path):
                    keys = None if () in wanted else [key for names in wanted for key in names]
                    found.params[path] = values if keys is None else _chosen(values, keys)
        for place in sorted(found.pipeline.metrics):
            for path in self._files_in(found, place):
                with self._noting(found):
                    for values in self._documents(found, path):
                        found.metrics[path], dropped = without_long_lists(values)
                        if dropped:
                            names = ", ".join(dropped)
                            found.problems.append(
                                f"lists of more than 100 values stay in '{path}' alone: {names}"
                            )

    def _files_in(self, found: Contents, place: str) -> list[str]:
        inside = [path for path in found.entries if path.startswith(f"{place}/")]
        return inside or [place]

    def _documents(self, found: Contents, path: str) -> Iterator[_Parsed]:
        """Yield the document at a path, if there is one: of git, or in the DVC cache."""
        if path in found.entries:
            yield self._parse(found.entries[path].oid, path)
            return
        owner = owner_of(path, [*found.outs.values(), *_all(found.files)])
        if owner is None:
            return
        content = self._cached(owner, path)
        if content is None:
            raise GitexpError(f"'{path}' is neither in git nor in the DVC cache")
        yield _document(content, path)

    def _cached(self, owner: Pointer, path: str) -> bytes | None:
        md5: str | None = owner.md5
        with contextlib.suppress(DataMissing, OSError):
            if owner.is_folder:
                md5 = self._data.members(owner).get(path[len(owner.path) + 1 :])
            return self._data.object(owner, md5).read_bytes() if md5 else None
        return None

    def _parse_blob(self, oid: str, path: str) -> _Parsed:
        return _document(self._objects.blob(oid) or b"", path)


def _all(files: Mapping[str, tuple[Pointer, ...]]) -> Iterator[Pointer]:
    return (pointer for pointers in files.values() for pointer in pointers)


def _document(content: bytes, path: str) -> _Parsed:
    if len(content) > _LARGEST:
        raise GitexpError(f"'{path}' is larger than 1 MB")
    return parse_document(content, path)


def _chosen(values: _Parsed, keys: Iterable[str]) -> _Parsed:
    """Return the values at dotted names, nested as they were; those that are not there, left out.

    >>> _chosen({"train": {"lr": 0.1, "seed": 1}, "model": "mlp"}, ["train.lr", "depth"])
    {'train': {'lr': 0.1}}
    """
    found: _Parsed = {}
    for key in keys:
        _copy(values, found, key.split("."))
    return found


def _copy(source: _Parsed, target: _Parsed, parts: list[str]) -> None:
    first, *rest = parts
    value = source.get(first)
    if first not in source:
        return
    if not rest:
        target[first] = value
    elif isinstance(value, dict):
        inner = target.setdefault(first, {})
        if isinstance(inner, dict) and inner is not value:
            _copy(value, inner, rest)
        if not inner:
            del target[first]
