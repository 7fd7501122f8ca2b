"""`gitexp ui`: the runs in a browser."""

from __future__ import annotations

import os
import threading
import webbrowser
from pathlib import Path

import click

from gitexp.cli.destination import check_output
from gitexp.cli.options import tell, with_reading_project
from gitexp.cli.selection import limit_option, where_option
from gitexp.errors import GitexpError
from gitexp.model.durations import seconds_of
from gitexp.project import Project

_PORT = 8417
_EXPORTED = 1000


def _duration(_ctx: click.Context, _param: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    seconds = seconds_of(text)
    if seconds is None:
        raise click.BadParameter(f"'{text}' is not a duration such as 30s, 5m or 2h")
    return seconds


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=_PORT,
    show_default=True,
    help="Listen here; if it is taken, on the next free one.",
)
@click.option("--open", "in_browser", is_flag=True, help="Open the page in a browser.")
@click.option("--edit", is_flag=True, help="Let the page tag, comment and hide runs.")
@click.option(
    "--for", "seconds", metavar="DURATION", callback=_duration, help="End after this, as in 8h."
)
@click.option(
    "--export",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the pages into DIR instead.",
)
@where_option
@limit_option("With --export, write at most this many runs, the newest", _EXPORTED)
@with_reading_project
def ui(
    project: Project,
    *,
    port: int,
    in_browser: bool,
    edit: bool,
    seconds: float | None,
    folder: Path | None,
    where: str | None,
    limit: int,
) -> None:
    """Look at the runs in a browser, on a page that only this machine can open.

    It prints an address with a token, and serves until Ctrl-C. The page shows runs, one run,
    comparisons, hypotheses, sweeps, models and what is under way; it changes nothing unless
    --edit is given. With --export the same pages are files, for GitHub Pages or a colleague.

    \b
    Examples:
      gitexp ui
      gitexp ui --open --edit
      gitexp ui --export site --where "accuracy > 0.9"
    """
    _demand_libraries()
    if folder is not None:
        from gitexp.ui.export import export  # noqa: PLC0415 - 300 ms with the one below, for this alone

        check_output(project, folder)
        written = export(project, folder, where=where, limit=limit or None)
        tell(f"wrote {written:,} pages: open {folder / 'index.html'}")
        return
    if where is not None:
        raise GitexpError("`--where` goes with `--export`", hint="The page has a query of its own.")
    from gitexp.ui.server import serve  # noqa: PLC0415 - as above

    directory = project.repository.top / project.directory
    serve(
        directory,
        port,
        editing=edit,
        seconds=seconds,
        ready=lambda address, once, found: _tell_ready(
            address, port, found, for_browser=once if in_browser else None
        ),
    )


def _demand_libraries() -> None:
    try:
        import jinja2  # noqa: F401, PLC0415 - 80 ms with the others, for this command alone
        import starlette  # noqa: F401, PLC0415
        import uvicorn  # noqa: F401, PLC0415
    except ImportError as error:
        raise GitexpError(
            f"the page needs '{error.name}', which is not installed",
            hint="Install gitexp with its extra `ui`, or starlette, uvicorn and jinja2 beside it.",
        ) from error


def _tell_ready(address: str, asked: int, found: int, *, for_browser: str | None) -> None:
    """Print the address, once it can be opened, and how to get there.

    A browser gets an address that is good for one time: `ps` shows it to everybody.
    """
    if asked and asked != found:
        tell(f"note: port {asked} is taken, so this is {found}")
    click.echo(address)
    if os.environ.get("SSH_CONNECTION"):
        tell(f"hint: `ssh -L {found}:localhost:{found} HOST` on your machine, then open it there.")
    tell("Ctrl-C ends it.")
    if for_browser is not None:  # beside us: some browsers only return once they are closed
        threading.Thread(target=_open, args=(for_browser,), daemon=True).start()


def _open(address: str) -> None:
    if not webbrowser.open(address):
        tell("note: no browser was found here; open the address above in one")
