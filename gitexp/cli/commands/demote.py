"""`gitexp demote`: a version no longer holds a stage."""

from __future__ import annotations

import click

from gitexp.cli.completion import complete_model
from gitexp.cli.options import say, tell, with_project
from gitexp.cli.tags import chosen_remote, push_option, remote_option, sent_or_told
from gitexp.project import Project
from gitexp.registry.withdrawal import demote as demote_model


@click.command()
@click.argument("name", shell_complete=complete_model)
@click.option("--stage", required=True, metavar="STAGE", help="The stage to take away.")
@click.option("-m", "--message", default="", metavar="TEXT", help="What the tag says.")
@push_option
@remote_option
@with_project
def demote(
    project: Project, *, name: str, stage: str, message: str, push: bool | None, remote: str | None
) -> None:
    """Take a stage from the version of NAME that holds it, as `gto unassign` does.

    The version that held the stage before holds it again, unless it was taken from that, too.
    """
    to = chosen_remote(project, push=push, remote=remote)
    done = demote_model(project, name, stage, message)
    model = done.tag.name.model
    say(f"{model} {done.version} no longer holds {stage}")
    if done.now is not None:
        tell(f"note: {model} {done.now.name} holds {stage} again, as before")
    sent_or_told(project, [str(done.tag.name)], to)
