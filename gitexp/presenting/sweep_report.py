"""What a report says of a sweep: what `show` says, with its axes and its best runs in pictures."""

from __future__ import annotations

from collections.abc import Callable

from gitexp.gallery.asked import subject_of
from gitexp.presenting.report import Report, everything_or_nothing, with_pictures
from gitexp.presenting.sweep import progress_of, sweep_charts
from gitexp.project import Project
from gitexp.rendering.html import document_html
from gitexp.rendering.sweep_progress import title_of
from gitexp.rendering.sweep_show import sweep_document
from gitexp.store.stored_run import StoredRun
from gitexp.sweep.progress import Progress, ranked
from gitexp.sweep.sweep import Sweep

Tell = Callable[[str], None]

_BEST = 5
"""How many runs have their curves over one another."""


def report_of_sweep(project: Project, sweep: Sweep, tell: Tell) -> Report:
    """Return what is to be said of a sweep."""
    progress = progress_of(project, sweep, whole=True)
    charts = sweep_charts(project, sweep, (), "", whole=True) if sweep.objectives else []
    best = [subject_of(run) for run in _best(project, progress)]
    charts += everything_or_nothing(project, best, tell) if best else []
    body = document_html(sweep_document(progress))
    return Report(f"Sweep {title_of(sweep)}", with_pictures(body, charts))


def _best(project: Project, progress: Progress) -> list[StoredRun]:
    """Return the best runs that are here; one that a sweep is covered by may be of another."""
    few = ranked(progress.sweep, progress.settled)[:_BEST]
    found = (project.runs.index.named(one.first.run_id, project=None)[:1] for one in few)
    return [run for some in found for run in some if not run.problem]
