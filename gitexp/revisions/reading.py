"""A revision read: each file once, when it is asked for, and what is wrong with it kept."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import cached_property

from msgspec.structs import replace

from gitexp.comparison.changes import Side
from gitexp.data.pipelines import Pipeline
from gitexp.data.pointers import POINTING, Pointer, pointers_of
from gitexp.errors import GitexpError
from gitexp.model.documents.conflicts import marker_line
from gitexp.model.documents.reading import Parse
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.model.record import DataPointer, Documents, Role
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.revisions.links import LedAway
from gitexp.revisions.locked import lock_files, locked_data
from gitexp.revisions.pipeline_files import pipeline_of
from gitexp.revisions.revision import Revision
from gitexp.revisions.roles import Declared, ValueFiles
from gitexp.settings.config import CONFIG_NAME, Config


class InConflict(GitexpError):
    """A file has what a merge left in it, or is not merged yet."""


class Reading:
    """A revision, read by the settings that it holds itself, or by others.

    What cannot be read is left out and kept in `problems`, for whoever tells people of it;
    a strict reading raises it instead.
    """

    def __init__(
        self,
        project: Project,
        revision: Revision,
        config: Config | None = None,
        *,
        strict: bool = False,
    ) -> None:
        self.problems: dict[TopPath, GitexpError] = {}
        """What is wrong with a file, by its path: the first thing that was found."""
        self.away: dict[TopPath, LedAway] = {}
        """Links to where values are not read from: nothing wrong, but nobody may overlook it."""
        self.revision = replace(revision, read=revision.read if strict else self._look)
        self._project = project
        self._strict = strict
        self._read = revision.read
        self._known: dict[str, bytes | None] = {}
        self._leads: dict[TopPath, TopPath] = {}
        if config is not None:
            self.settings = config

    def _look(self, path: str) -> bytes | None:
        if path not in self._known:
            content = self._known[path] = self._read(path)
            line = marker_line(content) if content is not None else None
            if line is not None:
                self._refuse(path, InConflict(f"'{path}' has conflict markers in line {line}"))
            elif content is None and path in self._unmerged:
                self._refuse(path, InConflict(f"'{path}' has unresolved conflicts"))
        return self._known[path]

    @cached_property
    def _unmerged(self) -> frozenset[str]:
        """What cannot be read though it is listed is not merged, if it is staged."""
        return frozenset(self.revision.paths if self.revision.kind == "staged" else ())

    def _refuse(self, path: str, error: GitexpError) -> None:
        if self._strict:
            label = self.revision.label
            raise GitexpError(f"{label}: {error}", hint=error.hint) from error
        self.problems.setdefault(TopPath(path), error)

    @cached_property
    def settings(self) -> Config | None:
        """The settings, or None if they cannot be read."""
        name = self._project.path(CONFIG_NAME)
        try:
            content = self.revision.read(self.revision.lead(name))
            return self._project.settings_in(content) if content else Config()
        except GitexpError as error:
            self._refuse(name, error)
            return None

    @cached_property
    def config(self) -> Config:
        """The settings; if they cannot be read, those of a project without any."""
        return self.settings or Config()

    @cached_property
    def pipeline(self) -> Pipeline:
        """What the `dvc.yaml` files of the project name without templates."""
        return pipeline_of(self._project, self.revision.paths, self._behind)

    def _behind(self, path: str) -> bytes | None:
        """Return what a file holds, or the one that it leads to; None if it is led away."""
        with contextlib.suppress(LedAway):
            return self.revision.read(self.revision.lead(path))
        return None

    @cached_property
    def project(self) -> Project:
        """The project with these settings; its runs are those that it has."""
        return self._project.as_of(self.config, self.pipeline)

    @cached_property
    def declared(self) -> Declared:
        """What each of the files is for, and what links to files with values lead to."""
        links: dict[str, str] = {}
        for place in self._places.values():
            with contextlib.suppress(LedAway):
                if self._lead(place) != place:
                    links[place] = self._lead(place)
        return self._alone.through(links) if links else self._alone

    @cached_property
    def _alone(self) -> Declared:
        """What each of the files is for, links aside."""
        return Declared(self._project, self.pipeline, self.config)

    @cached_property
    def _named(self) -> ValueFiles:
        """The files with values, by the names that they have here."""
        return self._alone.values_among(self._listed)

    @cached_property
    def _places(self) -> dict[ProjectPath, TopPath]:
        """Where these are, from the top of the repository."""
        return self._project.paths((*self._named.params, *self._named.metrics))

    @property
    def metrics_files(self) -> dict[TopPath, str]:
        """The files that are named for metrics, there or not, with what records call them."""
        return {self._places[path]: name for path, name in self._named.metrics.items()}

    def _lead(self, path: TopPath) -> TopPath:
        """Return where a path leads, looked for once; raises LedAway."""
        if path not in self._leads:
            self._leads[path] = self.revision.lead(path)
        return self._leads[path]

    @cached_property
    def side(self) -> Side:
        """The values, to be compared with others."""
        return Side(
            label=self.revision.label,
            params=self._documents(self._named.params, self._project.documents.parse),
            metrics=self._documents(self._named.metrics, self._metrics_in),
            pointers=self._described,
            environment=None,
            unread=tuple(str(error) for error in self.away.values()),
        )

    def add(self, params: Documents, metrics: Documents) -> None:
        """Add values that stand in no file of the revision; a file of the same name has its own."""
        side = self.side
        self.side = replace(
            side, params={**params, **side.params}, metrics={**metrics, **side.metrics}
        )

    @cached_property
    def _listed(self) -> list[TopPath]:
        """The files, without what DVC keeps for itself."""
        return [path for path in self.revision.paths if "/.dvc/" not in f"/{path}"]

    def _documents(self, wanted: Mapping[ProjectPath, str], parse: Parse) -> Documents:
        found = {}
        for path, name in wanted.items():
            place = self._places[path]
            try:
                content = self.content(place)
            except LedAway as away:
                self.away[place] = away
                continue
            if content is not None:
                try:
                    found[name] = parse(content, path)
                except GitexpError as error:
                    self._refuse(place, error)
        return found

    def _metrics_in(self, content: bytes, name: str) -> dict[str, Value]:
        return self.declared.metrics_in(content, self._places[ProjectPath(name)], name)

    def content(self, path: TopPath) -> bytes | None:
        """Return a file with values, or what a link to one leads to; raises LedAway."""
        return self.revision.read(self._lead(path))

    @cached_property
    def pointers(self) -> tuple[tuple[TopPath, Pointer], ...]:
        """What `.dvc` files point to and the stages of pipelines wrote, with the file's path."""
        found: list[tuple[TopPath, Pointer]] = []
        for path in self._listed:
            if not path.endswith(POINTING):
                continue
            try:
                found += [(path, one) for one in pointers_of(path, self.revision.read)]
            except GitexpError as error:
                self._refuse(path, error)
        return tuple(found)

    @property
    def _described(self) -> dict[str, DataPointer]:
        """The pointers as records have them; models and what stages wrote are outputs."""
        found: dict[str, DataPointer] = {}
        for path, one in self.pointers:
            name = self._project.name(TopPath(one.path))
            written = not path.endswith(".dvc") or self.declared.track.match(name)
            role: Role = "output" if written else "input"
            found[name] = DataPointer(name, one.md5, one.size, one.nfiles, role)
        return {**self._locked, **found}

    @property
    def _locked(self) -> dict[str, DataPointer]:
        """The data that only `dvc.lock` knows: read by stages, not in git and in no `.dvc` file."""
        found: dict[str, DataPointer] = {}
        for path in lock_files(self.revision):
            try:
                for one in locked_data(self.revision, path):
                    name = self._project.name(TopPath(one.path))
                    found[name] = DataPointer(name, one.md5, one.size, one.nfiles, "input")
            except GitexpError as error:
                self._refuse(path, error)
        return found

    @property
    def unread_metrics(self) -> list[str]:
        """The metrics files that something is wrong with, as records call them."""
        declared = self.declared
        return [declared.recorded_name(path) for path in self.problems if declared.is_metric(path)]
