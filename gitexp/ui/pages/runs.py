"""The runs as a table: found by the query language, sorted, and a page of them at a time.

Only the index is asked, so a page costs the same however many runs there are.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.query.place import UnknownName
from gitexp.comparison.ranking import Direction
from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.store.index.selection import Selection
from gitexp.store.wanted import any_column, order, query
from gitexp.ui.columns import FIXED, chosen, listed, offered, row_of
from gitexp.ui.page import Asked, Page

ON_A_PAGE = 100
_DIRECTIONS: dict[str, Direction] = {"asc": "asc", "desc": "desc"}


class Offer(Struct, frozen=True):
    """A column that may be chosen."""

    key: str
    chosen: bool


def runs_page(project: Project, asked: Asked, size: int = ON_A_PAGE) -> Page:
    """Return a page of the runs; what is wrong with the query is said on it."""
    selection, problem = _selection(project, asked)
    index = project.runs.index
    skip = asked.number("skip", 0)
    found = [] if problem else index.select(replace(selection, limit=size, skip=skip))
    rows = [row_of(run) for run in found]
    offers = offered(project)
    wanted, unknown = columns_asked(project, asked, [*FIXED, *(one.key for one in offers)])
    columns = chosen(wanted, asked.first("sort"), offers, rows)
    heads, runs = listed(columns, rows)
    shown = {one.key for one in columns}
    return Page(
        "runs.html",
        "Runs",
        {
            "asked": asked,
            "problem": problem or unknown,
            "columns": columns,
            "heads": heads,
            "runs": runs,
            "total": 0 if problem else index.count(selection),
            "first": skip + 1,
            "last": skip + len(rows),
            "size": size,
            "sort": asked.first("sort"),
            "descending": selection.sort.descending if selection.sort else True,
            "offers": [Offer(key, key in shown) for key in (*FIXED, *(one.key for one in offers))],
        },
    )


def _selection(project: Project, asked: Asked) -> tuple[Selection, GitexpError | None]:
    """Return the runs that are asked for, and what is wrong with the question."""
    where, sort = asked.first("where").strip(), asked.first("sort")
    wanted = Selection(project.folder, removed=bool(asked.first("removed")))
    try:
        meant = query(project.runs, where, project=project.folder) if where else None
        direction = _DIRECTIONS.get(asked.first("order"))
        by = order(project.runs, sort, direction, project=project.folder) if sort else None
    except GitexpError as problem:
        return wanted, problem
    return replace(wanted, where=meant, sort=by), None


def columns_asked(
    project: Project, asked: Asked, known: Collection[str]
) -> tuple[list[str], GitexpError | None]:
    """Return the columns that are asked for, by their keys, and which name may mean several.

    One that no run has is passed over: links are kept, and runs are removed.
    """
    found: list[str] = []
    problem = None
    for text in asked.every("column"):
        try:
            found.append(text if text in known else str(any_column(project.runs, text)))
        except UnknownName:
            continue
        except GitexpError as error:
            problem = error
    return found, problem


def selected(project: Project, asked: Asked) -> Selection:
    """Return the runs that are asked for; raises what is wrong with the question."""
    wanted, problem = _selection(project, asked)
    if problem is not None:
        raise problem
    return replace(wanted, limit=asked.most)
