"""`gitexp ls --pivot`: one value of the runs by two others."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from gitexp.cli.arrangement import Arrangement
from gitexp.cli.bisected import without_bisections
from gitexp.comparison.query.expression import Column
from gitexp.comparison.ranking import Direction, natural_direction
from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.rendering.pivot import Pivot, Spot, pivot_document
from gitexp.rendering.table import Document
from gitexp.review.statistics import sample
from gitexp.store.index.answers import ids_in
from gitexp.store.index.grouped import grouped
from gitexp.store.index.selection import Selection
from gitexp.store.wanted import any_column, metric_column

_MOST_COLUMNS = 500
"""How many columns a pivot may have: more are read by nobody."""


def names_of(columns: Sequence[Column]) -> list[str]:
    """Return what columns are called: in full where two have one name."""
    plain = [one.name for one in columns]
    return plain if len({*plain}) == len(plain) else list(map(str, columns))


def pivoted_document(project: Project, wanted: Selection, arrangement: Arrangement) -> Document:
    """Return one value of the runs by two others."""
    assert arrangement.pivot is not None
    wanted, notes = without_bisections(project, wanted)
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
    names = names_of([rows, columns, value])
    document = pivot_document(
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
    return replace(document, notes=(*document.notes, *notes))


def _direction(project: Project, column: Column) -> Direction | None:
    """Return which direction of a value is better, if policy or sweeps say so."""
    if column.kind != "metrics":
        return None
    from gitexp.sweep.goals import direction_by_sweeps  # noqa: PLC0415 - 10 ms, for a pivot alone

    return natural_direction(project.config.policy, column.name) or direction_by_sweeps(
        project, column
    )
