"""`gitexp ls --group-by` and `--pivot`: what the index knows of runs that share values."""

from __future__ import annotations

from collections.abc import Sequence

from gitexp.cli.arrangement import Arrangement
from gitexp.comparison.query.expression import Column
from gitexp.comparison.ranking import Direction, natural_direction, ranked
from gitexp.errors import GitexpError
from gitexp.model.policy import Policy
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.rendering.by_value import ValueGroup, by_value_document
from gitexp.rendering.ls import Shown, is_shown
from gitexp.rendering.pivot import Pivot, Spot, pivot_document
from gitexp.rendering.table import Document
from gitexp.review.statistics import sample
from gitexp.store.index.answers import ids_in
from gitexp.store.index.grouped import ByValue, grouped, metric_names
from gitexp.store.index.selection import Selection
from gitexp.store.wanted import any_column, metric_column

_MOST_COLUMNS = 500
"""How many columns a pivot may have: more are read by nobody."""


def grouped_document(
    project: Project, wanted: Selection, arrangement: Arrangement, shown: Shown
) -> tuple[Document, int]:
    """Return a row for each group of runs that share values, and how many rows are left out."""
    everywhere = wanted.project is None
    keys = [any_column(project.runs, one, everywhere=everywhere) for one in arrangement.by]
    names = _names(keys)
    found = project.runs.index.answer(
        lambda connection: grouped(
            connection,
            wanted,
            keys,
            metric_names(connection, wanted.project, lambda name: is_shown(name, shown)),
            ids_in(connection, wanted.project),
        )
    )
    groups = _in_order([_group(one) for one in found], keys, wanted)
    few = groups[: wanted.limit]
    document = by_value_document(few, names, policy=project.config.policy, shown=shown)
    return document, len(groups) - len(few)


def _group(found: ByValue) -> ValueGroup:
    metrics = {
        name.removeprefix("metrics."): sample(values) for name, values in found.numbers.items()
    }
    return ValueGroup(found.key, found.count, found.failed, metrics)


def _names(columns: Sequence[Column]) -> list[str]:
    """Return what columns are called: in full where two have one name."""
    plain = [one.name for one in columns]
    return plain if len({*plain}) == len(plain) else list(map(str, columns))


def _in_order(
    groups: list[ValueGroup], keys: Sequence[Column], wanted: Selection
) -> list[ValueGroup]:
    """Sort groups by what they share, the first value first, or by what was asked for."""
    for at in range(len(keys) - 1, -1, -1):
        groups = ranked(groups, lambda one, at=at: one.key[at])  # type: ignore[misc]  # mypy infers no default
    if wanted.sort is None:
        return groups
    column = wanted.sort.column
    direction: Direction = "desc" if wanted.sort.descending else "asc"
    if column in keys:
        at = keys.index(column)
        return ranked(groups, lambda one: one.key[at], direction)
    if column.kind != "metrics":
        raise GitexpError(
            f"groups have no '{column.name}' to be sorted by",
            hint="Sort by a metric, or by what `--group-by` names.",
        )
    return ranked(groups, lambda one: _mean(one, column.name), direction)


def _mean(group: ValueGroup, name: str) -> Value:
    return group.metrics[name].mean if name in group.metrics else None


def pivoted_document(project: Project, wanted: Selection, arrangement: Arrangement) -> Document:
    """Return one value of the runs by two others."""
    assert arrangement.pivot is not None
    everywhere = wanted.project is None
    rows, columns = (
        any_column(project.runs, one, everywhere=everywhere) for one in arrangement.pivot[:2]
    )
    named = arrangement.pivot[2]  # what has no prefix is that of a metric
    value = (
        any_column(project.runs, named, everywhere=True)
        if everywhere
        else metric_column(project.runs, named)
    )
    found = project.runs.index.answer(
        lambda connection: grouped(
            connection, wanted, [rows, columns], [value], ids_in(connection, wanted.project)
        )
    )
    joined, direction = arrangement.joined or "mean", _direction(project, value)
    if joined == "best" and direction is None:
        raise GitexpError(
            f"nothing says whether a high or a low '{value.name}' is better",
            hint="Give `--agg max` or `--agg min`, or set a goal under `policy:` in gitexp.yaml.",
        )
    spots = [
        Spot(one.key[0], one.key[1], sample(one.numbers[str(value)]))
        for one in found
        if str(value) in one.numbers
    ]
    if len({repr(one.column) for one in spots}) > _MOST_COLUMNS:
        raise GitexpError(
            f"'{columns.name}' has more than {_MOST_COLUMNS} values, too many for columns",
            hint="Swap rows and columns, or choose fewer runs by `--where`.",
        )
    counted = sum(len(one.sample.values) for one in spots)
    names = _names([rows, columns, value])
    return pivot_document(
        Pivot(
            rows=names[0],
            columns=names[1],
            value=names[2],
            joined=joined,
            spots=tuple(spots),
            direction=direction,
            failed=sum(one.failed for one in found),
            lacking=sum(one.count for one in found) - counted,
        )
    )


def _direction(project: Project, column: Column) -> Direction | None:
    """Return which direction of a value is better, if policy or sweeps say so."""
    if column.kind != "metrics":
        return None
    from gitexp.sweep.goals import direction_by_sweeps  # noqa: PLC0415 - 10 ms, for a pivot alone

    return _by_policy(project.config.policy, column.name) or direction_by_sweeps(project, column)


def _by_policy(policy: Policy, name: str) -> Direction | None:
    plain = name.rpartition(":")[2]
    return natural_direction(policy, name) or natural_direction(policy, plain)
