"""Runs that repeat one another as one row: means, standard deviations, and how many there are."""

from __future__ import annotations

from datetime import datetime, timezone

from gitexp.errors import GitexpError
from gitexp.inputs.groups import Groups
from gitexp.project import Project
from gitexp.rendering.groups import groups_document
from gitexp.rendering.ls import Shown
from gitexp.ui.page import Asked, Page
from gitexp.ui.pages.runs import ON_A_PAGE, selected
from gitexp.ui.shown import shown_tables


def groups_page(project: Project, asked: Asked) -> Page:
    """Return a page of the groups; what is wrong with the query is said on it."""
    values: dict[str, object] = {"asked": asked, "problem": None, "tables": [], "runs": []}
    try:
        selection = selected(project, asked)
    except GitexpError as problem:
        return Page("groups.html", "Repeats", {**values, "problem": problem, "total": 0})
    groups = Groups(project)
    places = groups.places(selection)
    skip = asked.number("skip", 0)
    found = list(groups.read(places[skip : skip + ON_A_PAGE]))
    document = groups_document(
        lambda: found,
        policy=project.config.policy,
        now=datetime.now(timezone.utc),
        shown=Shown(),
    )
    return Page(
        "groups.html",
        "Repeats",
        {
            **values,
            "tables": shown_tables(document),
            "runs": [[(one.id, one.name) for one in group.runs] for group in found],
            "first": skip + 1,
            "last": skip + len(found),
            "total": len(places),
            "size": ON_A_PAGE,
        },
    )
