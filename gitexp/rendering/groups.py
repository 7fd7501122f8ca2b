"""What `gitexp ls --group` and `gitexp best` show of runs that repeat one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

from msgspec.structs import replace

from gitexp.comparison.changes import ABSENT
from gitexp.model.command.text import command_text
from gitexp.model.identical import identical
from gitexp.model.numbers import spread_text
from gitexp.model.policy import Policy
from gitexp.model.record import parse_time
from gitexp.rendering.facts import ago, known_facts, record_data
from gitexp.rendering.ls import Shown, is_shown, is_wanted
from gitexp.rendering.short_names import short_names
from gitexp.rendering.spreads import SpreadCell, sample_cells, sample_data, spread_columns
from gitexp.rendering.table import Column, Document, Flat, Table
from gitexp.review.group import Group
from gitexp.review.statistics import Comparison

_NOISE, _METRIC, _PARAM, _STARTED, _DURATION, _MESSAGE = range(1, 60_000, 10_000)
"""The rank of the first column of each kind: where the width is short, the highest goes first."""
_LEADING = ("name", "id", "oid", "n", "failed", "runs", "started", "ended", "duration", "command")

Noise: TypeAlias = "Sequence[tuple[str, Comparison] | None]"
"""For each group what it is held against, and how that came out."""

_HELD = 5000
"""How many groups may be held in memory as rows of CSV, some 10 KB each."""

_Cell: TypeAlias = Callable[[int, Group], object]


def groups_document(
    groups: Callable[[], Iterable[Group]],
    *,
    policy: Policy,
    now: datetime,
    shown: Shown,
    noise: Noise | None = None,
) -> Document:
    """List groups in the order given; `groups` reads them, each time that it is called.

    With `noise` each group is its first run to programs, with what the group is beside it.
    """
    if noise is not None:
        return replace(
            groups_document(groups, policy=policy, now=now, shown=shown),
            data=lambda: _runs_data(groups(), noise),
            flat=lambda: _flat(groups, noise),
            tables=lambda: _tables(list(groups()), policy, now, shown, noise),
        )
    return Document(
        data=lambda: map(group_data, groups()),
        flat=lambda: _flat(groups, ()),
        tables=lambda: _tables(list(groups()), policy, now, shown, ()),
        ways=("--keep", "--json"),
    )


def group_data(group: Group) -> dict[str, object]:
    """Return a group for programs."""
    record = group.record
    return {
        "name": group.name,
        "n": group.count,
        "failed": group.failed,
        "runs": [
            {"oid": one.oid, "id": one.id, "name": one.name, "status": one.status}
            for one in group.runs
        ],
        "command": list(record.command),
        "started": record.started,
        "ended": record.ended,
        "duration": group.duration,
        "message": record.message,
        "metrics": {name: sample_data(found) for name, found in group.metrics.items()},
        "params": dict(group.params),
    }


def _runs_data(groups: Iterable[Group], noise: Noise) -> Iterator[object]:
    for at, group in enumerate(groups):
        data = record_data(group.runs[0].oid, group.record)
        if len(group.runs) > 1:
            data["group"] = {**group_data(group), **_noise_data(noise, at)}
        yield data


def _noise_data(noise: Noise, at: int) -> dict[str, object]:
    found = noise[at] if at < len(noise) else None
    if found is None:
        return {}
    name, comparison = found
    return {"against": name, "p": comparison.p, "within_noise": comparison.noise}


def _tables(
    groups: Sequence[Group], policy: Policy, now: datetime, shown: Shown, noise: Noise
) -> Iterator[Table]:
    if not groups:
        return
    found = [
        (replace(column, rank=0) if is_wanted(column.name, shown) else column, cell)
        for column, cell in _columns(groups, policy, now, shown, noise)
        if is_shown(column.name, shown, is_key=column.is_key)
    ]
    beside = (f"{shown.first} {what}" for what in ("min", "max", "n"))
    order: dict[str | None, int] = {"name": 0, shown.first: 1, "noise": 2}
    order.update(dict.fromkeys((*beside, *shown.beside), 1))
    found.sort(key=lambda pair: order.get(pair[0].name, len(order)))
    names = [column.name for column, _ in found]
    heads = zip((column for column, _ in found), short_names(names), strict=True)
    yield Table(
        tuple(
            column if column.head is not None else replace(column, head=head)
            for column, head in heads
        ),
        [[cell(at, group) for _, cell in found] for at, group in enumerate(groups)],
        header=True,
    )


def _columns(
    groups: Sequence[Group], policy: Policy, now: datetime, shown: Shown, noise: Noise
) -> Iterator[tuple[Column, _Cell]]:
    yield Column("name", "name", is_key=True), lambda _, group: group.name
    yield Column("n", "value", is_key=True), lambda _, group: group.count
    if any(group.failed for group in groups):
        yield Column("not counted", "mark", is_key=True), lambda _, group: _failed(group)
    yield Column("started", rank=_STARTED), lambda _, group: _started(group, now)
    yield Column("duration", "duration", rank=_DURATION), lambda _, group: group.duration
    if any(one is not None and one[1].noise for one in noise):
        yield Column("noise", "mark", "", rank=_NOISE), lambda at, _: _noise(noise, at)
    samples = [(group.count, group.metrics) for group in groups]
    for column, spread in spread_columns(samples, policy, _METRIC, reach=not noise):
        yield column, _of_metrics(spread)
    for at, name in enumerate(_params(groups, shown)):
        yield Column(name, "value", rank=_PARAM + at, limit=20), _param(name)
    if any(group.record.message.strip() for group in groups):
        column = Column("message", rank=_MESSAGE, limit=40, shortest=16)
        yield column, lambda _, group: next(iter(group.record.message.strip().splitlines()), "")


def _of_metrics(spread: SpreadCell) -> _Cell:
    return lambda _, group: spread(group.metrics)


def _param(name: str) -> _Cell:
    return lambda _, group: group.params.get(name, ABSENT)


def _params(groups: Sequence[Group], shown: Shown) -> Iterator[str]:
    for name in dict.fromkeys(name for group in groups for name in group.params):
        values = [group.params.get(name, ABSENT) for group in groups]
        if isinstance(values[0], list | dict) and not is_wanted(name, shown):
            continue
        varies = not all(identical(values[0], value) for value in values)
        if varies or shown.all_columns or is_wanted(name, shown):
            yield name


def _failed(group: Group) -> str:
    """Say how many runs do not count, and why."""
    words = Counter(one.status for one in group.runs if one.status != "done")
    return ", ".join(f"{count} {status}" for status, count in words.items())


def _started(group: Group, now: datetime) -> object:
    return ago(parse_time(group.record.started), now)


def _noise(noise: Noise, at: int) -> str:
    found = noise[at] if at < len(noise) else None
    return f"(within noise of {found[0]})" if found is not None and found[1].noise else ""


def _flat(groups: Callable[[], Iterable[Group]], noise: Noise) -> Flat:
    """Hold the rows of few groups; many are read twice, once for the names of the columns."""
    names = dict.fromkeys(_LEADING)
    held: list[dict[str, object]] = []
    for row in _flat_rows(groups, noise):
        names.update(dict.fromkeys(row))
        held += [row] if len(held) <= _HELD else []
    rows = iter(held) if len(held) <= _HELD else _flat_rows(groups, noise)
    return Flat(tuple(names), ([row.get(name, ABSENT) for name in names] for row in rows))


def _flat_rows(groups: Callable[[], Iterable[Group]], noise: Noise) -> Iterator[dict[str, object]]:
    for at, group in enumerate(groups()):
        yield _flat_row(group, noise, at)


def _flat_row(group: Group, noise: Noise, at: int) -> dict[str, object]:
    record = group.record
    row: dict[str, object] = {
        **known_facts(
            {
                "name": group.name,
                "id": record.id,
                "oid": group.runs[0].oid,
                "n": group.count,
                "failed": group.failed,
                "runs": " ".join(one.name for one in group.runs),
                "started": record.started,
                "ended": record.ended,
                "duration": group.duration,
                "command": command_text(record.command),
                "message": record.message,
            }
        )
    }
    for name, found in group.metrics.items():
        row |= sample_cells(name, found)
    row |= {f"params.{name}": value for name, value in group.params.items()}
    return row | _noise_data(noise, at)


def group_line(group: Group, metrics: Iterable[str]) -> str:
    """Return a group on a line: its name, means and deviations, and how many there are."""
    if not group.count:
        return f"{group.name}: no repeat ended well ({_failed(group)})"
    found = [
        f"{name} {spread_text(group.metrics[name].mean, group.metrics[name].deviation)}"
        for name in metrics
        if name in group.metrics
    ]
    lost = f", {_failed(group)}" if group.failed else ""
    return f"{group.name}: {', '.join(found) or 'no metrics'} (n = {group.count}{lost})"
