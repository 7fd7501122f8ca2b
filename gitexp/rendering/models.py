"""What `gitexp models` shows: versions with their stages, and what was said of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone

from msgspec import Struct, field
from msgspec.structs import asdict

from gitexp.comparison.changes import ABSENT
from gitexp.model.message import OVERRIDE_TRAILER, trailers, words_of
from gitexp.model.policy import Policy
from gitexp.model.record import parse_time, time_text
from gitexp.model.values import Value
from gitexp.rendering.facts import ago
from gitexp.rendering.table import Column, Document, Flat, Table

_METRIC, _RUN, _TIME = 1000, 900, 800
"""The rank of the first metric, and of the run and the time: what goes first if it is narrow."""


class ListedVersion(Struct, frozen=True):
    """One version of a model."""

    model: str
    version: str
    """With its `v`; empty if a commit only holds stages."""
    stages: tuple[str, ...]
    latest: bool
    run: str | None
    """The name of the run; None if the commit is not one."""
    run_id: str | None
    commit: str
    path: str | None
    """Of the model, as the run's project spells it; None if nothing says so."""
    md5: str | None
    time: str
    """When it was registered, or given its stage."""
    by: str
    message: str
    deprecated: bool
    metrics: Mapping[str, Value] = field(default_factory=dict)


class ToldEvent(Struct, frozen=True):
    """One thing that was said of a model."""

    time: str
    event: str
    model: str
    version: str | None
    stage: str | None
    run: str | None
    commit: str
    tag: str
    by: str
    message: str


def moment_text(seconds: int) -> str:
    """Return a moment as records write it.

    >>> moment_text(1767323045)
    '2026-01-02T03:04:05.000Z'
    """
    return time_text(datetime.fromtimestamp(seconds, timezone.utc))


_NO_MODELS = (
    "No models; `gitexp promote RUN NAME` makes a version, `gitexp pull` gets those of others."
)


def models_document(versions: Sequence[ListedVersion], policy: Policy, now: datetime) -> Document:
    """List versions of models in the order given, with what their runs measured."""
    names = policy.ordered(dict.fromkeys(name for one in versions for name in one.metrics))
    return Document(
        data=lambda: [asdict(one) for one in versions],
        flat=lambda: _flat(versions, names),
        tables=lambda: [_table(versions, names, now)] if versions else [],
        notes=() if versions else (_NO_MODELS,),
    )


def _flat(versions: Sequence[ListedVersion], names: Sequence[str]) -> Flat:
    fields = [name for name in ListedVersion.__struct_fields__ if name != "metrics"]
    rows = (
        [*(_cell(getattr(one, name)) for name in fields), *_values(one, names)] for one in versions
    )
    return Flat((*fields, *(f"metrics.{name}" for name in names)), rows)


def _cell(value: object) -> object:
    return " ".join(value) if isinstance(value, tuple) else ABSENT if value is None else value


def _values(one: ListedVersion, names: Iterable[str]) -> list[object]:
    return [one.metrics.get(name, ABSENT) for name in names]


def _table(versions: Sequence[ListedVersion], names: Sequence[str], now: datetime) -> Table:
    columns = (
        Column("model", "name"),
        Column("version"),
        Column("stages", "name"),
        Column("run", "name", rank=_RUN),
        Column("when", rank=_TIME),
        *(
            Column(name, "value", rank=_METRIC + at, by_its_end=True)
            for at, name in enumerate(names)
        ),
    )
    rows = [
        (
            one.model if first else "",
            f"{one.version or one.commit[:10]}{' (deprecated)' if one.deprecated else ''}",
            ", ".join(one.stages),
            one.run or one.commit[:10],
            ago(parse_time(one.time), now),
            *_values(one, names),
        )
        for one, first in _with_first(versions)
    ]
    return Table(columns, rows, header=True)


def _with_first(versions: Sequence[ListedVersion]) -> Iterator[tuple[ListedVersion, bool]]:
    before = None
    for one in versions:
        yield one, one.model != before
        before = one.model


_HISTORY = (
    Column("when"),
    Column("event"),
    Column("version"),
    Column("stage", "name"),
    Column("run", "name"),
    Column("by", "name", rank=1),
    Column("message", rank=2),
)


def history_document(events: Sequence[ToldEvent], now: datetime) -> Document:
    """List what was said of a model, the last first."""
    fields = ToldEvent.__struct_fields__
    return Document(
        data=lambda: [asdict(one) for one in events],
        flat=lambda: Flat(
            fields, ([_cell(getattr(one, name)) for name in fields] for one in events)
        ),
        tables=lambda: [Table(_HISTORY, [_told(one, now) for one in events], header=True)],
    )


def _told(one: ToldEvent, now: datetime) -> tuple[object, ...]:
    return (
        ago(parse_time(one.time), now),
        one.event,
        one.version or "",
        one.stage or "",
        one.run or one.commit[:10],
        one.by.partition(" <")[0],
        _summary(one.message),
    )


_OURS = ("Register ", "Assign ", "Deregister ", "Unassign ", "Deprecate ")
"""How the subjects begin that gitexp writes: what follows stands in other columns."""


def _summary(message: str) -> str:
    """Return in one line what a person said, and why they went past the policy."""
    subject, override = message.partition("\n")[0], trailers(message).get(OVERRIDE_TRAILER)
    said = [words_of(message), override and f"override: {override}"]
    if not any(said) or not subject.startswith(_OURS):
        said.insert(0, subject)
    return "; ".join(" ".join(part.split()) for part in said if part)
