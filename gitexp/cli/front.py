"""`gitexp best` with several metrics: the runs that no other is better than in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from msgspec.structs import replace

from gitexp.cli.rows import Rows
from gitexp.comparison.front import pareto_front
from gitexp.comparison.query.expression import Column
from gitexp.inputs.alike import any_repeat
from gitexp.inputs.groups import Groups, Places
from gitexp.model.numbers import counted
from gitexp.model.policy import Goal
from gitexp.project import Project
from gitexp.rendering.groups import groups_document
from gitexp.rendering.ls import Shown, ls_document
from gitexp.rendering.table import Document
from gitexp.review.statistics import sample
from gitexp.store.index.answers import ids_in
from gitexp.store.index.selection import Selection, Sort
from gitexp.store.index.several import Numbers, numbers_of
from gitexp.sweep.best import places_of


def front_document(
    project: Project, wanted: Selection, sorts: Sequence[Sort], limit: int | None, shown: Shown
) -> Document:
    """Return the front, the best by the first metric first; repeats are one row, by their means.

    `wanted` says which runs compete, `sorts` in what, and which direction of each is better.
    """
    index = project.runs.index
    columns = [one.column for one in sorts]
    numbers = index.answer(
        lambda connection: numbers_of(
            connection, replace(wanted, sort=None), columns, ids_in(connection, wanted.project)
        )
    )
    policy, now = project.config.policy, datetime.now(timezone.utc)
    goals: list[Goal] = ["max" if one.descending else "min" for one in sorts]
    places = _of_repeats(project, wanted, columns)
    if places is None:
        measured = {at: _whole(found) for at, found in numbers.items() if None not in found}
        front = pareto_front(measured, goals)
        rows = Rows(index.at(front[:limit]))
        document = ls_document(rows, policy=policy, now=now, shown=shown)
        document = replace(document, data=rows.data)
    else:
        means = {at: _means(one, numbers) for at, one in enumerate(places)}
        measured = {at: _whole(found) for at, found in means.items() if None not in found}
        front = pareto_front(measured, goals)
        chosen = [places[at] for at in front[:limit]]
        groups = Groups(project)
        document = groups_document(
            lambda: groups.read(chosen),
            policy=policy,
            now=now,
            shown=shown,
            noise=[None] * len(chosen),
        )
    lacking = len(numbers if places is None else places) - len(measured)
    more = len(front) - len(front[:limit])
    return replace(document, notes=_notes(sorts, len(front), len(measured), lacking, more))


def _of_repeats(
    project: Project, wanted: Selection, columns: Sequence[Column]
) -> list[Places] | None:
    """Return the groups that compete; None where no run repeats another."""
    if any(one.kind == "series" for one in columns):  # of curves repeats are no sample
        return None
    return places_of(project, replace(wanted, sort=None)) if any_repeat(project) else None


def _means(place: Places, numbers: Mapping[int, Numbers]) -> Numbers:
    """Return the means of a group over its runs that ended well, or over all if none did."""
    members = [one for one in place.members if one.done] or place.members
    rows = [numbers[one.position] for one in members if one.position in numbers]
    columns = ([value for value in column if value is not None] for column in zip(*rows))  # noqa: B905 - all alike
    return tuple(sample(found).mean if found else None for found in columns)


def _whole(found: Numbers) -> tuple[float, ...]:
    return tuple(value for value in found if value is not None)


def _notes(
    sorts: Sequence[Sort], front: int, competing: int, lacking: int, more: int
) -> tuple[str, ...]:
    best = " and ".join(
        f"{'high' if one.descending else 'low'} '{one.column.name}'" for one in sorts
    )
    are = "is" if front == 1 else "are"
    said = (
        f"{front:,} of {counted(competing, 'run')} {are} on the front for {best}:"
        " no other is better in every respect"
    )
    without = f"; {counted(lacking, 'run')} without a number for each" if lacking else ""
    if not competing:
        return (f"No runs with a number for each metric{f', of {lacking:,}' if lacking else ''}.",)
    hidden = (f"{more:,} more; `-N 0` shows all.",) if more else ()
    return (f"{said}{without}.", *hidden)
