"""The models: versions with their stages, and what was said of one."""

from __future__ import annotations

from datetime import datetime, timezone

from gitexp.presenting.models import listed_versions, order_of_metrics, told_events
from gitexp.project import Project
from gitexp.registry.events import read_events
from gitexp.registry.source import find_model
from gitexp.registry.state import read_models
from gitexp.rendering.models import history_document, models_document
from gitexp.ui.page import Asked, Page
from gitexp.ui.shown import shown_tables


def models_page(project: Project, asked: Asked) -> Page:
    """Return every version of every model; with a name, the history of that model."""
    now = datetime.now(timezone.utc)
    if asked.name:
        model = find_model(project, read_models(read_events(project.repository)), asked.name)
        history = history_document(told_events(project, model), now)
        values: dict[str, object] = {"tables": shown_tables(history), "models": [], "notes": ()}
        return Page(
            "models.html", f"Model {model.name}", {**values, "name": model.name, "runs": {}}
        )
    listed = listed_versions(project, everything=True)
    document = models_document(listed, order_of_metrics(project), now)
    return Page(
        "models.html",
        "Models",
        {
            "name": "",
            "tables": shown_tables(document),
            "models": list(dict.fromkeys(one.model for one in listed)),
            "runs": {one.run_id: one.run for one in listed if one.run_id},
            "notes": document.notes,
        },
    )
