"""The values of one run that expressions ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct, field

from gitexp.model.command.text import command_text
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.record import Documents, RunRecord, parse_time, time_text
from gitexp.model.values import Value, flatten, is_number

SUMMARIES = ("last", "min", "max", "count")
"""What the index has of each curve."""
Attribute: TypeAlias = str | int | float | tuple[str, ...] | None


class RunValues(Struct, frozen=True):
    """One run, flat."""

    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    """By name; what is absent may be left out. Moments are as `time_text` writes them."""
    metrics: Mapping[str, Value] = field(default_factory=dict)
    """By flat name, as `ls` heads its columns."""
    params: Mapping[str, Value] = field(default_factory=dict)
    series: Mapping[str, Value] = field(default_factory=dict)
    """What may be asked of curves, by how it is asked."""


def attributes_of(record: RunRecord) -> dict[str, Attribute]:
    """Return the attributes of a run; an empty command, message or baseline is absent."""
    started, ended = parse_time(record.started), parse_time(record.ended)
    return {
        "name": record.name,
        "id": record.id,
        "status": record.status,
        "reason": record.exit.reason,
        "tag": record.tags,
        "verified": record.verified.answer.result if record.verified is not None else None,
        "started": _as_written(record.started, started),
        "ended": _as_written(record.ended, ended),
        "duration": (ended - started).total_seconds(),
        "command": on_a_line(record.command) or None,
        "message": record.message.strip() or None,
        "hypothesis": record.hypothesis.verdict if record.hypothesis is not None else None,
        "baseline": record.baseline or None,
        "inputs": record.inputs.oid or None,
        "user": record.user,
        "host": record.host,
        "project": record.project,
        **_sweep(record),
    }


_AS_WRITTEN = lazy_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
on_a_line = lru_cache(maxsize=256)(command_text)
"""Most runs have the same command."""


def _as_written(text: str, moment: datetime) -> str:
    """Return a moment as `time_text` writes it: mostly it is written so already."""
    return text if _AS_WRITTEN.fullmatch(text) else time_text(moment)


def _sweep(record: RunRecord) -> dict[str, Attribute]:
    """Return which run of which sweep it is; a sweep goes by its id and by its name."""
    if record.sweep is None or record.point is None:
        return dict.fromkeys(("sweep", "point", "repeat"))
    names = tuple(filter(None, (record.sweep, record.point.sweep)))
    return {"sweep": names, "point": record.point.number, "repeat": record.point.repeat}


def curve_values(series: Mapping[str, Mapping[str, object]]) -> dict[str, Value]:
    """Return what may be asked of the curves of a run, by how it is asked.

    >>> curve_values({"loss": {"count": 2, "step": 1, "last": 0.5, "min": 0.5, "max": 0.9}})
    {'last(loss)': 0.5, 'min(loss)': 0.5, 'max(loss)': 0.9, 'count(loss)': 2}
    """
    found: dict[str, Value] = {}
    for key, summary in series.items():
        for name in SUMMARIES:
            value = summary.get(name)
            if is_number(value):
                found[f"{name}({key})"] = value
    return found


def flat_values(documents: Documents) -> dict[str, Value]:
    """Return the values of all files by flat name; of a name in two files, by `FILE:name`.

    >>> flat_values({"a.yaml": {"lr": 1, "seed": 2}, "b.yaml": {"lr": 3}})
    {'a.yaml:lr': 1, 'seed': 2, 'b.yaml:lr': 3}
    """
    flat = {file: flatten(values) for file, values in documents.items()}
    if len(flat) == 1:
        return next(iter(flat.values()))
    times = Counter(name for values in flat.values() for name in values)
    return {
        (f"{file}:{name}" if times[name] > 1 else name): value
        for file, values in flat.items()
        for name, value in values.items()
    }
