"""`gitexp gc`: free what nothing needs any more."""

from __future__ import annotations

from collections.abc import Iterator

import click

from gitexp.cli import output
from gitexp.cli.consent import consent
from gitexp.cli.options import format_option, tell, with_project
from gitexp.errors import ExitCode
from gitexp.housekeeping.gc import find_waste, free
from gitexp.housekeeping.waste import Waste, size_of
from gitexp.model.numbers import counted, size_text
from gitexp.project import Project
from gitexp.rendering.gc import Part, parts_document
from gitexp.sharing.purged import forget_left

_DVC = "`dvc gc -w` and `-a` delete the models of all runs but the newest; `dvc gc -A` keeps them"


@click.command()
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would be freed.")
@click.option("-f", "--force", is_flag=True, help="Free without asking.")
@format_option
@with_project
def gc(project: Project, *, dry_run: bool, force: bool, format_name: str) -> ExitCode:
    """Free the data of removed runs that no other run, branch or tag needs.

    Old output of runs, unused copies of the work tree and what sweeps that are over were run on
    go with it. Shows what that is, run by run, and asks before it deletes anything; data on DVC's
    remotes stays.
    """
    waste = find_waste(project)
    if not dry_run:
        forget_left(project, tell)
    parts = [part for part in _parts(waste) if part.size]
    nothing = () if parts else ("Nothing to free.",)
    output.show(project, parts_document(parts, (*nothing, *waste.notes)), format_name)
    if dry_run or not parts:
        return ExitCode.OK
    tell(f"note: {_DVC}")
    if not consent(f"Free {size_text(waste.size)}?", force=force, refused="nothing was freed"):
        return ExitCode.NO
    tell(f"freed {size_text(free(project, waste))}")
    return ExitCode.OK


def _parts(waste: Waste) -> Iterator[Part]:
    for one in waste.runs:
        yield Part(one.run.name, ", ".join(one.paths), one.size)
    if waste.logs:
        yield Part(
            "", f"the whole output of {counted(len(waste.logs), 'run')}", size_of(waste.logs)
        )
    if waste.stores:
        what = f"what {counted(len(waste.stores), 'run')} logged with trackers"
        yield Part("", what, size_of(waste.stores))
    if waste.copies:
        several = len(waste.copies) > 1
        what = f"{len(waste.copies)} copies" if several else "a copy"
        yield Part("", f"{what} of the work tree", size_of(waste.copies))
    for sweep in waste.sweeps:
        size = size_of([sweep.place])
        yield Part("", f"what sweep '{sweep.name}' was run on", size)
    if waste.covered:
        sweeps = counted(len({one.stem for one in waste.covered}), "sweep")
        yield Part("", f"what {sweeps} without runs tried", size_of(waste.covered))
