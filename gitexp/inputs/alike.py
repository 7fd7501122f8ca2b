"""What makes runs repeats of one another: all that decides a result, but for the seeds.

Two runs are repeats if their keys are equal. A key follows from the command, the params, the data
and the files of a run, wherever it started: a commit of results, of a README or of settings that
came between makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from msgspec import to_builtins

from gitexp.data.pipelines import Pipeline
from gitexp.model.imported import imported, is_foreign
from gitexp.model.record import NO_FILES, RunRecord
from gitexp.model.values import digest, dumps, flatten
from gitexp.project import Project
from gitexp.settings.config import Config
from gitexp.store.index.groups import Alike
from gitexp.store.index.selection import Selection

if TYPE_CHECKING:
    from gitexp.inputs.files import Files

_VERSION = 3
"""Of the definition: a digest of another one is never compared with it."""


class Likeness:
    """Works out what runs of a project are alike in, by the settings that it has."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def alike(self) -> Alike:
        """How the search index asks for it."""
        project = self._project
        return Alike(
            project.folder,
            self._settings,
            lambda run: self.look(run.record),
            lambda runs: self.keys([(run.oid, run.record) for run in runs]),
        )

    @cached_property
    def _files(self) -> Files:
        from gitexp.inputs.files import Files  # noqa: PLC0415 - 25 ms, where runs look alike

        return Files(self._project)

    @cached_property
    def _without(self) -> Callable[[tuple[str, ...]], list[str]]:
        from gitexp.model.command.params import command_without  # noqa: PLC0415 - 11 ms, for runs that are new

        return lru_cache(maxsize=256)(lambda words: command_without(words, self._is_seed))

    @property
    def _is_seed(self) -> Callable[[str], bool]:
        return self._project.config.review.is_seed

    @property
    def _settings(self) -> str:
        return settings_text(self._project.config, self._project.pipeline)

    def look(self, record: RunRecord) -> str:
        """Return what a record alone shows of it: where the command ran, its words, the params.

        What a tracker or the command has logged follows from them; of a run that was imported
        there is nothing else.
        """
        became = {*NO_FILES, *record.outputs}
        if is_foreign(record):
            became -= {str(imported(record)["from"])}
        params = [
            [file, name, value]
            for file, values in sorted(record.params.items())
            if file not in became
            for name, value in sorted(flatten(values).items())
            if not self._is_seed(name)
        ]
        return digest(dumps([record.directory, self._without(record.command), params]))

    def key(self, commit: str, record: RunRecord) -> str:
        """Return all of it; the commit holds what the run began with, with or without its outputs.

        What no pointer of the record says of the data is what its `.dvc` file says.
        """
        return self.keys([(commit, record)])[0]

    def keys(self, runs: Sequence[tuple[str, RunRecord]]) -> list[str]:
        """Return the keys of several."""
        return [
            self._key(record, files)
            for (_, record), files in zip(runs, self._files.digests(runs), strict=True)
        ]

    def _key(self, record: RunRecord, files: str) -> str:
        data = self._files.data(record)
        alone = record.id if self._files.went_on(record) else ""
        return digest(dumps([self.look(record), data, files, alone]))


def any_repeat(project: Project) -> bool:
    """Return whether any two runs look alike, so that one may repeat the other."""
    return project.runs.index.has_repeats(Likeness(project).alike)


def may_repeat(project: Project, wanted: Selection) -> bool:
    """Return whether some runs may be repeats that a column has a mean of: a curve has none."""
    if wanted.sort is not None and wanted.sort.column.kind == "series":
        return False
    return any_repeat(project)


def settings_text(config: Config, pipeline: Pipeline) -> str:
    """Return the settings that decide which runs are alike; the same text in every process."""
    known = (config.review.seeds, config.params, config.metrics, config.renamed_metrics)
    files = (config.plots, config.track, config.outputs, config.not_inputs, config.held_out)
    every = (_VERSION, *known, *files, config.shared, pipeline)
    return dumps(to_builtins(every, order="sorted"))  # sets have no order of their own
