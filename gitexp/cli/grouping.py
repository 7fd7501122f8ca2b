"""`gitexp ls --group` and `--group-by`: runs that repeat one another, or share values, as one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from msgspec.structs import replace

from gitexp.cli.arrangement import Arrangement
from gitexp.cli.bisected import without_bisections
from gitexp.cli.listing import tell_of_elsewhere
from gitexp.cli.pivoting import names_of, pivoted_document
from gitexp.cli.selection import asked_of_curves
from gitexp.comparison.query.expression import Column
from gitexp.comparison.ranking import Direction, ranked
from gitexp.errors import GitexpError
from gitexp.inputs.groups import Groups
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.rendering.by_value import ValueGroup, by_value_document
from gitexp.rendering.groups import groups_document
from gitexp.rendering.ls import Shown, is_shown
from gitexp.rendering.table import Document
from gitexp.review.statistics import sample
from gitexp.store.index.answers import ids_in
from gitexp.store.index.grouped import ByValue, grouped, metric_names
from gitexp.store.index.selection import Selection
from gitexp.store.wanted import any_column


def groups_document_of(
    project: Project, wanted: Selection, arrangement: Arrangement, shown: Shown, *, told: bool
) -> Document:
    """Return runs put together as was asked; with `told` it says how many rows there are more."""
    if arrangement.pivot is not None:
        return pivoted_document(project, wanted, arrangement)
    if arrangement.by:
        document, more = _of_values(project, wanted, arrangement, shown)
    else:
        document, more = _of_repeats(project, wanted, shown)
    if told and more:
        of_these = " ".join((arrangement.asked, *arrangement.by))
        hint = f"{more:,} more; `gitexp ls {of_these} -N 0` lists all."
        document = replace(document, notes=(*document.notes, hint))
    return document


def _of_repeats(project: Project, wanted: Selection, shown: Shown) -> tuple[Document, int]:
    """Return a row for each group of repeats, and how many rows are left out."""
    groups = Groups(project)
    places = groups.places(replace(wanted, limit=None))
    tell_of_elsewhere(project, wanted, any_found=bool(places))
    if wanted.sort is not None and wanted.sort.column.kind != "attribute":
        asked = asked_of_curves(project, wanted.sort.column)
        shown = replace(shown, first=wanted.sort.column.name, asked=asked)
    few = places[: wanted.limit]
    document = groups_document(
        lambda: groups.read(few),
        policy=project.config.policy,
        now=datetime.now(timezone.utc),
        shown=shown,
    )
    notes = () if places else ("No runs.",)
    return replace(document, notes=notes), len(places) - len(few)


def _of_values(
    project: Project, wanted: Selection, arrangement: Arrangement, shown: Shown
) -> tuple[Document, int]:
    """Return a row for each group of runs that share values, likewise."""
    wanted, notes = without_bisections(project, wanted)
    everywhere = wanted.project is None
    keys = [any_column(project.runs, one, everywhere=everywhere) for one in arrangement.by]
    names = names_of(keys)
    found = project.runs.index.answer(
        lambda connection: grouped(
            connection,
            wanted,
            keys,
            metric_names(connection, wanted.project, lambda name: is_shown(name, shown)),
            ids_in(connection, wanted.project),
        )
    )
    tell_of_elsewhere(project, wanted, any_found=bool(found))
    groups = _in_order([_group(one) for one in found], keys, wanted)
    few = groups[: wanted.limit]
    document = by_value_document(few, names, policy=project.config.policy, shown=shown)
    document = replace(document, notes=(*document.notes, *notes))
    return document, len(groups) - len(few)


def _group(found: ByValue) -> ValueGroup:
    metrics = {
        name.removeprefix("metrics."): sample(values) for name, values in found.numbers.items()
    }
    return ValueGroup(found.key, found.count, found.failed, metrics)


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
