"""`gitexp stop`: runs under way, and sweeps, ended gently."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from pathlib import Path

import click

from gitexp.cli.completion import complete_running
from gitexp.cli.following import tell_end
from gitexp.cli.options import tell, with_project
from gitexp.cli.under_way import running_hint
from gitexp.errors import ExitCode, GitexpError
from gitexp.execution.stop import runs_of_sweep, stop_run, stop_sweep
from gitexp.project import Project
from gitexp.store.frozen import KeptSweep, kept_sweeps, note_over
from gitexp.store.journal import Entry, Journal
from gitexp.store.running import about_run, find_running
from gitexp.store.selectors import find_run, unknown
from gitexp.store.stopping import Signal, is_asked

_LOOK_EVERY = 0.2
_PATIENCE = 10.0
"""Seconds after which it is said that a run has not heeded, or goes on all the same."""


@click.command()
@click.argument("runs", nargs=-1, metavar="RUN|SWEEP...", shell_complete=complete_running)
@click.option("--term", is_flag=True, help="Send SIGTERM, for what takes no notice of SIGINT.")
@click.option("--kill", is_flag=True, help="Send SIGKILL, which nothing can refuse.")
@click.option(
    "--for-good", is_flag=True, help="Of a sweep: count it as over, whatever is left of it."
)
@click.option("--no-wait", is_flag=True, help="Ask, and do not wait for the end.")
@with_project
def stop(
    project: Project,
    *,
    runs: tuple[str, ...],
    term: bool,
    kill: bool,
    for_good: bool,
    no_wait: bool,
) -> ExitCode:
    """End runs under way, as a Ctrl-C would; they are recorded as interrupted (stopped).

    Works from any terminal, work tree and host that shares the repository: the run's own gitexp
    looks once a second whether it is asked. A point of a sweep that is stopped is not run again,
    and the sweep goes on; the name of the sweep stops all of it, to be gone on with later. With
    --for-good nothing reminds you of it any more, and `gitexp gc` frees what it was run on.

    \b
    Examples:
      gitexp stop brave-otter-7f
      gitexp stop lr-scan-3
      gitexp stop lr-scan
      gitexp stop --for-good lr-scan
    """
    if term and kill:
        raise GitexpError("`--term` and `--kill` are two signals", hint="Give one of them.")
    name: Signal = "SIGKILL" if kill else "SIGTERM" if term else "SIGINT"
    found = _found(project, runs)
    if for_good:
        _check_sweeps(found)
    for one in found:
        _ask(project, one, name, for_good=for_good)
    if not no_wait:
        for one in found:
            _await(project, one)
    for one in found:
        if isinstance(one, KeptSweep):
            _conclude(project, one, for_good=for_good, no_wait=no_wait)
    return ExitCode.OK


def _found(project: Project, texts: Sequence[str]) -> list[Entry | KeptSweep]:
    if not texts:
        raise GitexpError("name what is to be stopped", hint=running_hint(project))
    return [_find(project, text) for text in dict.fromkeys(texts)]


def _check_sweeps(found: Sequence[Entry | KeptSweep]) -> None:
    for one in found:
        if isinstance(one, Entry):
            raise GitexpError(
                f"'{one.name}' is a run, and ends for good as it is", "Leave out `--for-good`."
            )


def _conclude(project: Project, sweep: KeptSweep, *, for_good: bool, no_wait: bool) -> None:
    """Say what came of a sweep, and note that it is over if it is not to be gone on with."""
    name = shlex.quote(sweep.name)
    if for_good:
        note_over(project.repository, sweep.id, is_over=True)
        tell(f"sweep '{sweep.name}' is over; `gitexp gc` frees what it was run on")
    elif not no_wait:
        tell(f"stopped sweep '{sweep.name}'; `gitexp sweep --resume {name}` goes on with it")


def _find(project: Project, text: str) -> Entry | KeptSweep:
    """Return the run or the sweep of a name; raise GitexpError if none is under way."""
    exact = find_running(project.repository, project.folder, text)
    if exact is not None and text in (exact.name, exact.id):
        return exact
    sweeps = [one for one in kept_sweeps(project.repository) if text in (one.name, one.id)]
    if sweeps and not sweeps[0].is_over:
        return sweeps[0]
    if exact is not None:
        return exact
    if sweeps:  # whose runs have names that begin like this
        raise GitexpError(f"sweep '{sweeps[0].name}' is not running: it is over")
    ended = find_run(project.runs, text)
    if ended is not None:
        raise GitexpError(
            f"run '{ended.name}' is not running: it is recorded already",
            hint=running_hint(project),
        )
    error = unknown(project.runs, text, "run")
    raise GitexpError(f"no run '{text}' is under way", hint=running_hint(project)) from error


def _ask(project: Project, one: Entry | KeptSweep, name: Signal, *, for_good: bool) -> None:
    if isinstance(one, KeptSweep):
        if for_good:  # before it ends: then it says what is next
            note_over(project.repository, one.id, is_over=True)
        stop_sweep(project, one.id, name)
        return
    stop_run(project, one, name)
    if one.claim is not None:
        tell(
            f"note: the sweep goes on without '{one.name}', which is not run again; "
            f"`gitexp stop {_sweep_name(project, one.claim.sweep)}` stops the sweep"
        )


def _sweep_name(project: Project, sweep_id: str) -> str:
    found = (one.name for one in kept_sweeps(project.repository) if one.id == sweep_id)
    return next(found, sweep_id)


def _await(project: Project, one: Entry | KeptSweep) -> None:
    """Wait for the end, and say what came of it."""
    if isinstance(one, Entry):
        _await_run(project, one)
        tell_end(project, one)
        return
    for entry in runs_of_sweep(project, one.id):
        _await_run(project, entry)
        tell_end(project, entry)


def _await_run(project: Project, entry: Entry) -> None:
    journal = Journal(project.repository)
    scratch = journal.scratch(entry.id)
    due: float | None = time.monotonic() + _PATIENCE
    while _goes_on(journal, entry):
        if due is not None and time.monotonic() > due:
            due = None
            tell(f"note: {_unheeded(entry, scratch)}; this goes on waiting")
        time.sleep(_LOOK_EVERY)


def _goes_on(journal: Journal, entry: Entry) -> bool:
    now = next((one for one in journal.entries() if one.id == entry.id), None)
    return now is not None and not now.is_over


def _unheeded(entry: Entry, scratch: Path) -> str:
    """Say why a run may not have heeded, or goes on all the same."""
    if about_run(scratch).alone:
        return (
            f"'{entry.name}' was sent the signal and goes on; a notebook that is idle takes no "
            "notice, and ends its run with `run.finish()`"
        )
    if not is_asked(scratch):
        return (
            f"'{entry.name}' was sent the signal and goes on, perhaps to save what it has "
            f"(`gitexp stop --term {entry.name}` is less patient)"
        )
    if not entry.owner.is_seen:
        return (
            f"'{entry.name}' runs on {entry.owner.host}, where its process cannot be seen from "
            "here, and has not answered so far (if that host is gone, "
            f"`gitexp doctor --recover {entry.id}` records the run)"
        )
    if entry.claim is not None and entry.child is None:
        return f"'{entry.name}' is made by an engine, which ends runs only with the sweep"
    return f"'{entry.name}' has not answered so far"
