"""Options that mean the same in every command."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Concatenate, ParamSpec, TextIO, TypeVar

import click

from gitexp.cli.nested import is_recorded_elsewhere
from gitexp.errors import GitexpError, reason_of
from gitexp.model.record import Job
from gitexp.model.text import harmless_lines
from gitexp.project import Project
from gitexp.settings.config import CONFIG_NAME
from gitexp.store.journal import is_any_under_way
from gitexp.store.own import own_folder
from gitexp.store.pending import is_any_waiting
from gitexp.store.reading import CatchUp

P = ParamSpec("P")
R = TypeVar("R")

RECOVERED_WHILE_READING = 50_000_000
"""Bytes of outputs that `ls` and the like may hash for a run that was cut off."""

CLEAR = "\r\x1b[K"
"""Takes back what stands in the last line of a terminal."""
_NOTICED = 1.0
"""Seconds after which people want to know what a command is doing."""

FORMATS = ("text", "json", "csv", "md")


def with_project(command: Callable[Concatenate[Project, P], R]) -> Callable[P, R]:
    """Open the project around the directory of `-C` and pass it first."""
    return _opening(command, reads=False)


def _opening(command: Callable[Concatenate[Project, P], R], *, reads: bool) -> Callable[P, R]:
    @functools.wraps(command)
    def opened(*args: P.args, **kwargs: P.kwargs) -> R:
        directory = click.get_current_context().find_root().params["directory"]
        with Project.open(directory, CatchUp(_shown())) as project:
            recover_runs(project, most_bytes=RECOVERED_WHILE_READING)
            file_runs(project)
            with _hinting_at_remotes(project, always=reads):
                return command(project, *args, **kwargs)

    return opened


def with_reading_project(command: Callable[Concatenate[Project, P], R]) -> Callable[P, R]:
    """Open the project for a command that only reads: settings in conflict do not stop it."""

    @functools.wraps(command)
    def settled(project: Project, /, *args: P.args, **kwargs: P.kwargs) -> R:
        say_what_failed(project)
        committed = project.with_committed_settings()
        if committed is None:
            return command(project, *args, **kwargs)
        tell(f"note: {CONFIG_NAME} is in conflict, so the settings are those of HEAD")
        with committed:
            return command(committed, *args, **kwargs)

    return _opening(settled, reads=True)


@contextlib.contextmanager
def _hinting_at_remotes(project: Project, *, always: bool) -> Iterator[None]:
    """Have errors, or those about unknown runs alone, say that there are runs to pull."""
    try:
        yield
    except GitexpError as error:
        # 4 ms, on the way out alone
        from gitexp.cli.remote_runs import hint_at_remotes  # noqa: PLC0415 - as above
        from gitexp.store.selectors import UnknownRun  # noqa: PLC0415 - as above

        if always or isinstance(error, UnknownRun):
            with contextlib.suppress(GitexpError):  # settings in conflict, say
                hint_at_remotes(project, error)
        raise


def _shown() -> Callable[[int, int], None]:
    """Return what shows how many runs have been read, once that takes a second."""
    started = time.monotonic()

    def report(done: int, total: int) -> None:
        if sys.stderr.isatty() and time.monotonic() - started > _NOTICED:
            share = f"{done:,} of {total:,}" if done < total else ""
            text = f"reading runs: {share}" if share else ""
            click.echo(f"{CLEAR}{text}", nl=False, err=True)

    return report


def recover_runs(project: Project, *, most_bytes: int | None) -> None:
    """Record runs whose processes are gone; those with more to hash are left for later."""
    if is_any_under_way(project.repository) and not is_recorded_elsewhere(project, os.environ):
        from gitexp.execution.recover import recover  # noqa: PLC0415 - 100 ms, where a run is under way

        recover(project, tell, most_bytes=most_bytes)


def recover_attempts(project: Project, job: Job | None) -> None:
    """Record attempts of a job that was started again, which were killed on another machine."""
    if job is None or not job.restarts or not is_any_under_way(project.repository):
        return
    from gitexp.execution.recover import recover_unseen  # noqa: PLC0415 - 100 ms, in a job that was started again
    from gitexp.execution.start.attempts import cut_off_before  # noqa: PLC0415

    for entry in cut_off_before(project, job):
        with contextlib.suppress(GitexpError):  # what is in the way is for the run to say
            recover_unseen(project, entry.id, tell)


def file_runs(project: Project) -> None:
    """Put runs onto their branch if it could not be moved when they ended."""
    if is_any_waiting(project.repository) and not is_recorded_elsewhere(project, os.environ):
        from gitexp.execution.waiting import file_waiting  # noqa: PLC0415 - 1 ms, where a run waits

        with contextlib.suppress(GitexpError, OSError):  # what is in the way is for the command
            file_waiting(project, tell)


def follow_up(
    project: Project,
    run_id: str | None = None,
    sweep: Callable[[], Mapping[str, object]] | None = None,
) -> None:
    """Start what the user wants to follow a recorded run, or a sweep with its best run.

    Nothing of it is waited for.
    """
    if project.repository.config.keys().isdisjoint(("gitexp.push", "gitexp.notify")):
        return
    from gitexp.afterwards.begin import begin  # noqa: PLC0415 - 5 ms, where it is wanted

    try:
        begin(project, run_id, sweep() if sweep is not None else None, tell)
    except Exception as error:  # noqa: BLE001 - the run is recorded, and its exit code stands
        tell(f"warning: the run is recorded, but nothing follows it: {reason_of(error)}")


def say_what_failed(project: Project) -> None:
    """Say once what the background could not do."""
    own = own_folder(project.repository)
    if own.push_state.exists() or own.notify_state.exists():
        from gitexp.afterwards.state import Background  # noqa: PLC0415 - 2 ms, where something may have failed

        with contextlib.suppress(GitexpError, OSError):
            Background(project.repository).say(project, tell)


def forget_failure(project: Project, remote: str) -> None:
    """Have nothing said of a push in the background that failed: one by hand has not."""
    if own_folder(project.repository).push_state.exists():
        from gitexp.afterwards.state import Background  # noqa: PLC0415 - as above

        Background(project.repository).pushed_by_hand(remote)


def tell(text: str, *, bold: bool = False) -> None:
    """Print a note or warning, and go on even if nobody reads it any more."""
    shown = harmless_lines(text)
    with contextlib.suppress(OSError):
        click.echo(click.style(shown, bold=True) if bold else shown, err=True)


def say(text: str, *, err: bool = False) -> None:
    """Print lines for people, in which names may be anybody's."""
    click.echo(harmless_lines(text), err=err)


def format_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--format` and its short forms; the command gets `format_name`."""
    for name in FORMATS[:0:-1]:
        command = click.option(
            f"--{name}", "format_name", flag_value=name, help=f"Short for --format {name}."
        )(command)
    return click.option(
        "--format",
        "format_name",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="How to print the result.",
    )(command)


def terminal_width() -> int | None:
    """Return how many columns a line may have; None if stdout is not a terminal."""
    if not sys.stdout.isatty():
        return None
    from shutil import get_terminal_size  # noqa: PLC0415 - 2 ms, for its archives

    return get_terminal_size().columns


def wants_colour(stream: TextIO | None = None) -> bool:
    """Return whether text on stdout, or another stream, is to be coloured (https://no-color.org)."""
    return (stream or sys.stdout).isatty() and not os.environ.get("NO_COLOR")
