"""What a run holds: the files of its tree, sorted by what they are, and its pointers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from gitexp.data.pointers import Pointer, is_elsewhere, pointers_of
from gitexp.errors import GitexpError
from gitexp.git.trees import SUBMODULE_MODE, Entry, is_below, tree_entries
from gitexp.model.paths import ProjectPath
from gitexp.model.record import RunRecord
from gitexp.project import Project
from gitexp.revisions.by_name import is_pointer, is_record
from gitexp.revisions.roles import Declared
from gitexp.store.stored_run import StoredRun


class PointedData(Struct, frozen=True):
    """A pointer, and the file that holds it."""

    file: str
    pointer: Pointer
    """Its path is from the top, as `file` is."""


class RunContents:
    """The tree of a run; paths are from the top of the repository."""

    def __init__(self, project: Project, run: StoredRun) -> None:
        self._project = project
        self._declared = Declared(project)
        self.run = run
        self.record: RunRecord = run.record
        self.folders = project.recorded_folders()

    @cached_property
    def tree(self) -> Mapping[str, Entry]:
        """Every file but those of `.gitexp/`."""
        entries = tree_entries(self._project.repository, self.run.oid)
        return {path: entry for path, entry in entries.items() if not is_record(path)}

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """The files in the project's folder and the shared ones; submodules do not count."""
        return {
            path: entry
            for path, entry in self.tree.items()
            if entry.mode != SUBMODULE_MODE and self.is_inside(path)
        }

    @cached_property
    def data(self) -> Mapping[str, PointedData]:
        """The data behind pointers, by its path, which may lead anywhere."""
        objects = self._project.repository.objects
        found = {}
        for path in filter(is_pointer, self.entries):
            for one in pointers_of(path, lambda file: objects.blob(f"{self.run.oid}:{file}")):
                if not is_elsewhere(one.path):
                    found[one.path] = PointedData(path, one)
        return found

    def is_inside(self, path: str) -> bool:
        """Return whether a path lies in one of the folders that belong to the run."""
        return any(is_below(folder, path) for folder in self.folders)

    def is_value(self, path: str) -> bool:
        """Return whether a path is a params file, an output or a pointer, and so not code."""
        return is_pointer(path) or path in self._outputs or self.is_declared(path)

    def is_declared(self, path: str) -> bool:
        """Return whether a path is a params file or an output that the settings name."""
        return (
            path in self._params or self._declared.is_params(path) or self._declared.is_output(path)
        )

    @cached_property
    def _params(self) -> frozenset[str]:
        return frozenset(self._project.path(ProjectPath(name)) for name in self.record.params)

    @cached_property
    def _outputs(self) -> frozenset[str]:
        return frozenset(self.record.outputs)


def read_contents(project: Project, run: StoredRun) -> RunContents:
    """Return what a run of this project holds; raises GitexpError for another project's."""
    if run.project != project.folder:
        place = run.project or "the top of the repository"
        raise GitexpError(
            f"run '{run.name}' belongs to the project in '{place}'",
            hint="Call gitexp from that folder, or with `-C`.",
        )
    return RunContents(project, run)
