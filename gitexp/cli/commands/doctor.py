"""`gitexp doctor`: what is wrong here, and the rescue of runs whose machine is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from gitexp.cli.completion import complete_run
from gitexp.cli.options import format_option, tell, terminal_width, wants_colour, with_project
from gitexp.cli.progress import progress_line
from gitexp.doctor.depth import CutOff, Depth
from gitexp.errors import ExitCode
from gitexp.project import Project

if TYPE_CHECKING:
    from gitexp.doctor.finding import Finding


@click.command()
@click.option(
    "--recover",
    "wanted",
    metavar="ID",
    help="Record run ID, whose machine or container is gone for good.",
)
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=complete_run)
@click.option(
    "--deep",
    is_flag=True,
    help="Also read all of git's objects and DVC's cache, or the data of RUNs.",
)
@click.option("--remote", is_flag=True, help="With --deep, also ask DVC's remotes for the data.")
@click.option("--fresh", is_flag=True, help="With --deep, go on with no call that was cut off.")
@format_option
@with_project
def doctor(
    project: Project,
    *,
    wanted: str | None,
    runs: tuple[str, ...],
    deep: bool,
    remote: bool,
    fresh: bool,
    format_name: str,
) -> ExitCode:
    """Check that everything is as it should be: git, the branch, runs, locks, DVC.

    One line for each finding; the exit code is 1 if something is wrong. --recover records a
    run as interrupted that another machine started, and of which nothing can be known from
    here. Be sure that the machine is gone.

    --deep reads every object of git and in DVC's cache, or the data that RUNs point at, and names
    those whose content is not what their name says, with the runs that need them. A call that
    was cut off is taken up by the next one.
    """
    if not deep and (runs or remote or fresh):
        raise click.UsageError("a RUN, --remote and --fresh need --deep")
    if wanted is not None:
        from gitexp.execution.recover import recover_unseen  # noqa: PLC0415 - 90 ms, for `--recover` alone

        recover_unseen(project, wanted, tell)
        return ExitCode.OK
    from gitexp.doctor.examination import examine  # noqa: PLC0415 - 10 ms with the two below, not for `--recover`
    from gitexp.rendering.doctor import doctor_document  # noqa: PLC0415
    from gitexp.rendering.formats import FORMATS  # noqa: PLC0415

    findings: list[Finding] = []
    cut_off = None
    with progress_line() as show:
        try:
            depth = _depth(project, runs, remote, fresh, show) if deep else None
            for finding in examine(project, deep=depth):
                findings.append(finding)  # noqa: PERF402 - what was found by then stays
        except CutOff as error:
            cut_off = error
    document = doctor_document(findings)
    text = FORMATS[format_name](document, width=terminal_width(), colour=wants_colour())
    click.echo(text, nl=False, color=wants_colour())
    if cut_off is not None:
        tell(f"interrupted: {cut_off.words}")
        return ExitCode.INTERRUPTED
    return ExitCode.NO if any(one.mark == "wrong" for one in findings) else ExitCode.OK


def _depth(
    project: Project,
    runs: tuple[str, ...],
    remote: bool,
    fresh: bool,
    show: Callable[[str], None] | None,
) -> Depth:
    from gitexp.registry.naming import get_run  # noqa: PLC0415 - 2 ms, with `--deep` alone

    named = tuple(get_run(project, one) for one in runs) if runs else None
    return Depth(named, remote, fresh, show)
