"""Naming the runs under way where one was not found."""

from __future__ import annotations

from gitexp.project import Project
from gitexp.store.running import runs_under_way

_SHOWN = 8


def running_hint(project: Project) -> str:
    """Return which runs are under way here, the one that began last first."""
    found = runs_under_way(project.repository, project.folder)
    if not found:
        return "Nothing is running here."
    names = ", ".join(f"'{one.name}'" for one in found[:_SHOWN])
    more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"Under way here: {names}{more}."
