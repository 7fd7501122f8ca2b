"""What all points of a sweep begin with: the work tree as it is, and what decides a result."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from gitexp.execution.at_start import entries_at_start, pointers_at_start
from gitexp.execution.overrides.linked import edited_path
from gitexp.execution.record.learned import read_data, refreshed_pointers
from gitexp.execution.record.remade import remade
from gitexp.execution.stages import Plan, Started
from gitexp.execution.start.look import look, mendable
from gitexp.git.trees import object_oid
from gitexp.model.record import Inputs, inputs_text
from gitexp.project import Project
from gitexp.revisions.inputs import DecidingTree, deciding_entries

Tell = Callable[[str], None]


class Base:
    """A look at the work tree before any override, from which the inputs of points follow.

    It is good for as long as `looked_at` has not ended: then the snapshot's index is gone.
    """

    def __init__(self, started: Started) -> None:
        self.started = started
        read = read_data(started)
        refreshed = refreshed_pointers(started.watched, read)
        self._project = started.project
        self._entries, _ = deciding_entries(
            started.project,
            entries_at_start(started, refreshed),
            tracked=started.snapshot.tracked,
            pointers=pointers_at_start(started),
            declared=started.declared,
            remade=remade(started, read),
        )
        self._tree = DecidingTree(
            started.project.repository, self._entries, started.project.recorded_folders()
        )
        self._places: dict[str, str] = {}
        self._filtered: dict[str, bool] = {}

    def inputs_with(self, edits: Mapping[str, bytes]) -> str:
        """Return the inputs of a run as in its trailer, by the params files that it changes.

        `edits` are new contents by path in the project. Only these files are hashed, and the
        folders that they are in.
        """
        blobs: dict[str, str] = {}
        for name, content in edits.items():
            path = self._place(name)
            if path in self._tree:  # else it decides nothing
                blobs[path] = self._blob(path, content)
        return inputs_text(Inputs(self._tree.oid_with(blobs)))

    def _place(self, name: str) -> str:
        if name not in self._places:
            self._places[name] = edited_path(self._project, name)
        return self._places[name]

    def _blob(self, path: str, content: bytes) -> str:
        """Return the oid of a file as git would add it: through filters, if it has some."""
        repository = self._project.repository
        if self._is_filtered(path):
            options = ("-t", "blob", f"--path={path}", "--stdin")
            return repository.git("hash-object", *options, stdin=content).decode().strip()
        return object_oid("blob", content, repository.object_format)

    def _is_filtered(self, path: str) -> bool:
        """Return whether git holds something else than the file's own bytes."""
        known = self._filtered.get(path)
        if known is None:
            content = (self._project.repository.top / path).read_bytes()
            oid = object_oid("blob", content, self._project.repository.object_format)
            known = self._filtered[path] = oid != self._entries[path].oid
        return known


@contextlib.contextmanager
def looked_at(project: Project, plan: Plan, tell: Tell) -> Iterator[Base]:
    """Give a look at the work tree, for a plan whose overrides are not applied.

    Raises GitexpError for what no run may begin with: secrets, bulk, conflicts.
    """
    with mendable(project), tempfile.TemporaryDirectory(prefix="gitexp-sweep-") as scratch:
        yield Base(look(project, plan, Path(scratch), tell))
