"""Runs under way, as far as they can be seen: since when, how far, and with which values."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from msgspec import MsgspecError, Struct, json
from msgspec.structs import replace

from gitexp.git.repository import Repository
from gitexp.model.headway import Ends, Headway, Moment, ends_in, headway, joined_ends
from gitexp.model.marks import LOGGED_FOLDER
from gitexp.model.system import FILE as SYSTEM
from gitexp.model.system import Row, rows_in
from gitexp.series.lines import Line, number_of
from gitexp.series.log_files import Records, format_of, log_files
from gitexp.store.journal import Entry, Journal, is_any_under_way
from gitexp.store.stopping import is_asked, is_stopping

State = Literal["running", "stopping", "recording"]

_ABOUT = "running.json"
_ENDED = "ended.json"
"""There once the command of a run has ended."""
LOG = "output.log"
_HEAD, _TAIL = 4_096, 262_144
"""How many bytes of what was logged are looked at: the last steps say where a run stands."""


class About(Struct, frozen=True):
    """What a run says of itself once its command has run for a moment."""

    command: str
    message: str = ""
    started: float = 0.0
    """Seconds since 1970, by the clock of its host."""
    ends: Ends = Ends()
    alone: bool = False
    """Whether its process has begun it itself, so that no gitexp waits for it."""


class Running(Struct, frozen=True):
    """One run under way."""

    entry: Entry
    scratch: Path
    state: State
    since: float
    """Seconds that it has been running."""
    where: str = ""
    """Where it runs, for people; empty if gitexp and its command can be seen from here."""
    command: str = ""
    """As one line; empty in its first second."""
    message: str = ""
    step: float | None = None
    """The last one that was logged."""
    values: Mapping[str, float] = {}
    """The last ones, as they were logged."""
    headway: Headway | None = None
    usage: Row | None = None
    """What it used of its machine when that was last looked at."""
    silent: float | None = None
    """Seconds since it last logged something; None if it never did."""

    @property
    def id(self) -> str:
        """Of the run, in the journal as in its record."""
        return self.entry.id

    @property
    def name(self) -> str:
        """Of the run."""
        return self.entry.name

    @property
    def log(self) -> Path:
        """What the command has printed so far."""
        return self.scratch / LOG


def write_about(scratch: Path, about: About) -> None:
    """Write down what a run says of itself, for those who look from elsewhere."""
    (scratch / _ABOUT).write_bytes(json.encode(about))


def runs_under_way(repository: Repository, project: str | None) -> list[Running]:
    """Return the runs under way of a project, or of all; the one that began last comes first.

    Where nothing is under way, this costs a look at two folders.
    """
    if not is_any_under_way(repository):
        return []
    journal = Journal(repository)
    entries = [one for one in journal.entries() if project is None or one.folder == project]
    found = [running(journal, one) for one in entries if not one.is_over]
    return sorted(found, key=lambda one: one.entry.since, reverse=True)


def find_running(repository: Repository, project: str | None, text: str) -> Entry | None:
    """Return the run under way of this name, id, or their unique start."""
    if not text or not is_any_under_way(repository):
        return None
    entries = [one for one in Journal(repository).entries() if not one.is_over]
    entries = [one for one in entries if project is None or one.folder == project]
    exact = [one for one in entries if text in (one.name, one.id)]
    begun = [one for one in entries if one.name.startswith(text) or one.id.startswith(text)]
    return next((one for one in (exact or begun)), None) if len(exact or begun) == 1 else None


def running(journal: Journal, entry: Entry) -> Running:
    """Return what can be seen of a run under way."""
    scratch = journal.scratch(entry.id)
    now = time.time()
    about = about_run(scratch)
    began = datetime.fromisoformat(entry.since).timestamp()
    found = Running(
        entry,
        scratch,
        _state(scratch),
        max(0.0, now - (about.started or began)),
        _where(entry),
        about.command,
        about.message,
        usage=_usage(scratch),
    )
    logged = _Tail(scratch / LOGGED_FOLDER)
    if logged.first is None or logged.last is None:
        return found
    ends = ends_in([logged.params, logged.values])
    ends = joined_ends(ends, about.ends)
    return replace(
        found,
        step=logged.last.step,
        values=logged.values,
        headway=headway(ends, logged.values, logged.first, logged.last, now),
        silent=max(0.0, now - logged.last.time),
    )


def _where(entry: Entry) -> str:
    if entry.owner.is_gone:
        return entry.who
    return "" if entry.owner.is_seen else f"on {entry.owner.host}"


def about_run(scratch: Path) -> About:
    """Return what a run says of itself; nothing in its first second."""
    with contextlib.suppress(OSError, MsgspecError):
        return json.decode((scratch / _ABOUT).read_bytes(), type=About)
    return About("")


def _state(scratch: Path) -> State:
    if (scratch / _ENDED).exists():
        return "recording"
    return "stopping" if is_asked(scratch) or is_stopping(scratch) else "running"


def _usage(scratch: Path) -> Row | None:
    rows = rows_in(_ends_of(scratch / SYSTEM)[1])
    return rows[-1] if rows else None


class _Tail:
    """What was logged last, by the process of the lowest rank, without a look at all of it."""

    def __init__(self, folder: Path) -> None:
        self.first: Moment | None = None
        self.last: Moment | None = None
        self.values: dict[str, float] = {}
        self.params: dict[str, Any] = {}
        for file in _of_lowest_rank(folder):
            for line in self._lines(file):
                self._take(line)

    def _lines(self, file: Path) -> Iterator[Line]:
        form = format_of(file.name)
        for part in _ends_of(file):
            records = Records(form)
            found = map(records.line, form.split(part))
            yield from (line for line in found if line is not None)

    def _take(self, line: Line) -> None:
        self.params |= line.param or {}
        if number_of(line.step) is None or line.step is None or line.time is None or not line.log:
            return
        moment = Moment(line.step, line.time)
        self.first = self.first or moment
        self.last = moment
        for name, value in _numbers(line.log):
            self.values.pop(name, None)  # what was logged last comes last
            self.values[name] = value


def _numbers(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _numbers(value, f"{prefix}{name}.")
        elif (number := number_of(value)) is not None:
            yield f"{prefix}{name}", number


def _of_lowest_rank(folder: Path) -> Iterable[Path]:
    """Return the files of the processes that log for all, in the order in which they began."""
    files = log_files(folder)
    lowest = min((rank for _, rank in files), default=0)
    return [folder / name for name, rank in files if rank == lowest]


def _ends_of(file: Path) -> tuple[bytes, bytes]:
    """Return the beginning of a file, and its end as far as that does not overlap."""
    try:
        with file.open("rb") as opened:
            head = opened.read(_HEAD)
            size = opened.seek(0, 2)
            if size <= _HEAD + _TAIL:
                opened.seek(0)
                return b"", opened.read(_HEAD + _TAIL)
            opened.seek(size - _TAIL)
            return head, opened.read(_TAIL)
    except OSError:
        return b"", b""
