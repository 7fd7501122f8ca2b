"""Params as they were when the command started."""

from __future__ import annotations

from collections.abc import Iterable

from gitexp.execution.work_tree.snapshot import Snapshot
from gitexp.model.command import command_params
from gitexp.model.record import COMMAND_FILE
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.revisions.roles import Declared, output_params


def params_of(
    project: Project, snapshot: Snapshot, declared: Declared, command: Iterable[str]
) -> dict[str, dict[str, Value]]:
    """Return the params as they were at the start; raises GitexpError for a file without any.

    What a command writes is read when it has ended.
    """
    found: dict[str, dict[str, Value]] = {}
    command = tuple(command)
    written = output_params(project, declared, snapshot.tracked) if command else frozenset()
    for name in project.params_files:
        if name in written:
            continue
        entry = snapshot.entries.get(project.path(name))
        content = project.repository.objects.blob(entry.oid) if entry else None
        if content is not None:
            # What git has may not be what was written; if it is, its values are known already.
            found[name] = project.documents.parse(content, name)
    words = command_params(command)
    return {**found, COMMAND_FILE: words} if words else found
