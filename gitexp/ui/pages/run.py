"""One run whole: what `gitexp show` says, its curves, its pictures and its files."""

from __future__ import annotations

from gitexp.presenting.run import run_document
from gitexp.project import Project
from gitexp.store.selectors import get_run
from gitexp.ui.page import Asked, Page
from gitexp.ui.pages.files import others_of, pictures_of
from gitexp.ui.pages.series import curves_of, keys_of, query_of
from gitexp.ui.shown import shown_tables

_LOG_LINES = 2000
_MOST_FILES = 500


def run_page(project: Project, asked: Asked) -> Page:
    """Return the page of a run; raises UnknownRun, or UnreadableRecord."""
    run = get_run(project.runs, asked.name or "latest")
    notes: list[str] = []
    document = run_document(project, run, notes.append, log_lines=_LOG_LINES)
    keys = keys_of(project, [run])
    record = run.record
    return Page(
        "run.html",
        record.name,
        {
            "asked": asked,
            "run": run,
            "record": record,
            "tables": shown_tables(document),
            "log": "\n".join(document.log),
            "notes": notes,
            "keys": keys,
            "asks": {key: query_of([run], key) for key in keys},
            "points": lambda key: curves_of(project, [run], key),
            "pictures": pictures_of(project, run),
            "files": others_of(run)[:_MOST_FILES],
        },
    )
