"""`gitexp rm`: runs out of sight."""

from __future__ import annotations

import click

from gitexp.cli.completion import complete_run
from gitexp.cli.options import tell, with_project
from gitexp.project import Project
from gitexp.store.facts import append
from gitexp.store.selectors import get_runs


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", shell_complete=complete_run)
@with_project
def rm(project: Project, *, runs: tuple[str, ...]) -> None:
    """Hide runs; `gitexp restore` brings them back.

    Their commits and their data stay. Listings, `latest` and the like pass them over, and
    they can still be named. That they are removed travels with `gitexp push` and
    `gitexp pull`.

    \b
    Example:
      gitexp rm brave-otter-7f calm-heron-c1
    """
    chosen = get_runs(project.runs, runs)
    for run in chosen:
        if run.facts.removed:
            tell(f"note: run '{run.name}' is removed already")
    wanted = [run for run in chosen if not run.facts.removed]
    append(project.repository, [(run, "rm", None) for run in wanted])
    for run in wanted:
        tell(f"removed '{run.name}'")
    if wanted:
        names = " ".join(run.name for run in wanted)
        tell(f"hint: `gitexp restore {names}` brings {'it' if len(wanted) == 1 else 'them'} back.")
