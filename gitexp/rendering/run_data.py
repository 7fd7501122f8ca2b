"""Runs as programs get them: whole as JSON, or flat as rows of one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gitexp.comparison.changes import ABSENT
from gitexp.model.command.text import command_text
from gitexp.model.record import RunRecord
from gitexp.model.values import Value
from gitexp.rendering.facts import known_facts, record_data
from gitexp.rendering.run_rows import Row, RunRow, UnreadableRun, rows_of, twice_in
from gitexp.rendering.table import Flat

_LEADING = ("oid", "id", "name", "status", "started", "ended", "duration", "command", "message")
_HELD = 5000
"""How many runs may be held in memory as rows of CSV, some 10 KB each."""


def run_data(run: RunRow) -> dict[str, object]:
    """Return a run for programs: its record, or why that cannot be read."""
    if isinstance(run, UnreadableRun):
        return {"oid": run.oid, "error": run.reason}
    return record_data(*run)


def flat_runs(runs: Sequence[RunRow]) -> Flat:
    """Read few runs once and hold them; of many, read the names first, then row by row."""
    rows: Iterable[dict[str, object]]
    if len(runs) <= _HELD:
        known = list(runs)
        rows = [_flat_row(row) for row in rows_of(known, twice_in(known))]
        names = _names(rows)
    else:
        twice, names = _names_of_many(runs)
        rows = map(_flat_row, rows_of(runs, twice))
    return Flat(tuple(names), ([row.get(name, ABSENT) for name in names] for row in rows))


def _names_of_many(runs: Sequence[RunRow]) -> tuple[set[str], list[str]]:
    """Return the names that one run has in two files, and all columns, from one reading."""
    twice: set[str] = set()
    found = dict.fromkeys(_LEADING)
    for run in runs:
        twice |= twice_in([run])
        for row in rows_of([run], ()):
            found.update(_names_in(row))
    return twice, _names(map(_flat_row, rows_of(runs, twice))) if twice else list(found)


def _names_in(row: Row) -> dict[str, None]:
    """Return the names of a row in order; the texts are not made: they take most of the time."""
    if isinstance(row.run, UnreadableRun):
        return dict.fromkeys(_flat_row(row))
    facts = (*_facts(*row.run), "command", "duration")
    metrics, params = map("metrics.".__add__, row.metrics), map("params.".__add__, row.params)
    return dict.fromkeys((*facts, *metrics, *params))


def _names(rows: Iterable[Mapping[str, object]]) -> list[str]:
    found = dict.fromkeys(_LEADING)
    for row in rows:
        found.update(dict.fromkeys(row))
    return list(found)


def _flat_row(row: Row) -> dict[str, object]:
    if isinstance(row.run, UnreadableRun):
        return {"oid": row.run.oid, "status": "unreadable", "error": row.run.reason}
    oid, record = row.run
    return {
        **_facts(oid, record),
        "command": command_text(record.command),
        "duration": record.duration,
        **{f"metrics.{name}": value for name, value in row.metrics.items()},
        **{f"params.{name}": value for name, value in row.params.items()},
    }


def _facts(oid: str, record: RunRecord) -> dict[str, Value]:
    """Return what is known of a run but its values, by flat name."""
    values = record_data(oid, record)
    del values["metrics"], values["params"]
    return known_facts(values)
