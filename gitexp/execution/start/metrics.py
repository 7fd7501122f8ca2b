"""Metrics as they were when the command started, of files that git does not hold."""

from __future__ import annotations

import itertools

from gitexp.errors import GitexpError
from gitexp.execution.work_tree.ignored import Ignored
from gitexp.execution.work_tree.snapshot import Snapshot
from gitexp.metrics.reading import is_log, largest
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.revisions.roles import Declared

_MOST = 64
"""Files that are read, the newest: each run may have left one in a folder of its own."""


def ignored_metrics(
    project: Project, declared: Declared, snapshot: Snapshot, ignored: Ignored
) -> dict[str, dict[str, Value]]:
    """Return the metrics files that git ignores, by path from the top; none that is no document."""
    there = {**ignored.named, **ignored.outs}
    newest = sorted(there, key=lambda path: there[path], reverse=True)
    metrics = (
        path
        for path in newest
        if declared.is_metric(path)
        and there[path][2] <= largest(path)
        and path not in snapshot.entries
        and not is_log(path)
    )
    found = {}
    for path in itertools.islice(metrics, _MOST):
        try:
            content = (project.repository.top / path).read_bytes()
            found[path] = declared.metrics_in(content, path)
        except (OSError, GitexpError):
            continue
    return found
