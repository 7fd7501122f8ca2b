"""`gitexp rm`: runs out of sight."""

from __future__ import annotations

import shlex
import sys

import click

from gitexp.cli.completion import complete_run
from gitexp.cli.options import tell, with_project
from gitexp.cli.selection import matching_runs, where_option
from gitexp.errors import GitexpError
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.store.facts import append
from gitexp.store.reading import StoredRun
from gitexp.store.selectors import get_runs

_SHOWN = 10


@click.command()
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=complete_run)
@where_option
@click.option("--force", is_flag=True, help="With --where, do not ask.")
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
    others = 0 if where is None else len(matching_runs(project, where, removed=True))
    append(project.repository, [(run, "rm", None) for run in wanted])
    _tell_removed(wanted)
    if wanted:
        tell(f"hint: {_way_back(wanted, where, others)}")


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
    if not sys.stdin.isatty():
        raise GitexpError(
            "nobody is there to agree to that", hint="Give `--force` to remove them all the same."
        )
    return click.confirm("Remove?", err=True)


def _tell_removed(runs: list[StoredRun]) -> None:
    for run in runs[:_SHOWN]:
        tell(f"removed '{run.name}'")
    if len(runs) > _SHOWN:
        tell(f"removed {len(runs) - _SHOWN:,} more")


def _way_back(runs: list[StoredRun], where: str | None, others: int) -> str:
    """Return how these runs come back, with what else would come if they are told by a query."""
    pronoun = "it" if len(runs) == 1 else "them"
    if where is None or len(runs) <= _SHOWN:
        names = " ".join(run.name for run in runs)
        return f"`gitexp restore {names}` brings {pronoun} back."
    more = f", and {counted(others, 'run')} removed before" if others else ""
    return f"`gitexp restore --where {_for_a_shell(where)}` brings {pronoun} back{more}."


def _for_a_shell(expression: str) -> str:
    """Quote an expression, in whose constants single quotes are usual."""
    return shlex.quote(expression) if set(expression) & set('"$`\\!') else f'"{expression}"'
