"""Following a run under way: what it prints, where it stands, and how it ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import click

from gitexp.cli.options import CLEAR, recover_runs, tell, terminal_width, wants_colour
from gitexp.execution.following import Printed
from gitexp.model.message import subject
from gitexp.model.numbers import duration_text, number_text
from gitexp.model.policy import Policy
from gitexp.model.text import harmless
from gitexp.project import Project
from gitexp.rendering.layout import clipped
from gitexp.rendering.running import left_text, step_text
from gitexp.rendering.system import usage_texts
from gitexp.store.journal import Entry, Journal
from gitexp.store.reading import StoredRun
from gitexp.store.running import LOG, Running, running

_LOOK_EVERY = 0.25
_STATUS_EVERY = 1.0
"""Seconds between two looks at what a run prints, and at where it stands."""
_FIRST_LINES = 20
_VALUES = 4


def follow(project: Project, entry: Entry) -> StoredRun | None:
    """Print what a run prints until it ends, and say how; return the run, if it was recorded."""
    journal = Journal(project.repository)
    printed = Printed(journal.scratch(entry.id) / LOG)
    printed.skip_to(_FIRST_LINES)
    status = _StatusLine()
    due = 0.0
    while _goes_on(journal, entry):
        lines = list(printed.news())
        if lines:
            status.clear()
            _print(lines)
        if time.monotonic() >= due or lines:
            due = time.monotonic() + _STATUS_EVERY
            status.show(status_text(running(journal, entry), project.config.policy, printed))
        time.sleep(_LOOK_EVERY)
    status.clear()
    _print(printed.end())
    return tell_end(project, entry)


def _goes_on(journal: Journal, entry: Entry) -> bool:
    """Return whether a run is neither recorded nor left by its processes."""
    now = next((one for one in journal.entries() if one.id == entry.id), None)
    return now is not None and not now.is_over


def tell_end(project: Project, entry: Entry) -> StoredRun | None:
    """Say how a run has ended that was under way."""
    recover_runs(project, most_bytes=None)
    project.runs.look_again()
    named = project.runs.index.named(entry.id, project=None)
    found = next((one for one in named if one.id == entry.id), None)
    if found is None:
        tell(f"note: '{entry.name}' has ended and is not recorded")
        return None
    text = subject(found.record, project.config.policy, {})
    if found.record.status == "done":
        text += f" (after {duration_text(found.record.duration)})"
    tell(text, bold=wants_colour(sys.stderr))
    return found


def _print(lines: Iterator[str] | list[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{harmless(line.expandtabs())}\n")
    sys.stdout.flush()


def status_text(one: Running, policy: Policy, printed: Printed) -> str:
    """Return where a run stands, as one line."""
    parts = [one.name, duration_text(one.since)]
    if one.state != "running":
        parts.append(one.state)
    if step := step_text(one):
        parts.append(f"step {step}")
    if left := left_text(one):
        parts.append(f"{left} left")
    names = policy.ordered(one.values)[:_VALUES]
    parts += [f"{name} {number_text(one.values[name])}" for name in names]
    parts += usage_texts(one.usage.means) if one.usage is not None and not names else ()
    if printed.unfinished.strip():
        parts.append(printed.unfinished.strip())
    return " · ".join(map(harmless, parts))


class _StatusLine:
    """The last line of a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self._is_shown = False
        self._is_wanted = sys.stderr.isatty()

    def show(self, text: str) -> None:
        if self._is_wanted:
            line = clipped(text, (terminal_width() or 80) - 1)
            click.echo(f"{CLEAR}{line}", nl=False, err=True)
            self._is_shown = True

    def clear(self) -> None:
        if self._is_shown:
            click.echo(CLEAR, nl=False, err=True)
            self._is_shown = False
