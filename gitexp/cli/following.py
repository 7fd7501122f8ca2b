"""Following a run under way: what it prints, where it stands, and how it ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping

from gitexp.cli.live_part import LivePart
from gitexp.cli.options import recover_runs, tell, wants_colour
from gitexp.execution.following import Printed
from gitexp.model.marks import LOGGED_FOLDER
from gitexp.model.message import subject
from gitexp.model.numbers import duration_text, number_text
from gitexp.model.policy import Policy
from gitexp.model.text import harmless
from gitexp.project import Project
from gitexp.rendering.curves import curve_lines, shown_keys
from gitexp.rendering.running import left_text, step_text
from gitexp.rendering.system import usage_texts
from gitexp.series.logged import Logged, Reader
from gitexp.store.journal import Entry, Journal
from gitexp.store.running import LOG, Running, running
from gitexp.store.stored_run import StoredRun

_LOOK_EVERY = 0.25
_STATUS_EVERY = 1.0
"""Seconds between two looks at what a run prints, and at where it stands."""
_VALUES_EVERY = 10.0
"""Seconds between two lines of values, where there is no terminal."""
_FIRST_LINES = 20
_VALUES = 4


def follow(project: Project, entry: Entry) -> StoredRun | None:
    """Print what a run prints until it ends, and say how; return the run, if it was recorded."""
    journal = Journal(project.repository)
    scratch = journal.scratch(entry.id)
    printed, curves = Printed(scratch / LOG), Reader(scratch / LOGGED_FOLDER)
    printed.skip_to(_FIRST_LINES)
    live, values = LivePart(), _ValueLines(entry.name, project.config.policy)
    is_plain = not (live.is_wanted and sys.stdout.isatty())
    logged = Logged()
    due = 0.0
    while _goes_on(journal, entry):
        lines = list(printed.news())
        if lines:
            live.clear()
            _print(lines)
        if time.monotonic() >= due or lines:
            due = time.monotonic() + _STATUS_EVERY
            found, logged = running(journal, entry), curves.read()
            if is_plain:
                live.clear()
                values.show(found)
            live.show(_live_lines(found, project.config.policy, printed, logged, live))
        time.sleep(_LOOK_EVERY)
    live.clear()
    _print(printed.end())
    if is_plain:
        values.end(curves.read())
    return tell_end(project, entry)


def _live_lines(
    one: Running, policy: Policy, printed: Printed, logged: Logged, live: LivePart
) -> list[str]:
    """Return where a run stands, and below it a line for each of its curves."""
    lines = curve_lines(logged.series, policy, live.width, live.room - 1)
    return [status_text(one, policy, printed, values=not lines), *map(harmless, lines)]


class _ValueLines:
    """What was logged last, as a line now and then, where there is no terminal."""

    def __init__(self, name: str, policy: Policy) -> None:
        self._name, self._policy = name, policy
        self._said: Mapping[str, float] = {}
        self._due = 0.0

    def show(self, one: Running) -> None:
        """Print the values, unless that was done a moment ago or there are no new ones."""
        if time.monotonic() >= self._due and one.values:
            self._print(one.step, one.values)

    def end(self, logged: Logged) -> None:
        """Print the last values, if that has not been done."""
        keys = shown_keys(logged.series, self._policy)
        self._print(logged.last_step, {key: logged.series[key].last for key in keys})

    def _print(self, step: float | None, values: Mapping[str, float]) -> None:
        if not values or dict(values) == dict(self._said):
            return
        self._due = time.monotonic() + _VALUES_EVERY
        self._said = values
        at = "" if step is None else f" at step {number_text(step)}"
        texts = (f"{name} {number_text(values[name])}" for name in self._policy.ordered(values))
        _print([f"{self._name}{at}: {', '.join(texts)}"])


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


def status_text(one: Running, policy: Policy, printed: Printed, *, values: bool = True) -> str:
    """Return where a run stands, as one line, with its values unless they stand below it."""
    parts = [one.name, duration_text(one.since)]
    if one.state != "running":
        parts.append(one.state)
    if step := step_text(one):
        parts.append(f"step {step}")
    if left := left_text(one):
        parts.append(f"{left} left")
    names = policy.ordered(one.values)[:_VALUES] if values else []
    parts += [f"{name} {number_text(one.values[name])}" for name in names]
    parts += usage_texts(one.usage.means) if one.usage is not None and not one.values else ()
    if printed.unfinished.strip():
        parts.append(printed.unfinished.strip())
    return " · ".join(map(harmless, parts))
