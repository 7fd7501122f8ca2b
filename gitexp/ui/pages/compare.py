"""Runs and revisions beside each other: values, curves, code and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from gitexp.comparison.changes import CodeChange
from gitexp.comparison.differences import differences
from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.rendering.differences import differences_document
from gitexp.rendering.table import Document
from gitexp.revisions.sides import RevisionSide, read_several
from gitexp.ui.page import Asked, Page
from gitexp.ui.pages.code import code_among
from gitexp.ui.pages.files import pictures_of
from gitexp.ui.pages.runs import selected
from gitexp.ui.pages.series import MOST_RUNS, curves_of, keys_of, query_of
from gitexp.ui.shown import shown, widened

_AT_MOST = 10
"""How many of the runs that match a query are compared."""
_TWO = 2


def compare_page(project: Project, asked: Asked) -> Page:
    """Return the comparison of what is asked for: by `run=`, or by a query."""
    names = asked.every("run")
    if len(names) > MOST_RUNS:
        raise GitexpError(f"{len(names)} runs are too many to compare", hint="Choose fewer.")
    runs = []
    if not names and asked.first("where"):
        runs = project.runs.index.select(replace(selected(project, asked), limit=_AT_MOST))
    sides = read_several(project, names, runs)
    if len(sides) < _TWO:
        raise GitexpError(
            "there is nothing to compare yet" if not sides else "one run alone is no comparison",
            hint="Choose two runs or more in the table, and then `Compare the chosen`.",
        )
    document = _values(project, sides)
    stored = [one.run for one in sides if one.run is not None]
    keys = keys_of(project, stored)
    return Page(
        "compare.html",
        "Compare",
        {
            "asked": asked,
            "labels": [(one.run.id if one.run else "", one.side.label) for one in sides],
            "tables": [shown(widened(table)) for table in document.tables()],
            "notes": document.notes,
            "legend": document.legend,
            "keys": keys,
            "asks": {key: query_of(stored, key) for key in keys},
            "points": lambda key: curves_of(project, stored, key),
            "pictures": _pictures(project, sides),
            "code": lambda: code_among(project, sides),
            "query": [("run", one.oid) for one in sides if one.oid],
        },
    )


def _values(project: Project, sides: Sequence[RevisionSide]) -> Document:
    """Return what differs but for code and outputs: git needs a moment for each pair of those."""
    others: list[tuple[CodeChange, ...]] = [()] * (len(sides) - 1)
    found = differences([one.side for one in sides], others, project.config.policy, others)
    return differences_document(found, [one.oid for one in sides])


def _pictures(
    project: Project, sides: Iterable[RevisionSide]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the pictures by path, each with id and name of the runs that have it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in sides:
        if one.run is not None:
            for path in pictures_of(project, one.run):
                found.setdefault(path, []).append((one.run.id, one.side.label))
    return list(found.items())
