"""What each file of a project is for: params, metric, output, model, or no input.

The settings and the pipelines say it; what the name alone says is in `by_name.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from gitexp.data.pipelines import Pipeline
from gitexp.git.trees import is_below
from gitexp.metrics.reading import is_summary, is_tracker_name, parse_metrics
from gitexp.metrics.rows import Row
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.model.patterns import Patterns, name_by
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.revisions.links import above
from gitexp.revisions.listed import matching, names_of_found, with_folders
from gitexp.settings.config import Config, Stale


class ValueFiles(Struct, frozen=True):
    """The files that values are read from, by their path in the project, as records call them."""

    params: Mapping[ProjectPath, str]
    metrics: Mapping[ProjectPath, str]


class Declared:
    """The patterns of `gitexp.yaml` and the paths of `dvc.yaml`, asked from the top on."""

    def __init__(
        self, project: Project, pipeline: Pipeline | None = None, config: Config | None = None
    ) -> None:
        self.pipeline = pipeline or Pipeline()
        self._project = project
        self._folder = f"{project.folder}/" if project.folder else ""
        self._config = project.config if config is None else config
        self.links: Mapping[str, str] = {}
        """Where links in the repository lead; files and folders, from the top."""

    def also(self, pipeline: Pipeline) -> Declared:
        """Return what is declared if another `dvc.yaml` counts as well."""
        if pipeline == Pipeline():
            return self
        together = replace(self.pipeline | pipeline, is_whole=self.pipeline.is_whole)
        return Declared(self._project, together, self._config).through(self.links)

    def through(self, links: Mapping[str, str]) -> Declared:
        """Return what is declared if what links lead to counts as what the links are called."""
        if links == self.links:
            return self
        from copy import copy  # noqa: PLC0415 - 1 to 4 ms, where there are links

        linked = copy(self)  # with the patterns that were read
        linked.links = links
        return linked

    def called(self, path: str) -> Iterator[str]:
        """Yield a path, and what it is called through links."""
        yield path
        for link, place in self.links.items():
            if is_below(place, path):
                yield f"{link}{path[len(place) :]}"

    def lead(self, path: TopPath) -> TopPath:
        """Return where a path leads in the repository."""
        above = next((one for one in self.links if is_below(one, path)), None)
        return path if above is None else TopPath(f"{self.links[above]}{path[len(above) :]}")

    def name(self, path: str) -> ProjectPath:
        """Return a path as the project spells it."""
        return self._project.name(TopPath(path))

    def tracked_folder(self, path: str) -> str | None:
        """Return the outermost folder around a path that is a model as a whole; from the top."""
        for called in self.called(path):
            folder = self.track.folder_of(self.name(called))
            if folder is not None:
                return self.lead(self._project.path(ProjectPath(folder)))
        return None

    @property
    def params_paths(self) -> frozenset[TopPath]:
        """The params files, and what those of them that are links lead to."""
        named = self._project.paths(self.params_names).values()
        return frozenset((*named, *map(self.lead, named)))

    @property
    def value_names(self) -> tuple[str, ...]:
        """The params files, and the paths and patterns of metrics that the settings name."""
        return (*self.params_names, *self._config.found_params, *self._metrics_names)

    @cached_property
    def params_names(self) -> tuple[ProjectPath, ...]:
        """The params files of the settings, and of all pipelines of the project."""
        return tuple(dict.fromkeys((*self._config.params, *self._names(self.pipeline.params))))

    @property
    def _metrics_names(self) -> tuple[str, ...]:
        return (*self._config.metrics, *self._config.renamed_metrics.values())

    @cached_property
    def _params(self) -> Patterns:
        return Patterns.anchored((*self.params_names, *self._config.found_params))

    @cached_property
    def _metrics(self) -> Patterns:
        return Patterns.anchored(self._metrics_names)

    @cached_property
    def _renamed(self) -> tuple[tuple[str, Patterns], ...]:
        renamed = self._config.renamed_metrics.items()
        return tuple((known, Patterns.anchored([pattern])) for known, pattern in renamed)

    @cached_property
    def _plots(self) -> Patterns:
        return Patterns.anchored(self._config.plots)

    @cached_property
    def track(self) -> Patterns:
        """What always goes behind a pointer; asked with paths relative to the project."""
        return Patterns(self._config.track)

    @cached_property
    def _outputs(self) -> Patterns:
        return Patterns(self._config.outputs)

    @cached_property
    def _not_inputs(self) -> Patterns:
        return Patterns(self._config.not_inputs)

    @property
    def pattern_lines(self) -> tuple[str, ...]:
        """The lines of all patterns by which a file may be an output, or no input."""
        patterns = (self._metrics, self._plots, self.track, self._outputs, self._not_inputs)
        return tuple(line for one in patterns for line in one.lines)

    @cached_property
    def although_ignored(self) -> Patterns:
        """What counts even where git ignores it; asked with paths relative to the project."""
        config = self._config
        found = Patterns.anchored(config.found_params)
        lines = [*self._metrics.lines, *self._plots.lines, *found.lines, *config.outputs]
        return Patterns([*lines, *config.track] if config.tracks_ignored else lines)

    def values_among(self, paths: Iterable[TopPath]) -> ValueFiles:
        """Return the files with values, of which patterns stand for those that are listed.

        What is named outright need not be listed: git may ignore it.
        """
        paths = list(paths)
        listed = self._names(paths)
        renamed = {
            path: name
            for name, pattern in self._config.renamed_metrics.items()
            for path in matching([pattern], listed)[-1:]
        }
        known = set(filter(self.pipeline.has_metrics_in, paths)) if self.pipeline.metrics else set()
        folders = {folder for path in known for folder in above(path)}
        of_pipeline = sorted(self._names(known | (self.pipeline.metrics - folders)))
        named = with_folders(matching(self._config.metrics, listed), listed)
        metrics = {path: path for path in (*named, *of_pipeline)}
        found = names_of_found(self._config.found_params, listed)
        params = {name: name for name in self.params_names} | found
        return ValueFiles(params, metrics | renamed)

    def found_params(self, paths: Iterable[str]) -> dict[TopPath, str]:
        """Return the params files among paths that patterns find, with the name of each."""
        found = self._config.found_params
        return {
            path: found[pattern] or name_by(pattern, self.name(path))
            for path in map(TopPath, paths)
            for pattern in found
            if self._matches(Patterns.anchored([pattern]), path)
        }

    def is_params(self, path: str) -> bool:
        """Return whether a path is a params file."""
        return self._matches(self._params, path)

    def is_metric(self, path: str) -> bool:
        """Return whether a path is a metrics file."""
        of_pipeline = any(map(self.pipeline.has_metrics_in, self.called(path)))
        return of_pipeline or any(map(self._is_named_metric, self.called(path)))

    def _is_named_metric(self, path: str) -> bool:
        """Return whether the settings name a file, or a folder of metrics that it is one of."""
        name = path[len(self._folder) :]
        if not path.startswith(self._folder) or not self._metrics.match(name):
            return False
        folder = self._metrics.folder_of(name)
        return folder is None or is_summary(name[len(folder) + 1 :])

    def has_values(self, path: str) -> bool:
        """Return whether a path is a params or metrics file."""
        return self.is_params(path) or self.is_metric(path)

    def stale_rule(self, path: str) -> Stale:
        """Return what becomes of values that a metrics file had before a run and still has."""
        rules = reversed([*self._config.stale_metrics.items()])
        found = (rule for file, rule in rules if self._matches(Patterns.anchored([file]), path))
        return next(found, "note")

    def row(self, path: str) -> Row | None:
        """Return which row of a table or log stands for the run, if the settings say so."""
        rules = reversed([*self._config.metrics_rows.items()])
        found = (row for file, row in rules if self._matches(Patterns.anchored([file]), path))
        return next(found, None)

    def metrics_in(self, content: bytes, path: str, name: str | None = None) -> dict[str, Value]:
        """Return the metrics in a file, called `name` in errors; raises GitexpError."""
        row, policy = self.row(path), self._config.policy
        return parse_metrics(content, name or path, row, policy)

    def is_fresh_or_absent(self, path: str) -> bool:
        """Return whether a path counts only if this run wrote it: metrics, plots, tracker files."""
        return (
            is_tracker_name(path)
            or any(map(self.pipeline.has_plots_in, self.called(path)))
            or self.is_metric(path)
            or self._matches(self._plots, path)
        )

    def is_model(self, path: str) -> bool:
        """Return whether a path always goes behind a pointer."""
        return self._matches(self.track, path)

    def is_result(self, path: str) -> bool:
        """Return whether a path is a plot, an out of a stage, or listed under `outputs`."""
        return (
            any(self.pipeline.out_of(one) is not None for one in self.called(path))
            or self._matches(self._plots, path)
            or self._matches(self._outputs, path)
        )

    def is_output(self, path: str) -> bool:
        """Return whether a path is declared to be written by the command."""
        return self.is_fresh_or_absent(path) or self.is_model(path) or self.is_result(path)

    def is_held_out(self, path: str) -> bool:
        """Return whether a path is data that no training may see."""
        return any(is_below(held, path) for held in self.held_out)

    @cached_property
    def held_out(self) -> tuple[TopPath, ...]:
        """The data that no training may see."""
        return tuple(self._project.path(ProjectPath(path)) for path in self._config.held_out)

    def is_no_input(self, path: str) -> bool:
        """Return whether a path is declared to decide nothing."""
        return self._matches(self._not_inputs, path)

    def recorded_name(self, path: str) -> str:
        """Return the name under which a metrics file is recorded: that which settings have."""
        names = [one.removeprefix(self._folder) for one in self.called(path)]
        renamed = (known for name in names for known, one in self._renamed if one.match(name))
        named = (name for name in names if self._metrics.match(name))
        return next(renamed, None) or next(named, None) or names[0]

    def _names(self, paths: Iterable[TopPath]) -> list[ProjectPath]:
        """Return the paths in the project as the project has them."""
        start = len(self._folder)
        return [ProjectPath(path[start:]) for path in paths if path.startswith(self._folder)]

    def _matches(self, patterns: Patterns, path: str) -> bool:
        """Return whether patterns have a path; what lies outside of the project is not meant."""
        if not patterns.lines:
            return False
        start = len(self._folder)
        return any(
            one.startswith(self._folder) and patterns.match(one[start:])
            for one in (self.called(path) if self.links else (path,))
        )
