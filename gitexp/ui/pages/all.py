"""The pages by the word that their addresses begin with."""

from __future__ import annotations

from collections.abc import Callable

from gitexp.project import Project
from gitexp.ui.page import Asked, Page
from gitexp.ui.pages.compare import compare_page
from gitexp.ui.pages.groups import groups_page
from gitexp.ui.pages.live import live_page
from gitexp.ui.pages.models import models_page
from gitexp.ui.pages.parallel import parallel_page
from gitexp.ui.pages.run import run_page
from gitexp.ui.pages.runs import runs_page
from gitexp.ui.pages.story import story_page
from gitexp.ui.pages.sweeps import sweeps_page

MakePage = Callable[[Project, Asked], Page]

PAGES: dict[str, MakePage] = {
    "runs": runs_page,
    "groups": groups_page,
    "run": run_page,
    "compare": compare_page,
    "story": story_page,
    "sweeps": sweeps_page,
    "parallel": parallel_page,
    "models": models_page,
    "live": live_page,
}

SLOW = frozenset({"groups", "story", "models", "parallel"})
"""Those that may take seconds where there are many runs."""
