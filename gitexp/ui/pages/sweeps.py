"""The sweeps, and one of them: its best points, and a line for each of its runs."""

from __future__ import annotations

from datetime import datetime, timezone

from msgspec.structs import replace

from gitexp.comparison.query.expression import Column, Comparison
from gitexp.model.record import parse_time
from gitexp.presenting.sweep import progress_of
from gitexp.project import Project
from gitexp.rendering.facts import ago
from gitexp.rendering.sweep_end import final_document
from gitexp.rendering.sweep_progress import aim_of, title_of
from gitexp.rendering.table import Column as TableColumn
from gitexp.rendering.table import Dated, Table
from gitexp.store.index.selection import Selection
from gitexp.store.index.sweeps import counted_sweeps
from gitexp.sweep.definition import find_sweep
from gitexp.ui.page import Asked, Page
from gitexp.ui.pages.parallel import coordinates
from gitexp.ui.shown import shown, shown_tables

_MOST_RUNS = 2000


def sweeps_page(project: Project, asked: Asked) -> Page:
    """Return the sweeps; with a name, that one."""
    if asked.name:
        return _one(project, asked)
    found = project.runs.index.answer(lambda index: counted_sweeps(index, project.folder))
    now = datetime.now(timezone.utc)
    columns = ("runs", "done", "began", "last run ended")
    table = Table(
        tuple(
            TableColumn(name, "value" if name in ("runs", "done") else "text") for name in columns
        ),
        [(one.runs, one.done, _ago(one.started, now), _ago(one.ended, now)) for one in found],
        header=True,
    )
    names = [(one.id, one.name or one.id) for one in found]
    return Page("sweeps.html", "Sweeps", {"sweeps": names, "table": shown(table)})


def _one(project: Project, asked: Asked) -> Page:
    sweep = find_sweep(project, asked.name)
    document = final_document(progress_of(project, sweep))
    where = Comparison(Column("attribute", "sweep"), "==", sweep.id)
    selection = Selection(project.folder, where, readable=True)
    runs = project.runs.index.select(replace(selection, limit=_MOST_RUNS))
    return Page(
        "sweep.html",
        f"Sweep {title_of(sweep)}",
        {
            "sweep": sweep,
            "aim": aim_of(sweep),
            "tables": shown_tables(document),
            "notes": document.notes,
            "drawn": coordinates(project, runs),
            "total": project.runs.index.count(selection),
            "query": (("where", f'sweep == "{sweep.id}"'),),
        },
    )


def _ago(text: str, now: datetime) -> Dated:
    return ago(parse_time(text), now)
