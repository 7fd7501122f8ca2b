"""The runs under way, with what they have logged so far."""

from __future__ import annotations

from gitexp.project import Project
from gitexp.ui.page import Asked, Page


def live_page(project: Project, asked: Asked) -> Page:
    """Return the runs under way; with an id, that one."""
    del project
    return Page("live.html", "Live", {"asked": asked, "runs": []})
