"""`gitexp purge`: take a run, or a path of all runs, out of history."""

from __future__ import annotations

from collections.abc import Iterator

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_run
from gitexp.cli.consent import consent
from gitexp.cli.options import format_option, tell, with_project
from gitexp.errors import ExitCode
from gitexp.git.signing import wants_signature
from gitexp.housekeeping.purge import carry_out
from gitexp.housekeeping.purge_plan import PurgePlan, plan_purge
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.rendering.gc import Part, parts_document
from gitexp.sharing.purged import tell_left
from gitexp.store.selectors import get_run

_SHOWN = 3

_AFTER = (
    "hint: Anyone who fetched it has seen it: if a secret leaked, change it now.\n"
    "hint: The hosts of remotes keep what nothing points to for a while; ask them to delete it."
)

_UNSIGNED = (
    "hint: It is not signed, so other clones ask before they do the same; "
    "`git config commit.gpgSign true` has git sign."
)


@click.command()
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=complete_run)
@click.option(
    "--path",
    "paths",
    metavar="PATH",
    multiple=True,
    help="Take this file or folder out of all runs; may be repeated.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would be purged.")
@click.option("-f", "--force", is_flag=True, help="Purge without asking.")
@format_option
@with_project
def purge(
    project: Project,
    *,
    runs: tuple[str, ...],
    paths: tuple[str, ...],
    dry_run: bool,
    force: bool,
    format_name: str,
) -> ExitCode:
    """Take RUNs, or a path of all runs, out of history for good: a leaked secret, say.

    The experiments branch is rewritten without it; every other run keeps its id, name and
    facts. Other clones do the same with the next `gitexp pull` or `gitexp push`, if they trust
    who has signed it or are told to, and refuse to bring it back. `gitexp rm` only hides a run.
    """
    if bool(runs) == bool(paths):
        raise click.UsageError("name either runs, or paths with --path")
    found = [get_run(project.runs, run) for run in runs]
    plan = plan_purge(project, found, paths)
    if plan is None:
        tell("no run has it")
        return ExitCode.NO
    output.show(project, parts_document(list(_parts(plan)), list(_notes(plan))), format_name)
    if dry_run:
        return ExitCode.OK
    if not consent("Purge this for good?", force=force, refused="nothing was purged"):
        return ExitCode.NO
    left = carry_out(project, plan, tell)
    _tell_what_next(project, plan, left)
    return ExitCode.OK


def _parts(plan: PurgePlan) -> Iterator[Part]:
    data = {one.run.id: one for one in plan.data}
    for run in plan.dropped:
        size = data[run.id].size if run.id in data else None
        yield Part(run.name, "the whole run", size)
    for run in plan.stripped:
        size = data[run.id].size if run.id in data else None
        yield Part(run.name, ", ".join(sorted(plan.purge.paths)), size)


def _notes(plan: PurgePlan) -> Iterator[str]:
    if plan.rewritten:
        yield f"{counted(plan.rewritten, 'more commit')} of the branch would get new ids."
    if plan.unsigned:
        shown = ", ".join(f"'{run.name}'" for run in plan.unsigned[:_SHOWN])
        more = ", …" if len(plan.unsigned) > _SHOWN else ""
        yield f"{counted(len(plan.unsigned), 'run')} would no longer be signed: {shown}{more}."


def _tell_what_next(project: Project, plan: PurgePlan, left: list[str]) -> None:
    gone = [counted(len(plan.dropped), "run")] if plan.dropped else []
    gone += [f"'{path}'" for path in sorted(plan.purge.paths)]
    told = ", ".join(gone)
    if plan.remotes:
        tell(f"purged {told} from the runs that are here; its objects go with the next push")
    else:
        tell(f"purged {told} in this clone")
        tell_left(project, left, tell)
    _tell_unsigned(project, plan)
    for path in plan.in_work_tree:
        tell(f"warning: '{path}' is still in the work tree, and no run starts while it is there")
    for remote in plan.remotes:
        tell(f"hint: Take it out of '{remote}' with `gitexp push {remote}`.")
    if plan.remotes and not wants_signature(project.repository):
        tell(_UNSIGNED)
    tell(_AFTER)


def _tell_unsigned(project: Project, plan: PurgePlan) -> None:
    """Say how a run is signed again: a signature is of a commit, and says who made the run."""
    ids = [run.id for run in plan.unsigned[-1:]]
    for run in (one for run_id in ids for one in project.runs.index.named(run_id, None)):
        tell(
            f"hint: `git tag -s -m TEXT signed/{run.name} {run.oid[:10]}` signs '{run.name}' again;"
            " whoever made a run does so, and pushes the tag."
        )
