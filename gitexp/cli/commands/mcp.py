"""`gitexp mcp`: the tools of an assistant."""

from __future__ import annotations

import click

from gitexp.errors import GitexpError
from gitexp.project import Project


@click.command()
@click.option("--allow-run", is_flag=True, help="Also offer `run` and `sweep`, which run commands.")
@click.pass_context
def mcp(ctx: click.Context, *, allow_run: bool) -> None:
    """Offer the runs to an assistant, as a server of the Model Context Protocol.

    It speaks over standard input and output, so an assistant starts it itself. The tools ls, show,
    diff, best, review, story and sql are the commands of these names, answer with their JSON, and
    only read; git talks to no remote meanwhile. With --allow-run there are run and sweep, too.

    \b
    Examples:
      gitexp -C PROJECT mcp
      gitexp -C PROJECT mcp --allow-run
    """
    _demand_library()
    directory = ctx.find_root().params["directory"].absolute()
    with Project.open(directory):
        pass  # what is wrong with the place is said before an assistant asks
    from gitexp.assistants.server import serve  # noqa: PLC0415 - 500 ms, for this command alone

    serve(directory, may_run=allow_run)


def _demand_library() -> None:
    try:
        import mcp  # noqa: F401, PLC0415 - 20 ms, for this command alone
    except ImportError as error:
        raise GitexpError(
            f"the server needs '{error.name}', which is not installed",
            hint="Install gitexp with its extra `mcp`, or the package mcp beside it.",
        ) from error
