"""What the configuration and the pipelines say of a path: metric, output, model, not an input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from gitexp.data.pipelines import PIPELINE_NAME, Pipeline, read_pipeline
from gitexp.git.trees import Entry, is_below
from gitexp.model.paths import TopPath
from gitexp.model.patterns import Patterns
from gitexp.project import Project


class Declared:
    """The patterns of `gitexp.yaml` and the paths of `dvc.yaml`, asked from the top on."""

    def __init__(self, project: Project, pipeline: Pipeline | None = None) -> None:
        self.pipeline = pipeline or Pipeline()
        self._project = project
        self._config = project.config

    @cached_property
    def _metrics(self) -> Patterns:
        return Patterns.anchored([*self._config.metrics, *self._config.renamed_metrics.values()])

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

    def is_metric(self, path: str) -> bool:
        """Return whether a path is a metrics file."""
        if path in self.pipeline.metrics:
            return True
        return self._inside(path) and self._metrics.match(self._project.name(TopPath(path)))

    def is_fresh_or_absent(self, path: str) -> bool:
        """Return whether a path counts only if this run wrote it: metrics and plots."""
        if path in self.pipeline.plots or self.is_metric(path):
            return True
        return self._inside(path) and self._plots.match(self._project.name(TopPath(path)))

    def is_model(self, path: str) -> bool:
        """Return whether a path always goes behind a pointer."""
        return self._inside(path) and self.track.match(self._project.name(TopPath(path)))

    def is_output(self, path: str) -> bool:
        """Return whether a path is declared to be written by the command."""
        return (
            self.is_fresh_or_absent(path)
            or self.pipeline.out_of(path) is not None
            or self.is_model(path)
            or (self._inside(path) and self._outputs.match(self._project.name(TopPath(path))))
        )

    def is_no_input(self, path: str) -> bool:
        """Return whether a path is declared to decide nothing."""
        return self._inside(path) and self._not_inputs.match(self._project.name(TopPath(path)))

    def recorded_name(self, path: str) -> str:
        """Return the name under which a metrics file is recorded."""
        name = self._project.name(TopPath(path))
        for known, pattern in self._config.renamed_metrics.items():
            if Patterns.anchored([pattern]).match(name):
                return known
        return name

    def _inside(self, path: str) -> bool:
        return self._project.holds(TopPath(path))


def earlier_outputs(project: Project, untracked: Iterable[str]) -> set[str]:
    """Return the untracked paths that an earlier run wrote, and which it may write again."""
    names: dict[str, str] = {project.name(TopPath(path)): path for path in untracked}
    return {names[name] for name in project.runs.index.outputs(project.folder, names)}


def is_record(path: str) -> bool:
    """Return whether a path is gitexp's own: the record of a run."""
    return ".gitexp" in path.split("/")[:-1]


def is_pointer(path: str) -> bool:
    """Return whether a path is a file with DVC pointers.

    >>> is_pointer("a/m.pt.dvc"), is_pointer("dvc.lock"), is_pointer(".dvc/config")
    (True, True, False)
    """
    name = path.rpartition("/")[2]
    return (name.endswith(".dvc") and name != ".dvc") or name == "dvc.lock"


def is_setup(path: str) -> bool:
    """Return whether a path sets DVC up; it says where data lies here, not what a run was.

    >>> is_setup(".dvc/config"), is_setup("sub/.dvcignore"), is_setup("m.pt.dvc")
    (True, True, False)
    """
    parts = path.split("/")
    return ".dvc" in parts[:-1] or parts[-1] == ".dvcignore"


def pipeline_files(project: Project, entries: Iterable[str]) -> list[str]:
    """Return each `dvc.yaml` of the project."""
    return sorted(
        path
        for path in entries
        if path.rpartition("/")[2] == PIPELINE_NAME and is_below(project.folder, path)
    )


def declared_at_start(project: Project, entries: Mapping[str, Entry]) -> Declared:
    """Return what is declared, as far as it can be known without DVC."""
    files = pipeline_files(project, entries)
    found = project.repository.objects.read_many(entries[path].oid for path in files)
    pipeline = Pipeline()
    for path, blob in zip(files, found, strict=True):
        pipeline |= read_pipeline(blob.content, path) if blob is not None else Pipeline()
    return Declared(project, pipeline)
