"""`gitexp show`: one run, or one sweep, whole."""

from __future__ import annotations

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_run
from gitexp.cli.options import format_option, tell, with_reading_project
from gitexp.errors import GitexpError
from gitexp.model.marks import LOGGED_FOLDER
from gitexp.presenting.run import LOG_LINES, run_document
from gitexp.project import Project
from gitexp.registry.naming import get_run
from gitexp.store.journal import Entry, Journal, is_any_under_way
from gitexp.store.selectors import UnknownRun, find_run
from gitexp.store.stored_run import StoredRun


@click.command()
@click.argument("run", required=False, metavar="[RUN]", shell_complete=complete_run)
@click.option(
    "-f", "--follow", is_flag=True, help="Follow a run under way: its log, its curves, its end."
)
@format_option
@with_reading_project
def show(project: Project, *, run: str | None, follow: bool, format_name: str) -> None:
    """Show RUN (the latest) whole: how it ended, its values and their change, curves, log.

    The change is from the values that the baseline holds. Of a run under way it says how far that
    is; with -f RUN is the one that began last. The name of a sweep shows that: what it tries, how
    far it is, its best points, what mattered.
    """
    entry = _under_way(project, run, follow=follow)
    if entry is not None:
        _show_running(project, entry, format_name, follow=follow)
        return
    if run is not None and _show_sweep(project, run, format_name):
        return
    found = _recorded(project, run or "latest", follow=follow)
    output.show(project, run_document(project, found, tell, curves=True), format_name)


def _show_sweep(project: Project, text: str, format_name: str) -> bool:
    """Show a sweep, if the text is the whole name or id of one and of no run."""
    from gitexp.store.sweep_names import names_sweep  # noqa: PLC0415 - 2 ms, where a name is given

    if not names_sweep(project.runs, text):
        return False
    from gitexp.presenting.sweep import sweep_document  # noqa: PLC0415 - 60 ms with the one below, for sweeps
    from gitexp.sweep.definition import find_sweep  # noqa: PLC0415

    output.show(project, sweep_document(project, find_sweep(project, text)), format_name)
    return True


def _recorded(project: Project, run: str, *, follow: bool) -> StoredRun:
    """Return a run that has ended; who wants to follow one is told those that have not."""
    try:
        return get_run(project, run, lambda: _sweeps(project))
    except UnknownRun as error:
        if not follow or not is_any_under_way(project.repository):
            raise
        from gitexp.cli.under_way import running_hint  # noqa: PLC0415 - 3 ms, on the way out alone

        raise UnknownRun(str(error), hint=running_hint(project)) from error


def _sweeps(project: Project) -> list[str]:
    from gitexp.store.sweep_names import names_of_sweeps  # noqa: PLC0415 - 2 ms, on the way out alone

    return names_of_sweeps(project.runs)


def _under_way(project: Project, run: str | None, *, follow: bool) -> Entry | None:
    """Return the run that is meant, if it is one under way."""
    if run is None:
        if not follow:
            return None
        entries = [one for one in Journal(project.repository).entries() if not one.is_over]
        here = [one for one in entries if one.folder == project.folder]
        if not here:
            raise GitexpError("no run is under way here", hint="`gitexp show` shows the latest.")
        return max(here, key=lambda one: one.since)
    if not is_any_under_way(project.repository):
        return None
    from gitexp.store.running import find_running  # noqa: PLC0415 - 3 ms, where a run is under way

    entry = find_running(project.repository, project.folder, run)
    if entry is None or run in (entry.name, entry.id):
        return entry
    return entry if find_run(project.runs, run) is None else None


def _show_running(project: Project, entry: Entry, format_name: str, *, follow: bool) -> None:
    """Show a run under way, or follow it to its end."""
    if follow:
        if format_name != "text":
            raise GitexpError(
                f"`--{format_name}` and `-f` cannot be combined",
                hint=f"`gitexp show --{format_name} {entry.name}` says where the run stands.",
            )
        from gitexp.cli.following import follow as follow_run  # noqa: PLC0415 - 20 ms, for `-f` alone

        follow_run(project, entry)
        return
    from gitexp.execution.following import last_lines  # noqa: PLC0415 - 4 ms, where a run is under way
    from gitexp.rendering.running import running_show  # noqa: PLC0415 - as above
    from gitexp.series.logged import Reader  # noqa: PLC0415 - as above
    from gitexp.store.running import running  # noqa: PLC0415 - as above

    found = running(Journal(project.repository), entry)
    log = last_lines(found.log, LOG_LINES)
    series = Reader(found.scratch / LOGGED_FOLDER).read().series
    output.show(project, running_show(found, log, project.config.policy, series), format_name)
