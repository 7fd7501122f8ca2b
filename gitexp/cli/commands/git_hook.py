"""`gitexp git-hook`: what git calls as a hook, through the PATH or pre-commit."""

from __future__ import annotations

import click

from gitexp.hooks.entry import main


@click.command(hidden=True, context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def git_hook(name: str, args: tuple[str, ...]) -> int:
    """Do what a hook does; for git, and for the pre-commit framework."""

    return main(name, args)
