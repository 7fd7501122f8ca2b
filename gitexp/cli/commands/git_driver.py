"""`gitexp git-driver`: what git calls to show and merge files, through the PATH."""

from __future__ import annotations

import click


@click.command(hidden=True, context_settings={"ignore_unknown_options": True})
@click.argument("args", nargs=-1, required=True, type=click.UNPROCESSED)
def git_driver(args: tuple[str, ...]) -> int:
    """Show or merge a file by its keys; for git alone."""
    from gitexp.drivers.entry import main  # noqa: PLC0415 - what it imports depends on the words

    return main(args)
