"""What is told of a run: a few facts as JSON, without secrets, and a line of text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from gitexp.afterwards.wishes import Event
from gitexp.execution.secrets.finding import mask_secrets
from gitexp.model.message import numbers_by_name
from gitexp.model.numbers import duration_text, number_text
from gitexp.model.record import RunRecord

_MARKUP = re.compile(r"[^\w .,:;/=+()%-]")
"""What a chat may take for a mention, a link or a format."""
_MOST_METRICS = 100


class Improved(Struct, frozen=True):
    """A metric in which a run is better than all others, repeats by their means."""

    metric: str
    value: float
    before: float
    """The best value of the other runs."""
    run: str
    """The name of the run that has it."""
    count: int = 1
    """Of how many runs the value is the mean."""


def events_of(record: RunRecord | None, improved: Sequence[Improved]) -> list[Event]:
    """Return what has happened with a run; nothing is known of one without a record."""
    failed = record is not None and record.status != "done"
    happened: list[tuple[Event, bool]] = [("end", True), ("fail", failed), ("best", bool(improved))]
    return [event for event, is_so in happened if is_so]


def run_message(record: RunRecord, commit: str, improved: Sequence[Improved]) -> dict[str, Any]:
    """Return what is told of a run."""
    metrics = dict([*numbers_by_name(record.metrics).items()][:_MOST_METRICS])
    told = {
        "version": 1,
        "events": events_of(record, improved),
        "run": {
            "id": record.id,
            "name": record.name,
            "commit": commit,
            "project": record.project,
            "status": record.status,
            "exit_code": record.exit.code,
            "signal": record.exit.signal,
            "reason": record.exit.reason,
            "started": record.started,
            "ended": record.ended,
            "duration": record.duration,
        },
        "metrics": metrics,
        "improved": [
            {
                "metric": one.metric,
                "value": one.value,
                "n": one.count,
                "before": one.before,
                "run": one.run,
            }
            for one in improved
        ],
        "text": _text(record, improved),
    }
    return _masked_fields(told)


def sweep_message(sweep: Mapping[str, Any], best: dict[str, Any] | None) -> dict[str, Any]:
    """Return what is told of a sweep: how its runs ended, and of its best one what a run tells."""
    counts = ", ".join(f"{count} {how}" for how, count in sweep["runs"].items() if count)
    improved = best["improved"] if best is not None else []
    failed = sweep["exit_code"] != 0
    events = [("end", True), ("fail", failed), ("best", bool(improved))]
    text = _MARKUP.sub("_", f"sweep {sweep['name']}: {counts or 'no runs'}")
    told = {
        "version": 1,
        "events": [event for event, is_so in events if is_so],
        "sweep": sweep,
        "best": best,
        "text": f"{text}; best {best['text']}" if best is not None else text,
    }
    return _masked_fields(told)


def _masked_fields(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: masked(value) for key, value in told.items()}


def _text(record: RunRecord, improved: Sequence[Improved]) -> str:
    took = duration_text(record.duration)
    how = f"done in {took}" if record.status == "done" else f"{record.status} after {took}"
    if record.status == "failed" and record.exit.code is not None:
        how = f"failed with exit code {record.exit.code} after {took}"
    better = [
        f"best {one.metric} {number_text(one.value)}"
        f" ({f'mean of {one.count}; ' if one.count > 1 else ''}{number_text(one.before)} before)"
        for one in improved
    ]
    return _MARKUP.sub("_", f"{record.name}: {'; '.join((how, *better))}")


def masked(value: Any) -> Any:
    """Return a value of JSON in which each secret is `***`, in keys as well.

    >>> masked({"a": ["ghp_" + "x" * 36, 0.5]})
    {'a': ['***', 0.5]}
    """
    if isinstance(value, str):
        content, _ = mask_secrets(value.encode("utf-8", "replace"))
        return content.decode()
    if isinstance(value, Mapping):
        return {masked(key): masked(one) for key, one in value.items()}
    if isinstance(value, float) and not math.isfinite(value):  # which JSON does not have
        return None
    return [masked(one) for one in value] if isinstance(value, list | tuple) else value
