"""Which files hold the curves of a run."""

from __future__ import annotations

from gitexp.metrics.curves import is_dvclives, may_hold_curves
from gitexp.metrics.reading import TRAINER_STATE, is_events
from gitexp.revisions.roles import Declared

SERIES_FOLDER = ".gitexp/series"
"""Where a run has its curves, in its project's folder."""
WHOLE = "logged/series"
"""Where a run has its whole curves behind pointers, if they are too long for git."""
SYSTEM = "system"
"""The family of the curves of what a run used of its machine."""


def tells_curves(declared: Declared, path: str) -> bool:
    """Return whether a file holds curves: metrics of which there are many, and what is known."""
    if not may_hold_curves(path):
        return False
    is_known = is_dvclives(path) or is_events(path) or path.endswith(TRAINER_STATE)
    return is_known or declared.is_metric(path)
