"""One side of a comparison, read from files as the configuration beside them says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from msgspec import Struct

from gitexp.comparison.diff import Side
from gitexp.data.pipelines import PIPELINE_NAME, Pipeline, read_pipeline
from gitexp.data.pointers import Pointer, parse_dvc_file, parse_dvc_lock, stage_folders
from gitexp.errors import GitexpError
from gitexp.git.trees import tree_entries
from gitexp.model.documents.reading import parse_document
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.model.patterns import Patterns
from gitexp.model.record import DataPointer, Documents, Role
from gitexp.project import Project
from gitexp.settings.config import CONFIG_NAME, Config, parse_config

WORKSPACE = "workspace"
STAGED = "staged"

Read = Callable[[str], bytes | None]
"""Reads a file by its path from the top of the repository."""
Refuse = Callable[[str, GitexpError], None]
"""Takes the path of a file that cannot be read, and why; it may raise."""


class SideFiles(Struct, frozen=True):
    """The files of one side, whatever holds them; paths are from the top of the repository."""

    label: str
    paths: tuple[str, ...]
    """Those in the project's folder."""
    read: Read


def commit_files(project: Project, oid: str, label: str) -> SideFiles:
    """Return the files of a commit."""
    objects = project.repository.objects
    paths = tuple(filter(project.holds, map(TopPath, tree_entries(project.repository, oid))))
    return SideFiles(label, paths, lambda path: objects.blob(f"{oid}:{path}"))


def staged_files(project: Project, index: Path | None = None) -> SideFiles:
    """Return the files of git's index, or of another one; one with conflicts cannot be read."""
    listed = project.repository.git("ls-files", "--stage", "-z", "--", _place(project), index=index)
    oids: dict[str, str | None] = {}
    for line in listed.split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        _, oid, stage = head.decode().split(" ")
        oids[os.fsdecode(path)] = oid if stage == "0" else None

    def read(path: str) -> bytes | None:
        oid = oids.get(path)
        return project.repository.objects.blob(oid) if oid is not None else None

    return SideFiles(STAGED, tuple(oids), read)


def workspace_files(project: Project) -> SideFiles:
    """Return the files of the work tree, without those that git ignores."""
    top = project.repository.top

    def read(path: str) -> bytes | None:
        file = top / path
        return file.read_bytes() if file.is_file() else None

    options = ("--cached", "--others", "--exclude-standard", "-z")
    listed = project.repository.git("ls-files", *options, "--", _place(project)).split(b"\0")[:-1]
    paths = tuple(dict.fromkeys(map(os.fsdecode, listed)))  # one with conflicts is listed thrice
    return SideFiles(WORKSPACE, paths, read)


def _place(project: Project) -> str:
    return f":(top,literal){project.folder}" if project.folder else ":/"


def commit_side(project: Project, oid: str, label: str) -> Side:
    """Return the side of an ordinary commit, read as the configuration at that commit says."""
    files = commit_files(project, oid, label)
    try:
        config = config_of(project, files)
    except GitexpError as error:
        raise GitexpError(f"{label}: {error}", hint=error.hint) from error
    return side_of(project, config, files)


def workspace_side(project: Project) -> Side:
    """Return the side of the work tree."""
    return side_of(project, project.config, workspace_files(project))


def config_of(project: Project, files: SideFiles) -> Config:
    """Return the settings that the files hold."""
    name = project.path(CONFIG_NAME)
    content = files.read(name)
    return parse_config(content, name) if content else Config()


def side_of(
    project: Project, config: Config, files: SideFiles, refuse: Refuse | None = None
) -> Side:
    """Return the side; what cannot be read is raised with the label, or left out if refused."""

    def raise_it(_: str, error: GitexpError) -> NoReturn:
        raise GitexpError(f"{files.label}: {error}", hint=error.hint) from error

    listed = [path for path in files.paths if "/.dvc/" not in f"/{path}"]
    names = [project.name(TopPath(path)) for path in listed]
    renamed = {
        path: name
        for name, pattern in config.renamed_metrics.items()
        for path in _matching([pattern], names)[-1:]
    }
    pipeline = pipeline_of(project, files)
    stages = {project.name(path) for path in pipeline.metrics if project.holds(path)}
    metrics = {path: path for path in (*_matching(config.metrics, names), *sorted(stages))}
    params = (*config.params, *map(project.name, filter(project.holds, pipeline.params)))
    wrong = refuse or raise_it
    return Side(
        label=files.label,
        params=_documents(project, {name: name for name in params}, files.read, wrong),
        metrics=_documents(project, metrics | renamed, files.read, wrong),
        pointers=_described(project, config, _pointers(listed, files.read, wrong)),
        environment=None,
    )


def pipeline_of(project: Project, files: SideFiles) -> Pipeline:
    """Return what the project's `dvc.yaml` files name without templates."""
    pipeline = Pipeline()
    for path in files.paths:
        if path.rpartition("/")[2] == PIPELINE_NAME and project.holds(TopPath(path)):
            pipeline |= read_pipeline(files.read(path) or b"", path)
    return pipeline


def _matching(patterns: Iterable[str], names: Sequence[str]) -> list[str]:
    found = []
    for pattern in patterns:
        if any(letter in pattern for letter in "*?["):
            spec = Patterns.anchored([pattern])
            found += sorted(name for name in names if spec.match(name))
        else:
            found.append(pattern)
    return found


def _documents(project: Project, wanted: Mapping[str, str], read: Read, wrong: Refuse) -> Documents:
    found = {}
    for path, name in wanted.items():
        content = read(project.path(ProjectPath(path)))
        if content is not None:
            try:
                found[name] = parse_document(content, path)
            except GitexpError as error:
                wrong(project.path(ProjectPath(path)), error)
    return found


def _pointers(paths: Iterable[str], read: Read, wrong: Refuse) -> Iterator[tuple[str, Pointer]]:
    """Yield what `.dvc` files point to, and what the stages of a pipeline wrote last."""
    for path in paths:
        try:
            pointers = list(pointers_of(path, read))
        except GitexpError as error:
            wrong(path, error)
            continue
        yield from ((path, one) for one in pointers)


def _described(
    project: Project, config: Config, pointers: Iterable[tuple[str, Pointer]]
) -> dict[str, DataPointer]:
    """Return pointers as records have them; models and what stages wrote are outputs."""
    found: dict[str, DataPointer] = {}
    models = Patterns(config.track)
    for path, one in pointers:
        name = project.name(TopPath(one.path))
        written = not path.endswith(".dvc") or models.match(name)
        role: Role = "output" if written else "input"
        found[name] = DataPointer(name, one.md5, one.size, one.nfiles, role)
    return found


def pointers_of(path: str, read: Read) -> Iterator[Pointer]:
    """Yield what a `.dvc` file points to, or what the stages of a `dvc.lock` wrote.

    What stages leave to git (`cache: false`) is a file like any other.
    """
    folder, _, name = path.rpartition("/")
    if path.endswith(".dvc"):
        yield from parse_dvc_file(read(path) or b"", path)
    elif name == "dvc.lock":
        pipeline = f"{folder}/dvc.yaml" if folder else "dvc.yaml"
        content = read(pipeline) or b""
        listed = parse_dvc_lock(read(path) or b"", path, stage_folders(content, pipeline))
        named = read_pipeline(content, pipeline)
        of_git = named.outs - named.cached
        yield from (one for one, role in listed if role == "out" and one.path not in of_git)
