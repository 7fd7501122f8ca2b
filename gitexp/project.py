"""A project: a folder of a git repository, its settings and its runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from gitexp.data.dvc_project import find_root
from gitexp.data.pipelines import PIPELINE_NAME, Pipeline, read_pipeline
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.model.documents.conflicts import marker_line
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.settings.config import CONFIG_NAME, Config, parse_config
from gitexp.store.branch import check_ours
from gitexp.store.documents import KnownDocuments
from gitexp.store.own import own_folder
from gitexp.store.reading import Report, StoredRun
from gitexp.store.runs import RunStore


class Project:
    """What a command works on: where it was called, the project around it, the repository."""

    def __init__(
        self,
        repository: Repository,
        folder: TopPath,
        directory: TopPath,
        *,
        home: Project | None = None,
    ) -> None:
        self.repository = repository
        self.home = home
        """What this project is a copy of, for one run."""
        self.folder = folder
        """The project's folder; '' for the top itself."""
        self.directory = directory
        """Where the command was called."""
        self.report_reading: Report | None = None
        """Told how many runs have been read, where a command has to read them all."""
        self._fetched_ref: str | None = None
        self.most_indexed: int | None = None
        """How many new runs may be read into the index, else it is used as it is; None for all."""

    @classmethod
    def open(cls, directory: Path) -> Project:
        """Open the project around a directory: the nearest folder with a gitexp.yaml, or the top.

        Raises NoRepository outside a git work tree.
        """
        repository = Repository.open(directory)
        here = directory.resolve()
        top = repository.top
        inside = here.is_relative_to(top)
        place = here if inside else top
        while place != top and not (place / CONFIG_NAME).is_file():
            place = place.parent
        return cls(
            repository, repository.relative(place), repository.relative(here if inside else top)
        )

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
        view = Project(self.repository, self.folder, self.directory, home=self.home)
        view.__dict__.update(config=config, pipeline=pipeline, runs=self.runs)
        return view

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.repository.top / self.folder

    @cached_property
    def config(self) -> Config:
        """The settings in the work tree; raises GitexpError where they are wrong."""
        path = self.root / CONFIG_NAME
        if not path.is_file():
            return Config()
        return parse_config(path.read_bytes(), self.path(CONFIG_NAME), self.documents.parse)

    def read_committed_settings(self) -> bool:
        """Go by the settings of HEAD where those of the work tree are in conflict; tell whether.

        They will do for a command that only reads. What else is wrong with the settings is
        raised where they are asked for.
        """
        path = self.root / CONFIG_NAME
        if not path.is_file() or marker_line(path.read_bytes()) is None:
            return False
        name = self.path(CONFIG_NAME)
        committed = self.repository.objects.blob(f"HEAD:{name}")
        self.config = parse_config(committed, name) if committed else Config()
        return True

    @property
    def remote(self) -> str | None:
        """The remote that runs are fetched from unless one is named, if there is one."""
        from gitexp.git.remotes import choose_remote  # noqa: PLC0415 - for those who fetch

        try:
            return choose_remote(self.repository, self.config.branch)
        except GitexpError:
            return None

    @cached_property
    def documents(self) -> KnownDocuments:
        """Settings and params that were read before."""
        return KnownDocuments(own_folder(self.repository).documents)

    @cached_property
    def runs(self) -> RunStore:
        """The runs of this project."""
        config = self.config
        return RunStore(
            self.repository,
            config.branch,
            self.folder,
            config.policy,
            self.report_reading,
            self.most_indexed,
            self._fetched_ref,
        )

    def read_fetched_runs(self) -> bool:
        """Where there is no experiments branch, read the runs that were fetched of a remote's.

        A fresh clone has nothing else; for a command that only reads, they will do. Returns
        whether there are runs.
        """
        if self.runs.tip is not None:
            return True
        ref = f"refs/remotes/{self.remote}/{self.config.branch_on_remotes}"
        tip = self.repository.objects.commit(ref) if self.remote is not None else None
        if tip is None:
            return False
        try:
            check_ours(self.repository, self.config.branch, tip)
        except GitexpError:  # an ordinary branch of that name
            return False
        self.forget_runs()
        self._fetched_ref = ref
        return True

    @cached_property
    def params_files(self) -> tuple[ProjectPath, ...]:
        """Those of the settings, then those of the `dvc.yaml` here and of the project."""
        of_pipeline = [self.name(path) for path in self.pipeline.params if self.holds(path)]
        return tuple(dict.fromkeys((*self.config.params, *of_pipeline)))

    @cached_property
    def pipeline(self) -> Pipeline:
        """What the `dvc.yaml` of the project and the one here name without templates."""
        found, here = Pipeline(), self.repository.top / self.directory
        for file in dict.fromkeys(folder / PIPELINE_NAME for folder in (self.root, here)):
            if file.is_file():
                found |= read_pipeline(file.read_bytes(), self.repository.relative(file))
        return found

    def holds(self, path: TopPath) -> bool:
        """Return whether a path lies in the project."""
        return not self.folder or path.startswith(f"{self.folder}/")

    def path(self, name: ProjectPath) -> TopPath:
        """Return a path as git spells it."""
        return TopPath(f"{self.folder}/{name}" if self.folder else name)

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

    def mirror(self, runs: Iterable[StoredRun], tell: Callable[[str], None]) -> None:
        """Show runs of this project to DVC, where the settings say so; what fails is told."""
        if self.config.mirror == "dvc":
            from gitexp.store.mirror import mirror_runs  # noqa: PLC0415 - where it is asked for

            mine = [run for run in runs if run.project == self.folder]
            mirror_runs(self.repository, mine, tell)
            if mine:
                self._say_that_dvc_is_missing(tell)

    def mirror_changed(self, runs: Iterable[StoredRun], tell: Callable[[str], None]) -> None:
        """Show runs to DVC as they are called now, and those no more that are removed."""
        if self.config.mirror == "dvc":
            from gitexp.store.mirror import unmirror  # noqa: PLC0415 - as above

            changed = frozenset(run.id for run in runs)
            unmirror(self.repository, changed)
            self.forget_runs()
            found = (run for one in changed for run in self.runs.index.named(one, self.folder))
            seen = [run for run in found if run.id in changed and not run.facts.removed]
            self.mirror(seen, tell)

    def _say_that_dvc_is_missing(self, tell: Callable[[str], None]) -> None:
        """Say once that `dvc exp` needs a DVC project."""
        if find_root(self.root, self.repository.top) is not None:
            return
        told = own_folder(self.repository).dvc_is_missing
        with contextlib.suppress(OSError):
            told.touch(exist_ok=False)
            tell("hint: `dvc exp` sees the runs once DVC is set up here: `gitexp init`.")

    def forget_runs(self) -> None:
        """Have the runs read anew: others came onto the branch."""
        self._fetched_ref = None
        if "runs" in self.__dict__:
            self.runs.close()
            del self.runs

    def close(self) -> None:
        """Close what was opened, and keep the documents that had to be parsed."""
        if "documents" in self.__dict__:
            self.documents.keep()
        self.forget_runs()
        self.repository.close()

    def __enter__(self) -> Project:
        """Return the project itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the project."""
        self.close()
