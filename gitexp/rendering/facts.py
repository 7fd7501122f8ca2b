"""What is said about a run besides its values: how it ended, when, and its record as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from msgspec import to_builtins
from msgspec.structs import asdict

from gitexp.model.hypothesis import Hypothesis
from gitexp.model.record import RunRecord
from gitexp.model.record_json import FORMAT_VERSION
from gitexp.model.values import Value, Values, flatten
from gitexp.model.verification import verified_data
from gitexp.rendering.table import Dated

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_RECENT = timedelta(days=30)


def status_text(record: RunRecord) -> str:
    """Return how a run ended, in a word or two."""
    if record.exit.reason == "timeout":
        return "timed out"
    if record.exit.reason in ("lost", "pruned", "stopped"):
        return record.exit.reason
    if record.status != "failed":
        return record.status
    code = record.exit.signal if record.exit.code is None else record.exit.code
    return record.status if code is None else f"failed ({code})"


def ago_text(moment: datetime, now: datetime) -> str:
    """Return how long ago a moment was; its date if that is a month or in the future.

    >>> from datetime import datetime, timezone
    >>> then = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    >>> ago_text(then, then + timedelta(hours=5)), ago_text(then, then + timedelta(days=40))
    ('5 h ago', '2026-01-02')
    """
    past = now - moment
    if not timedelta(0) <= past < _RECENT:
        return moment.date().isoformat()
    seconds = int(past.total_seconds())
    if seconds < _MINUTE:
        return f"{seconds} s ago"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min ago"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h ago"
    days = seconds // _DAY
    return f"{days} day{'s' if days > 1 else ''} ago"


def ago(moment: datetime, now: datetime) -> Dated:
    """Return a moment for a cell: how long ago it was, in documents its date and time in UTC."""
    return Dated(ago_text(moment, now), f"{moment:%Y-%m-%d %H:%M} UTC")


def reference_texts(hypothesis: Hypothesis) -> list[str]:
    """Return what each thing that was compared with had, in words, and which run it stood for."""
    return [
        f"{name} had {', '.join(f'{_bare(key)} {value}' for key, value in one.values.items())}"
        + (f", from run {one.name}" if one.name and one.name != name else "")
        for name, one in hypothesis.against.items()
        if one.values
    ]


def _bare(key: str) -> str:
    return key.removeprefix("metrics.")


def record_data(oid: str, record: RunRecord) -> dict[str, object]:
    """Return a record's JSON value with the oid of its commit.

    The same as what `to_json` writes, without the copies: a thousand runs are listed at once.
    """
    fields = asdict(record)
    extra, verified = fields.pop("extra"), fields.pop("verified")
    hypothesis = fields.pop("hypothesis")
    del fields["evaluations"]
    seldom = {
        "series": {key: dict(one) for key, one in record.series.items()},
        "figures": dict(record.figures),
        "artifacts": list(record.artifacts),
        "system": {name: asdict(one) for name, one in record.system.items()},
        "point": record.point and asdict(record.point),
        "machine": record.machine and asdict(record.machine),
        "read": dict(record.read),
        "job": record.job and asdict(record.job),
        "notes": list(record.notes),
    }
    for name in seldom:
        del fields[name]
    return {
        "oid": oid,
        "version": FORMAT_VERSION,
        **fields,
        "exit": asdict(record.exit),
        "inputs": asdict(record.inputs),
        "resources": asdict(record.resources),
        "pointers": [asdict(pointer) for pointer in record.pointers],
        **{name: value for name, value in seldom.items() if value},
        "comments": [asdict(comment) for comment in record.comments],
        **({"verified": verified_data(verified)} if verified is not None else {}),
        **_evaluations(record),
        **({"hypothesis": to_builtins(hypothesis)} if hypothesis is not None else {}),
        **extra,
    }


def _evaluations(record: RunRecord) -> dict[str, object]:
    """Return the evaluations of a run, if there are some: most have none."""
    return {"evaluations": to_builtins(record.evaluations)} if record.evaluations else {}


def known_facts(data: Mapping[str, object]) -> dict[str, Value]:
    """Return the facts of a record's JSON value by flat name, without absent ones."""
    flat = flatten(cast("Values", data))
    return {name: value for name, value in flat.items() if value is not None}
