"""`gitexp doctor`: what is wrong here, and the rescue of runs whose machine is gone."""

from __future__ import annotations

import click

from gitexp.cli.options import format_option, tell, terminal_width, wants_colour, with_project
from gitexp.errors import ExitCode
from gitexp.project import Project


@click.command()
@click.option(
    "--recover",
    "wanted",
    metavar="ID",
    help="Record run ID, whose machine or container is gone for good.",
)
@click.option("--deep", is_flag=True, help="Also read all of git's objects and DVC's cache.")
@format_option
@with_project
def doctor(project: Project, *, wanted: str | None, deep: bool, format_name: str) -> ExitCode:
    """Check that everything is as it should be: git, the branch, runs, locks, DVC.

    One line for each finding; the exit code is 1 if something is wrong. --recover records a
    run as interrupted that another machine started, and of which nothing can be known from
    here. Be sure that the machine is gone. --deep reads every object of git and in
    DVC's cache, and names those whose content is not what their name says.
    """
    if wanted is not None:
        from gitexp.execution.recover import recover_unseen  # noqa: PLC0415 - 90 ms, for `--recover` alone

        recover_unseen(project, wanted, tell)
        return ExitCode.OK
    from gitexp.doctor.examination import examine  # noqa: PLC0415 - 10 ms with the two below, not for `--recover`
    from gitexp.rendering.doctor import doctor_document  # noqa: PLC0415
    from gitexp.rendering.formats import FORMATS  # noqa: PLC0415

    findings = list(examine(project, deep=deep))
    document = doctor_document(findings)
    text = FORMATS[format_name](document, width=terminal_width(), colour=wants_colour())
    click.echo(text, nl=False, color=wants_colour())
    return ExitCode.NO if any(one.mark == "wrong" for one in findings) else ExitCode.OK
