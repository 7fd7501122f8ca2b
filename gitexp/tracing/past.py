"""The metrics that the commits of a history hold, each read when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.diffs import differing_entries
from gitexp.git.file_history import FileHistory
from gitexp.git.trees import LINK_MODE, SUBMODULE_MODE
from gitexp.model.documents.reading import is_editable
from gitexp.model.paths import TopPath
from gitexp.model.values import Value, flatten
from gitexp.project import Project
from gitexp.revisions.by_name import is_record
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import differing
from gitexp.tracing.renamed import Leaf

_KEPT = 4000
"""Versions of files that are in memory at once; each is asked for once a metric."""
_NO_FILE = frozenset({LINK_MODE, SUBMODULE_MODE})

HERE = ""
"""The commit that the work tree would become."""


class Source(Struct, frozen=True):
    """A metrics file of the revision that is asked about."""

    name: str
    """As records call it."""
    path: TopPath
    """Where it is, links followed, from the top of the repository."""


class Past:
    """A revision and what came before it, read by its settings."""

    def __init__(self, project: Project, reading: Reading) -> None:
        self._project, self._reading = project, reading
        revision = reading.revision
        self.start = HERE if revision.kind == "workspace" else revision.commit or HERE
        self.unread: dict[str, str] = {}
        """What is wrong with versions of files that count as empty, by commit and path."""
        self._head = revision.commit
        self._histories: dict[tuple[str, str], FileHistory] = {}
        self.values = lru_cache(_KEPT)(self._values)

    def sources(self) -> Iterator[Source]:
        """Yield the metrics files of the revision that can be read."""
        project, reading = self._project, self._reading
        files = reading.declared.values_among(reading.revision.paths).metrics
        for path, name in files.items():
            if name in reading.side.metrics:
                yield Source(name, reading.revision.lead(project.path(path)))

    def history(self, commit: str, path: str) -> FileHistory:
        """Return the history of a file up to a commit."""
        if (commit, path) not in self._histories:
            self._histories[commit, path] = FileHistory(self._project.repository, commit, path)
        return self._histories[commit, path]

    def _values(self, commit: str, path: str) -> Mapping[str, Value]:
        """Return the metrics of a file in a commit by flat name; none of one that is not there."""
        revision, objects = self._reading.revision, self._project.repository.objects
        content = revision.read(path) if commit == HERE else objects.blob(f"{commit}:{path}")
        if content is None:
            return {}
        try:
            return flatten(self._reading.declared.metrics_in(content, path, path))
        except GitexpError as error:
            self.unread[f"{commit}:{path}"] = str(error)
            return {}

    def parents(self, commit: str) -> Sequence[str]:
        """Return the commits that one follows on, whatever they changed, if they are here."""
        if commit == HERE:
            return () if self._head is None else (self._head,)
        found = self._project.repository.objects.read(commit)
        head = (found.content if found is not None else b"").partition(b"\n\n")[0]
        lines = (line.split(b" ", 1) for line in head.split(b"\n"))
        named = [os.fsdecode(line[1]) for line in lines if line[0] == b"parent"]
        return [oid for oid in named if self._project.repository.objects.commit(oid) is not None]

    def gone(self, commit: str, parent: str) -> Iterator[tuple[Leaf, Value]]:
        """Yield the values that a parent has in files which a commit changed, and it has not."""
        for path in self._changed(commit, parent):
            left = self.values(commit, path)
            for name, value in self.values(parent, path).items():
                if name not in left:
                    yield Leaf(path, name), value

    def _changed(self, commit: str, parent: str) -> Iterator[str]:
        declared = self._reading.declared
        for path in self._differing(commit, parent):
            if is_editable(path) and not is_record(path) and not declared.is_params(path):
                yield path

    def _differing(self, commit: str, parent: str) -> list[str]:
        repository, below = self._project.repository, self._project.recorded_folders()
        if commit == HERE:
            return [*differing(self._project, parent, self._reading.revision)]
        pairs = differing_entries(repository, parent, commit, below)
        return [
            path for path, (old, _) in pairs.items() if old is not None and old.mode not in _NO_FILE
        ]

    def is_cut_off(self, commit: str) -> bool:
        """Return whether the history before a commit was not fetched."""
        if not self._project.repository.is_shallow:
            return False
        file = self._project.repository.common_dir / "shallow"
        return commit in file.read_text().split()

    def close(self) -> None:
        """End what is still reading."""
        for history in self._histories.values():
            history.close()
