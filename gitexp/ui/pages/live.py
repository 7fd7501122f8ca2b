"""The runs under way, with what they have logged so far."""

from __future__ import annotations

from collections.abc import Sequence

from gitexp.errors import GitexpError
from gitexp.execution.following import last_lines
from gitexp.model.marks import LOGGED_FOLDER
from gitexp.model.text import harmless
from gitexp.project import Project
from gitexp.rendering.running import running_show, running_table
from gitexp.series.logged import Logged, Reader
from gitexp.store.running import Running, runs_under_way
from gitexp.store.selectors import find_run
from gitexp.ui.page import Asked, Page
from gitexp.ui.pages.series import Curve, curves_as_json
from gitexp.ui.shown import shown, shown_tables

_LOG_LINES = 200
_READERS: dict[str, Reader] = {}
"""Of runs under way by id: each goes on where it was; one thread alone uses them."""


def live_page(project: Project, asked: Asked) -> Page:
    """Return the runs under way; with an id, that one, or where it can be found once it is over."""
    found = runs_under_way(project.repository, project.folder)
    for gone in _READERS.keys() - {one.id for one in found}:
        del _READERS[gone]
    if asked.name:
        return _one(project, asked, [one for one in found if one.id == asked.name])
    table = shown(running_table(found, project.config.policy)) if found else None
    names = [(one.id, one.name) for one in found]
    return Page("live.html", "Live", {"asked": asked, "table": table, "runs": names})


def _one(project: Project, asked: Asked, found: Sequence[Running]) -> Page:
    if not found:
        run = find_run(project.runs, asked.name)
        if run is None:
            raise GitexpError(f"no run '{asked.name}' is under way")
        return Page(
            "running.html", run.name, {"ended": run.id, "tables": [], "log": "", "keys": []}
        )
    one = found[0]
    document = running_show(one, last_lines(one.log, _LOG_LINES), project.config.policy)
    keys = project.config.policy.ordered(_logged(one).series)
    values = {
        "ended": "",
        "tables": shown_tables(document),
        "log": "\n".join(document.log),
        "keys": keys,
        "asks": {key: (("key", key), ("live", one.id)) for key in keys},
        "points": None,
    }
    return Page("running.html", one.name, values)


def live_series(project: Project, asked: Asked) -> bytes:
    """Return a curve of a run under way, as JSON; none once it is over."""
    key, run_id = asked.first("key"), asked.first("live")
    found = [one for one in runs_under_way(project.repository, project.folder) if one.id == run_id]
    series = _logged(found[0]).series.get(key) if found else None
    curves = [Curve(run_id, harmless(found[0].name), series.steps, series.values)] if series else []
    return curves_as_json(curves)


def _logged(one: Running) -> Logged:
    reader = _READERS.get(one.id)
    if reader is None:
        reader = _READERS[one.id] = Reader(one.scratch / LOGGED_FOLDER)
    return reader.read()
