"""A project: a folder of a git repository, its settings and its runs."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gitexp.data.pipelines import PIPELINE_NAME, Pipeline
from gitexp.errors import GitexpError
from gitexp.git.place import gone
from gitexp.git.repository import Repository
from gitexp.model.documents.conflicts import marker_line
from gitexp.model.documents.reading import Parse
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.settings.config import CONFIG_NAME, Config
from gitexp.settings.parsing import parse_config
from gitexp.store.documents import KnownDocuments
from gitexp.store.own import own_folder
from gitexp.store.own_links import check_dvc_folder, read_settings
from gitexp.store.reading import QUIETLY, CatchUp
from gitexp.store.runs import RunStore
from gitexp.store.stored_run import StoredRun


class _Known(Struct, frozen=True):
    """What a view of a project need not look for."""

    config: Config | None = None
    pipeline: Pipeline | None = None
    runs: RunStore | None = None


_UNKNOWN = _Known()


class Project:
    """What a command works on: where it was called, the project around it, its settings and runs.

    Nothing is set on one: another reading of the same project is another `Project`.
    """

    def __init__(
        self,
        repository: Repository,
        folder: TopPath,
        directory: TopPath,
        *,
        home: Project | None = None,
        catch_up: CatchUp = QUIETLY,
        known: _Known = _UNKNOWN,
    ) -> None:
        self.repository = repository
        self.catch_up = catch_up
        """How its runs are read where many are new."""
        self._known = known
        self.home = home
        """What this project is a copy of, for one run."""
        self.folder = folder
        """The project's folder; '' for the top itself."""
        self.directory = directory
        """Where the command was called."""
        self._settings: dict[bytes, Config] = {}

    @classmethod
    def open(cls, directory: Path, catch_up: CatchUp = QUIETLY) -> Project:
        """Open the project around a directory: the nearest folder with a gitexp.yaml, or the top.

        Raises NoRepository outside a git work tree.
        """
        repository = Repository.open(directory)
        try:
            here = directory.resolve()
        except FileNotFoundError as error:
            raise gone(directory) from error
        top = repository.top
        inside = here.is_relative_to(top)
        place = here if inside else top
        while place != top and not (place / CONFIG_NAME).is_file():
            place = place.parent
        folders = [one for one in (place, *place.parents) if one.is_relative_to(top)]
        try:
            for folder in folders:
                check_dvc_folder(repository, Config().branch, folder)
        except GitexpError:
            repository.close()
            raise
        called = repository.relative(here if inside else top)
        return cls(repository, repository.relative(place), called, catch_up=catch_up)

    def at(self, folder: TopPath, work_tree: Path, directory: TopPath) -> Project | None:
        """Return a project of this repository in one of its work trees, if it is still there."""
        place = (self.repository.top, self.folder, self.directory)
        if (work_tree, folder, directory) == place:
            return self
        if not (work_tree / folder).is_dir():
            return None
        return Project(Repository.open(work_tree), folder, directory)

    def as_of(self, config: Config, pipeline: Pipeline) -> Project:
        """Return the project with the settings that a revision holds; its runs are these ones."""
        return self._view(_Known(config, pipeline, self.runs))

    def copied_to(self, repository: Repository, directory: TopPath) -> Project:
        """Return what another revision of the project is, in a linked work tree of its own.

        Its settings are those of that revision, but for where runs go, how they are judged, what
        no training may see, and what is said in them of the user and the machine.
        """
        copy = Project(repository, self.folder, directory, home=self)
        ours = self.config
        held_out = (one for one in ours.held_out if (copy.root / f"{one}.dvc").is_file())
        config = replace(
            copy.config,
            branch=ours.branch,
            policy=ours.policy,
            held_out=tuple(dict.fromkeys((*copy.config.held_out, *held_out))),
            mirror=ours.mirror,
            record_host=ours.record_host,
            record_user=ours.record_user,
        )
        known = _Known(config)
        return Project(repository, self.folder, directory, home=self, known=known)

    def with_runs(self, runs: RunStore) -> Project:
        """Return the project with other runs than those of this clone."""
        return self._view(_Known(self.config, runs=runs))

    def _view(self, known: _Known) -> Project:
        return Project(
            self.repository,
            self.folder,
            self.directory,
            home=self.home,
            catch_up=self.catch_up,
            known=known,
        )

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.repository.top / self.folder

    @cached_property
    def config(self) -> Config:
        """The settings in the work tree; raises GitexpError if they are wrong."""
        if self._known.config is not None:
            return self._known.config
        content = self.written_settings
        return Config() if content is None else self._settings_in(content, self.documents.parse)

    @cached_property
    def written_settings(self) -> bytes | None:
        """What stands in the settings in the work tree; None if there are none."""
        return read_settings(self.repository, Config().branch, self.path(CONFIG_NAME))

    def settings_in(self, content: bytes) -> Config:
        """Return what a version of the settings says: mostly that which was read before."""
        return self._settings_in(content, self.documents.draft)

    def _settings_in(self, content: bytes, parse: Parse) -> Config:
        if content not in self._settings:
            self._settings[content] = parse_config(content, self.path(CONFIG_NAME), parse)
        return self._settings[content]

    def with_committed_settings(self) -> Project | None:
        """Return the project by the settings of HEAD if those of the work tree are in conflict.

        They will do for a command that only reads. What else is wrong with the settings is
        raised where they are asked for.
        """
        name = self.path(CONFIG_NAME)
        try:
            content = self.written_settings
        except GitexpError:
            return None
        if content is None or marker_line(content) is None:
            return None
        committed = self.repository.objects.blob(f"HEAD:{name}")
        return self._view(_Known(self.settings_in(committed) if committed else Config()))

    @cached_property
    def documents(self) -> KnownDocuments:
        """Settings and params that were read before."""
        return KnownDocuments(own_folder(self.repository).documents)

    @cached_property
    def runs(self) -> RunStore:
        """The runs of this project."""
        if self._known.runs is not None:
            return self._known.runs
        config, best = self.config, self._best_run
        return RunStore(
            self.repository, config.branch, self.folder, config.policy, self.catch_up, best
        )

    def _best_run(self, metric: str) -> StoredRun | None:
        # by its name: what repeats are stands above what a project is (ADR 120)
        above = importlib.import_module("gitexp.sweep.best")
        found: StoredRun | None = above.best_run(self, metric)
        return found

    @cached_property
    def params_files(self) -> tuple[ProjectPath, ...]:
        """Those of the settings, then those of the `dvc.yaml` here and of the project.

        Of a pattern, those that git tracks: a run writes the others.
        """
        of_pipeline = [self.name(path) for path in self.pipeline.params if self.holds(path)]
        return tuple(dict.fromkeys((*self.config.params, *self._found_params, *of_pipeline)))

    @property
    def _found_params(self) -> list[ProjectPath]:
        specs = [f":(top,glob){self.path(ProjectPath(one))}" for one in self.config.found_params]
        listed = self.repository.git("ls-files", "-z", "--", *specs) if specs else b""
        return [self.name(TopPath(os.fsdecode(path))) for path in listed.split(b"\0") if path]

    @cached_property
    def pipeline(self) -> Pipeline:
        """What the `dvc.yaml` of the project and the one here name without templates."""
        if self._known.pipeline is not None:
            return self._known.pipeline
        here = self.repository.top / self.directory
        files = dict.fromkeys(folder / PIPELINE_NAME for folder in (self.root, here))
        names = [self.repository.relative(file) for file in files]
        contents = [read_settings(self.repository, self.config.branch, name) for name in names]
        if not any(contents):
            return Pipeline()
        from gitexp.data.dvc_yaml import read_pipelines  # noqa: PLC0415 - 0.5 ms of each start, where there is one

        return read_pipelines(zip(names, contents, strict=True))

    def holds(self, path: TopPath) -> bool:
        """Return whether a path lies in the project."""
        return not self.folder or path.startswith(f"{self.folder}/")

    @property
    def title(self) -> str:
        """What people call the project: its folder, or the one that the repository is in."""
        return self.folder or self.repository.top.name

    def path(self, name: ProjectPath) -> TopPath:
        """Return a path as git spells it."""
        return TopPath(f"{self.folder}/{name}" if self.folder else name)

    def paths(self, names: Iterable[ProjectPath]) -> dict[ProjectPath, TopPath]:
        """Return paths as git spells them, by the way the project does."""
        return {name: self.path(name) for name in names}

    def name(self, path: TopPath) -> ProjectPath:
        """Return a path as the project spells it; the inverse of `path`.

        What lies outside the project keeps its path from the top.
        """
        return ProjectPath(path.removeprefix(f"{self.folder}/") if self.folder else path)

    def recorded_folders(self) -> tuple[TopPath, ...]:
        """Return the folders that belong to a run: the project's, and the shared ones."""
        folders = [self.folder]
        for shared in self.config.shared:
            place = (self.root / shared).resolve()
            if place.is_relative_to(self.repository.top):
                folders.append(self.repository.relative(place))
        return (TopPath(""),) if "" in folders else tuple(folders)

    def close(self) -> None:
        """Close what was opened, and keep the documents that had to be parsed."""
        if "documents" in self.__dict__:
            self.documents.keep()
        if "runs" in self.__dict__:
            self.runs.close()
        self.repository.close()

    def __enter__(self) -> Project:
        """Return the project itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the project."""
        self.close()
