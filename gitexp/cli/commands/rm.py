"""`gitexp rm`: runs out of sight."""

from __future__ import annotations

import shlex

import click

from gitexp.cli.completion import complete_run
from gitexp.cli.consent import consent
from gitexp.cli.options import tell, with_project
from gitexp.cli.selection import matching_runs, where_option
from gitexp.errors import ExitCode, GitexpError
from gitexp.mirroring import mirror_changed
from gitexp.project import Project
from gitexp.store.facts import append
from gitexp.store.selectors import get_runs
from gitexp.store.stored_run import StoredRun

_SHOWN = 10
_NONE = "no run was removed"


@click.command()
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=complete_run)
@where_option
@click.option("-f", "--force", is_flag=True, help="With --where, do not ask.")
@with_project
def rm(project: Project, *, runs: tuple[str, ...], where: str | None, force: bool) -> ExitCode:
    """Hide runs; `gitexp restore` brings them back.

    Their commits and their data stay. Listings, `latest` and the like skip them, but they
    can still be named. The removal travels with `gitexp push` and `gitexp pull`.

    \b
    Examples:
      gitexp rm brave-otter-7f calm-heron-c1
      gitexp rm --where "status = failed"
    """
    if bool(runs) == (where is not None):
        raise GitexpError(
            "which runs should be removed?", hint="Name them, or give `--where`; not both."
        )
    chosen = get_runs(project.runs, runs) if where is None else matching_runs(project, where)
    for run in chosen:
        if run.facts.removed:
            tell(f"note: run '{run.name}' is already removed")
    wanted = [run for run in chosen if not run.facts.removed]
    if where is not None and not wanted:
        tell(_NONE)
        return ExitCode.OK
    if where is not None and not force:
        _tell_wanted(wanted)
        if not consent("Remove?", force=False, refused=_NONE):
            tell(_NONE)
            return ExitCode.NO
    append(project.repository, [(run, "rm", None) for run in wanted])
    mirror_changed(project, wanted, tell)
    _tell_removed(wanted, where)
    return ExitCode.OK


def _tell_wanted(runs: list[StoredRun]) -> None:
    what = f"'{runs[0].name}'" if len(runs) == 1 else f"{len(runs):,} runs"
    tell(f"would remove {what}:")
    for run in runs[:_SHOWN]:
        tell(f"  {run.name}")
    if len(runs) > _SHOWN:
        tell(f"  and {len(runs) - _SHOWN:,} more")


def _tell_removed(runs: list[StoredRun], where: str | None) -> None:
    for run in runs[:_SHOWN]:
        tell(f"removed '{run.name}'")
    if len(runs) > _SHOWN:
        tell(f"removed {len(runs) - _SHOWN:,} more")
    if runs:
        by_query = where is not None and len(runs) > _SHOWN
        which = f"--where {shlex.quote(where or '')}" if by_query else _names(runs[:_SHOWN])
        which += " …" if len(runs) > _SHOWN and not by_query else ""
        pronoun = "it" if len(runs) == 1 else "them"
        tell(f"hint: `gitexp restore {which}` brings {pronoun} back.")


def _names(runs: list[StoredRun]) -> str:
    return " ".join(run.name for run in runs)
