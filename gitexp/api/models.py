"""Models from Python: found by version, stage or run, and loaded by their own library."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from msgspec import Struct

from gitexp.api.hints import hints
from gitexp.api.reading import PathLike
from gitexp.api.run import Run, run_of
from gitexp.errors import GitexpError
from gitexp.handover.get import RunFiles
from gitexp.model.paths import TopPath
from gitexp.pointers.source import ProjectData
from gitexp.project import Project
from gitexp.registry.events import read_events
from gitexp.registry.file import choose_file
from gitexp.registry.grammar import Asked, parse_asked
from gitexp.registry.promotion import full_name
from gitexp.registry.source import Source, find_source, plan_of
from gitexp.registry.state import Version, read_models
from gitexp.store.selectors import find_run
from gitexp.store.stored_run import StoredRun


@dataclass(frozen=True)
class Model:
    """One file or folder that a run made, by its version or by the run; it is read-only."""

    name: str
    """What it is: `digits@v0.1.0`, or `brave-otter:model.joblib` if no version was asked for."""
    version: str | None
    """With its `v`; None if a run was named."""
    run: Run | None = field(repr=False)
    """The run that made it; None if the commit of the version is not a run."""
    path: str
    """Of the file, as seen from the project's folder."""
    commit: str = field(repr=False)
    """In hex."""
    _source: _Found = field(repr=False, compare=False)
    _place: Path = field(repr=False, compare=False)

    def load(self, *, trust: bool = False) -> Any:
        """Return the model as its own library gives it.

        Args:
            trust: Whether its author may run code here, as a pickle does when it is loaded.

        Returns:
            What `joblib.load`, `safetensors.numpy.load_file`, `skops.io.load`,
            `xgboost.Booster`, `lightgbm.Booster`, `onnx.load`, `keras.saving.load_model`,
            `torch.load` or `numpy.load` returns; arrays of an `.npz` as a dict.

        Raises:
            GitexpError: The file would run code and is not trusted, its kind is unknown, its
                library is not installed or cannot read it, or its data cannot be had.
        """
        from gitexp.api.loaders import load  # noqa: PLC0415 - 10 ms, where a model is loaded

        with hints(), tempfile.TemporaryDirectory(prefix="gitexp-model-") as folder:
            file = Path(folder) / PurePosixPath(self.path).name
            self._write(file)
            if file.is_dir():
                raise GitexpError(
                    f"'{self.path}' of '{self.name}' is a folder, which no loader here reads",
                    hint="`gitexp.find_model(…).save(PATH)` gets it, for a loader of yours.",
                )
            return load(file, f"'{self.path}' of '{self.name}'", trust=trust)

    def save(self, to: PathLike) -> Path:
        """Write the file or folder to a path that does not exist yet, and return the path.

        Raises:
            GitexpError: The path exists, or the data cannot be had.
        """
        target = Path(to).expanduser()
        if os.path.lexists(target):
            raise GitexpError(f"'{target}' already exists")
        self._write(target)
        return target

    def open(self) -> BinaryIO:
        """Return the file as a binary stream at its beginning, in memory.

        Raises:
            GitexpError: It is a folder, or its data cannot be had.
        """
        out = io.BytesIO()
        with self._files() as files:
            files.stream(out)
        out.seek(0)
        return out

    def _write(self, target: Path) -> None:
        with self._files() as files:
            files.write(target)

    @contextlib.contextmanager
    def _files(self) -> Iterator[RunFiles]:
        with hints(), Project.open(self._place) as project:
            home = Project(project.repository, self._source.folder, self._source.folder)
            plan = plan_of(self._source.within(home))
            with ProjectData(home) as data:
                yield RunFiles(home, plan, data)


class _Found(Struct, frozen=True):
    """What of a source stays true when its project is closed."""

    asked: Asked
    version: Version
    run: StoredRun | None
    folder: TopPath
    path: str
    md5: str

    def within(self, project: Project) -> Source:
        """Return the source in a project that is open."""
        return Source(self.asked, self.version, project, self.run, self.path, self.md5)


def find_model(name: str, *, path: PathLike = ".") -> Model:
    """Return a model by its version, by a stage that it holds, or by the run that made it.

    Args:
        name: `digits` (the latest version), `digits@0.1.0`, `digits#prod`, a run as in `get`,
            or `RUN:PATH` for one of several files of a run. A model wins over a run of the same
            name.
        path: A folder in the project.

    Returns:
        The model, with its `run`; its file is only got by `load`, `save` and `open`.

    Raises:
        GitexpError: Nothing goes by that name, or nothing says which file is meant.
    """
    with hints(), Project.open(Path(path).expanduser()) as project:
        found = _of_version(project, name) or _of_run(project, name)
        if found is None:
            found = find_source(project, name)  # which says what there is
        return _model(project, found)


def load_model(name: str, *, trust: bool = False, path: PathLike = ".") -> Any:
    """Return a model as its own library gives it: `find_model(name).load()`.

    Args:
        name: As in `find_model`, which also says which run the model came from.
        trust: Whether its author may run code here, as a pickle does when it is loaded.
        path: A folder in the project.

    Returns:
        As `Model.load`.

    Raises:
        GitexpError: As in `find_model` and `Model.load`.
    """
    return find_model(name, path=path).load(trust=trust)


def _of_version(project: Project, name: str) -> Source | None:
    asked = parse_asked(name)
    if asked is None:
        return None
    if not asked.version and not asked.stage and "@" not in name:
        known = read_models(read_events(project.repository))
        if not {asked.model, full_name(project, asked.model)} & known.keys():
            return None
    return find_source(project, name)


def _of_run(project: Project, name: str) -> Source | None:
    """Return a file of a run: of `best:accuracy:model.pt`, whatever part of it is a run."""
    ends = [len(name), *(at for at in range(len(name) - 1, 0, -1) if name[at] == ":")]
    unclear: GitexpError | None = None
    for end in ends:
        try:
            run = find_run(project.runs, name[:end])
        except GitexpError as error:
            unclear = unclear or error
            continue
        if run is not None:
            typed = name[end + 1 :] or None
            file = choose_file(project, run, full_name(project, name[:end]), typed)
            version = Version("", f"{run.name}:{file.path}", run.oid, (), ())
            return Source(Asked(""), version, project, run, file.path, file.md5)
    if unclear is not None:
        raise unclear
    return None


def _model(project: Project, source: Source) -> Model:
    run, version = source.run, source.version
    top = project.repository.top
    return Model(
        name=source.name,
        version=version.name if version.is_registered else None,
        run=run_of(top / run.project, run) if run is not None else None,
        path=source.path,
        commit=version.commit,
        _source=_Found(source.asked, version, run, source.project.folder, source.path, source.md5),
        _place=top,
    )
