"""`--where`: the runs that an expression means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import ParamSpec, TypeVar

import click

from gitexp.project import Project
from gitexp.store.reading import StoredRun

P = ParamSpec("P")
R = TypeVar("R")


def where_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--where`; the command gets `where`."""
    return click.option(
        "--where", metavar="EXPR", help='Only the runs that match, as in "accuracy > 0.9".'
    )(command)


def matching_runs(project: Project, where: str | None, limit: int | None = None) -> list[StoredRun]:
    """Return the runs that match, the one that ended last first."""
    if where is None:
        return project.runs.newest(limit or -1)
    from gitexp.comparison.query.evaluate import matches  # noqa: PLC0415 - only for --where
    from gitexp.comparison.query.expression import Column  # noqa: PLC0415
    from gitexp.comparison.query.parse import parse  # noqa: PLC0415
    from gitexp.comparison.query.resolve import resolve  # noqa: PLC0415
    from gitexp.comparison.query.run_values import run_values  # noqa: PLC0415

    expression = parse(where, now=datetime.now(timezone.utc))
    runs = [(run, run_values(run.record)) for run in project.runs.newest() if not run.problem]
    metrics = dict.fromkeys(name for _, values in runs for name in values.metrics)
    params = dict.fromkeys(name for _, values in runs for name in values.params)
    columns = [
        *(Column("metrics", name) for name in metrics),
        *(Column("params", name) for name in params),
    ]
    resolved = resolve(expression, columns)
    return [run for run, values in runs if matches(resolved, values)][:limit]
