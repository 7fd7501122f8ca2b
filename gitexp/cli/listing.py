"""What is said beside a list of runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gitexp.cli.options import tell
from gitexp.cli.remote_runs import remotes_with_runs
from gitexp.project import Project
from gitexp.store.index.selection import Selection

if TYPE_CHECKING:
    from gitexp.store.running import Running


def tell_under_way(runs: Sequence[Running]) -> None:
    for one in runs:
        entry = one.entry
        where = f"on {entry.owner.host}" if not entry.owner.is_gone else f"({entry.who})"
        tell(f"note: run '{one.name}' is running {where}")


def tell_of_elsewhere(project: Project, wanted: Selection, *, any_found: bool) -> None:
    """Say where else there are runs, if there are none here."""
    if project.runs.tip is None:
        tell_of_remotes(project)
    elif not any_found and wanted.where is None and not wanted.removed:
        others = sorted(folder or "." for folder in project.runs.index.projects())
        if others and project.folder not in project.runs.index.projects():
            tell(f"note: runs of other projects in this repository: {', '.join(others)}")


def tell_of_rounding(project: Project, wanted: Selection) -> None:
    """Say that numbers are shown rounded, if some run would match the rounded one."""
    if wanted.where is None:
        return
    from gitexp.comparison.query.rounded import widened  # noqa: PLC0415 - 2 ms, where it is asked for

    found = widened(wanted.where)
    if found is not None and project.runs.index.count(replace(wanted, where=found[0])):
        tell(f"hint: Numbers are shown rounded; ask for a range: `{found[1]}`.")


def tell_of_remotes(project: Project) -> None:
    """Point out runs that git has fetched, in a clone that has none."""
    for said in remotes_with_runs(project):
        tell(f"hint: {said}")
