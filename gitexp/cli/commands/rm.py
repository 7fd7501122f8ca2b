"""`gitexp rm`: runs out of sight."""

from __future__ import annotations

import click

from gitexp.cli.completion import complete_run
from gitexp.cli.consent import consent
from gitexp.cli.options import tell, with_project
from gitexp.cli.selection import matching_runs, where_option
from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.store.facts import append
from gitexp.store.reading import StoredRun
from gitexp.store.selectors import get_runs

_SHOWN = 10


@click.command()
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=complete_run)
@where_option
@click.option("-f", "--force", is_flag=True, help="With --where, remove without asking.")
@with_project
def rm(project: Project, *, runs: tuple[str, ...], where: str | None, force: bool) -> None:
    """Hide runs; `gitexp restore` brings them back.

    Their commits and their data stay. Listings, `latest` and the like pass them over, and
    they can still be named. That they are removed travels with `gitexp push` and
    `gitexp pull`.

    \b
    Examples:
      gitexp rm brave-otter-7f calm-heron-c1
      gitexp rm --where "status = failed"
    """
    if bool(runs) == (where is not None):
        raise GitexpError(
            "which runs are to be removed?", hint="Name them, or give `--where`; not both."
        )
    chosen = get_runs(project.runs, runs) if where is None else matching_runs(project, where)
    for run in chosen:
        if run.facts.removed:
            tell(f"note: run '{run.name}' is removed already")
    wanted = [run for run in chosen if not run.facts.removed]
    if where is not None and not (wanted and _agreed(wanted, force=force)):
        tell("no run was removed")
        return
    append(project.repository, [(run, "rm", None) for run in wanted])
    project.mirror_changed(wanted, tell)
    _tell_removed(wanted)


def _agreed(runs: list[StoredRun], *, force: bool) -> bool:
    """Show what would be removed, and return whether that is wanted."""
    if force:
        return True
    what = f"'{runs[0].name}'" if len(runs) == 1 else f"{len(runs):,} runs"
    tell(f"would remove {what}:")
    for run in runs[:_SHOWN]:
        tell(f"  {run.name}")
    if len(runs) > _SHOWN:
        tell(f"  and {len(runs) - _SHOWN:,} more")
    return consent("Remove?", force=False, refused="no run was removed")


def _tell_removed(runs: list[StoredRun]) -> None:
    for run in runs[:_SHOWN]:
        tell(f"removed '{run.name}'")
    if len(runs) > _SHOWN:
        tell(f"removed {len(runs) - _SHOWN:,} more")
    if runs:
        names = " ".join(run.name for run in runs[:_SHOWN])
        more = " …" if len(runs) > _SHOWN else ""
        pronoun = "it" if len(runs) == 1 else "them"
        tell(f"hint: `gitexp restore {names}{more}` brings {pronoun} back.")
