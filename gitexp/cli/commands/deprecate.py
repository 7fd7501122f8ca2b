"""`gitexp deprecate`: a version of a model, or all of it, is no longer to be used."""

from __future__ import annotations

import click

from gitexp.cli.completion import complete_model
from gitexp.cli.options import say, with_project
from gitexp.cli.tags import chosen_remote, push_option, remote_option, sent_or_told
from gitexp.project import Project
from gitexp.registry.withdrawal import deprecate as deprecate_model


@click.command()
@click.argument("name", shell_complete=complete_model)
@click.option("--version", "version", metavar="VERSION", help="Only this version.")
@click.option("-m", "--message", default="", metavar="TEXT", help="What the tag says.")
@push_option
@remote_option
@with_project
def deprecate(
    project: Project,
    *,
    name: str,
    version: str | None,
    message: str,
    push: bool | None,
    remote: str | None,
) -> None:
    """Say that the model NAME, or one version of it, is no longer to be used.

    A version loses its stages with that. Nothing is deleted: the tags stay, and a model comes
    back with its next version. It is what `gto deprecate` and `gto deregister` do.
    """
    to = chosen_remote(project, push=push, remote=remote)
    tag = deprecate_model(project, name, version, message)
    what = f"{tag.name.model} {tag.name.version}".rstrip()
    say(f"deprecated {what}")
    sent_or_told(project, [str(tag.name)], to)
