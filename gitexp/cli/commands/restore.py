"""`gitexp restore`: removed runs back into sight."""

from __future__ import annotations

import click

from gitexp.cli.options import tell, with_project
from gitexp.project import Project
from gitexp.store.facts import append
from gitexp.store.selectors import get_runs


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@with_project
def restore(project: Project, *, runs: tuple[str, ...]) -> None:
    """Bring back runs that `gitexp rm` has hidden.

    \b
    Example:
      gitexp restore brave-otter-7f
    """
    chosen = get_runs(project.runs, runs)
    for run in chosen:
        if not run.facts.removed:
            tell(f"note: run '{run.name}' is not removed")
    wanted = [run for run in chosen if run.facts.removed]
    append(project.repository, [(run, "restore", None) for run in wanted])
    for run in wanted:
        tell(f"restored '{run.name}'")
