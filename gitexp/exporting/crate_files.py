"""The small files of a run that come along in a crate."""

from __future__ import annotations

from gitexp.exporting.crate import Exported
from gitexp.model.record import NO_FILES
from gitexp.project import Project
from gitexp.store.reading import RECORD_NAME, StoredRun

ENVIRONMENT = ".gitexp/environment.txt"
_LARGEST = 1_000_000
"""Bytes of a file that still comes along."""


def exported(project: Project, run: StoredRun) -> Exported:
    """Return a run with its record, params, metrics and packages, as its commit has them.

    Raises UnreadableRecord.
    """
    record = run.record
    folder = f"{run.project}/" if run.project else ""
    names = [*record.params, *record.metrics, RECORD_NAME, ENVIRONMENT]
    paths = dict.fromkeys(name for name in names if name not in NO_FILES)
    objects = project.repository.objects
    found = {path: objects.blob(f"{run.oid}:{folder}{path}") for path in paths}
    files = {path: one for path, one in found.items() if one is not None and len(one) <= _LARGEST}
    return Exported(run.oid, record, files)
