"""`gitexp save`: record the work tree as it stands."""

from __future__ import annotations

import os
import sys

import click

from gitexp.cli.nested import outer_run, runs_elsewhere
from gitexp.cli.options import follow_up, recover_runs, tell, wants_colour, with_project
from gitexp.cli.running_options import secrets_option
from gitexp.cli.schedulers import job_of
from gitexp.errors import ExitCode
from gitexp.execution.stages import Request
from gitexp.execution.start.prepare import prepare
from gitexp.model.message import last_line
from gitexp.model.ranks import rank_above_zero, speaks_for_ranks
from gitexp.model.text import harmless_json
from gitexp.project import Project


@click.command()
@click.option("-n", "--name", help="Name of the run; without it gitexp makes one up.")
@click.option("-m", "--message", default="", help="What the run was meant to find out.")
@click.option("--json", "as_json", is_flag=True, help="Print the record of the run as JSON.")
@secrets_option
@with_project
def save(
    project: Project, *, name: str | None, message: str, as_json: bool, allow_secrets: bool
) -> ExitCode:
    """Record the work tree as it stands, as a run without a command.

    For what gitexp did not start itself: a notebook, a run made elsewhere. Nothing is run,
    so metrics are taken as they are: only you can know that they belong to this code and
    these params. Models and large files go behind pointers as after a run.

    \b
    Example:
      gitexp save -n notebook -m "the best cell so far"
    """
    outer = outer_run(project, os.environ)
    if outer is not None:
        tell(f"note: nothing is saved inside run '{outer.name}', which is recorded as a whole")
        return ExitCode.OK
    rank = rank_above_zero(os.environ)
    if rank is not None:
        if speaks_for_ranks(os.environ):
            tell(f"note: nothing is saved by this process ({rank}): the one of rank 0 does that")
        return ExitCode.OK
    recover_runs(project, most_bytes=None)
    request = Request(
        name=name,
        message=message,
        allow_secrets=allow_secrets,
        around=runs_elsewhere(project, os.environ),
        job=job_of(os.environ),
    )
    plan = prepare(project, request, has_command=False)

    from gitexp.execution.save import save as save_work_tree  # noqa: PLC0415 - 50 ms, not before the plan is checked

    ending = save_work_tree(project, plan, tell)
    if as_json:
        click.echo(harmless_json(ending.run.content.decode()), nl=False)
    text = last_line(ending.record, project.config.policy, ending.previous)
    tell(text, bold=wants_colour(sys.stderr))
    follow_up(project, ending.run.id)
    return ExitCode.OK
