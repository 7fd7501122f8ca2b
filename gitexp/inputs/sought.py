"""The metrics whose run is looked for, as runs have them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from gitexp.metrics.reading import largest
from gitexp.model.paths import ProjectPath
from gitexp.model.record import Documents, RunRecord
from gitexp.model.values import same, without_long_lists
from gitexp.project import Project
from gitexp.revisions.reading import Reading
from gitexp.store.stored_run import StoredRun


class Sought(Struct, frozen=True):
    """The metrics of a revision, by file."""

    project: Project
    documents: Documents
    """As a record has them; files without any are left out."""
    large: Mapping[str, bytes]
    """Files that a record does not have whole, as too large or without what was stale."""

    @classmethod
    def of(cls, reading: Reading) -> Sought:
        """Return the metrics of a revision."""
        project, metrics, declared = reading.project, reading.side.metrics, reading.declared
        large = {}
        for file in metrics:
            place = project.path(ProjectPath(file))
            content = reading.content(place) or b""
            if len(content) > largest(file) or declared.stale_rule(place) == "drop":
                large[file] = content
        cut = {
            file: without_long_lists(values)[0]
            for file, values in metrics.items()
            if file not in large
        }
        return cls(project, {file: one for file, one in cut.items() if one}, large)

    def had_by(self, run: StoredRun, record: RunRecord) -> list[str]:
        """Return the files that a run has with the same metrics."""
        found = [
            file
            for file, values in self.documents.items()
            if same(record.metrics.get(file), values)
        ]
        for file, content in self.large.items():
            place = f"{run.oid}:{self.project.path(ProjectPath(file))}"
            if file in record.outputs and self.project.repository.objects.blob(place) == content:
                found.append(file)
        return found
