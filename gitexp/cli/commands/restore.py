"""`gitexp restore`: removed runs back into sight."""

from __future__ import annotations

import click

from gitexp.cli.completion import complete_removed
from gitexp.cli.options import tell, with_project
from gitexp.cli.selection import matching_runs, where_option
from gitexp.errors import GitexpError
from gitexp.housekeeping.waste import missing_data
from gitexp.mirroring import mirror_changed
from gitexp.project import Project
from gitexp.store.facts import append
from gitexp.store.selectors import get_run, refuse_under_way
from gitexp.store.stored_run import StoredRun


@click.command()
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=complete_removed)
@where_option
@with_project
def restore(project: Project, *, runs: tuple[str, ...], where: str | None) -> None:
    """Bring back runs that `gitexp rm` has hidden, by name or id, or the start of one.

    \b
    Examples:
      gitexp restore brave-otter-7f
      gitexp restore --where "status = failed"
    """
    if bool(runs) == (where is not None):
        raise GitexpError(
            "which runs should be restored?", hint="Name them, or give `--where`; not both."
        )
    if where is None:
        chosen = _chosen(project, runs)
    else:
        chosen = matching_runs(project, where, removed=True)
        if not chosen:
            tell("no run was restored")
    for run in chosen:
        if not run.facts.removed:
            tell(f"note: run '{run.name}' is not removed")
    wanted = [run for run in chosen if run.facts.removed]
    append(project.repository, [(run, "restore", None) for run in wanted])
    mirror_changed(project, wanted, tell)
    for run in wanted:
        tell(f"restored '{run.name}'")
        missing = missing_data(project, run)
        if missing:
            tell(
                f"note: {', '.join(missing)} of '{run.name}' is no longer in the DVC cache: "
                "`gitexp get` asks the DVC remote"
            )


def _chosen(project: Project, texts: tuple[str, ...]) -> list[StoredRun]:
    """Return the runs that are meant, each once; the start of a name finds removed ones too."""
    found = []
    for text in texts:
        begun = project.runs.index.beginning(text, project.folder, removed=True)
        exact = [run for run in begun if text in (run.name, run.id)]
        if not exact:
            refuse_under_way(project.runs, text)
        best = exact or begun
        found.append(best[0] if len(best) == 1 else get_run(project.runs, text))
    return list({run.id: run for run in found}.values())
