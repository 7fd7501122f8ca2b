"""`gitexp git-driver`: what git calls to show and merge files, through the PATH."""

from __future__ import annotations

import click

from gitexp.drivers.entry import main


@click.command(hidden=True, context_settings={"ignore_unknown_options": True})
@click.argument("args", nargs=-1, required=True, type=click.UNPROCESSED)
def git_driver(args: tuple[str, ...]) -> int:
    """Show or merge a file by its keys; for git alone."""

    return main(args)
