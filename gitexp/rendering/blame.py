"""What `gitexp blame` shows."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from gitexp.comparison.changes import ABSENT
from gitexp.model.numbers import counted
from gitexp.model.record import parse_time
from gitexp.rendering.facts import ago
from gitexp.rendering.table import BLANK, Column, Document, Flat, Table

if TYPE_CHECKING:
    from gitexp.tracing.report import Line, Report

_FLAT = (
    *("file", "metric", "value", "old", "new", "change", "drift", "was"),
    *("commit", "author", "date", "subject", "run_id", "run", "request", "cut_off"),
)
_OID = 10
NOT_COMMITTED = "not committed yet"


def blame_document(found: Report, *, now: datetime) -> Document:
    """Show a line for each value, by file; times are as of `now`."""
    return Document(
        data=lambda: {
            "rev": found.label,
            "metrics": [dict(zip(_FLAT, _facts(line, None), strict=True)) for line in found.lines],
            "unread": dict(found.unread),
        },
        flat=lambda: Flat(_FLAT, [_facts(line, ABSENT) for line in found.lines]),
        tables=lambda: list(_tables(found, now)),
        notes=tuple(_notes(found)),
    )


def _tables(found: Report, now: datetime) -> Iterator[Table]:
    columns = _columns(found)
    for file, lines in groupby(found.lines, key=lambda line: line.blamed.file):
        rows = [_row(line, now, columns) for line in lines]
        yield Table(columns, rows, title=file, header=True)


def _columns(found: Report) -> tuple[Column, ...]:
    lines = found.lines
    optional = (
        (Column("now", "value", rank=4), any(line.blamed.drift for line in lines)),
        (Column("was", "name", rank=5), any(line.was for line in lines)),
    )
    known = (
        (Column("run", "name", rank=2, shortest=12), any(line.run for line in lines)),
        (
            Column("pull request", "name", head="PR", rank=1),
            any(line.commit and line.commit.request for line in lines),
        ),
    )
    return (
        Column("metric", "name", limit=40, shortest=12, by_its_end=True),
        Column("old", "value"),
        Column("new", "value", joined="→"),
        Column("change", "delta"),
        *(column for column, wanted in optional if wanted),
        Column("commit", head="commit"),
        Column("date", rank=3),
        *(column for column, wanted in known if wanted),
        Column("subject", "name", rank=6, limit=50, shortest=16),
    )


def _row(line: Line, now: datetime, columns: Sequence[Column]) -> tuple[object, ...]:
    blamed, commit = line.blamed, line.commit
    mark = "^" if blamed.cut_off else ""
    cells: dict[str, object] = {
        "metric": blamed.name,
        "old": blamed.old,
        "new": blamed.new,
        "change": BLANK if blamed.moved is None else blamed.moved,
        "now": blamed.value if blamed.drift else BLANK,
        "was": line.was,
        "commit": f"{mark}{commit.oid[:_OID]}" if commit else "",
        "date": ago(parse_time(commit.date), now) if commit else "",
        "run": line.run.name if line.run else "",
        "pull request": commit.request if commit else "",
        "subject": commit.subject if commit else NOT_COMMITTED,
    }
    return tuple(cells[column.name] for column in columns)


def _notes(found: Report) -> Iterator[str]:
    if any(line.blamed.drift for line in found.lines):
        yield "now: what it has become since, a little at a time, each within its tolerance"
    if any(line.blamed.cut_off for line in found.lines):
        yield "^: older commits are not here; `git fetch --unshallow` gets them"
    if found.unread:
        place, why = next(iter(found.unread.items()))
        more = len(found.unread) - 1
        rest = f", and {counted(more, 'other version')}" if more else ""
        yield f"counted as empty: {place[:_OID]}{place[place.find(':') :]} ({why}){rest}"
    moved = next((line.blamed.name for line in found.lines if _is_moved(line)), None)
    if moved is not None:
        yield (
            "These commits brought the numbers."
            f" `gitexp bisect {shlex.quote(moved)}` finds the one that moved what they measure."
        )


def _is_moved(line: Line) -> bool:
    """Return whether a commit moved a number, and not a first one that came with it."""
    return line.commit is not None and line.blamed.moved is not None


def _facts(line: Line, none: object) -> tuple[object, ...]:
    blamed, commit, run = line.blamed, line.commit, line.run
    return (
        *(blamed.file, blamed.name, blamed.value),
        *(none if one is None or one is ABSENT else one for one in (blamed.old,)),
        blamed.new,
        *(none if one is None else one for one in (blamed.moved, blamed.drift)),
        line.was or none,
        *((commit.oid, commit.author, commit.date, commit.subject) if commit else (none,) * 4),
        *((run.id, run.name) if run else (none, none)),
        (commit.request if commit else "") or none,
        blamed.cut_off,
    )
