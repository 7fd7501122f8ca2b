"""How a sweep that a script has begun is worked on."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from gitexp.errors import ExitCode, GitexpError
from gitexp.project import Project
from gitexp.sweep.begin import Begun
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.progress import Progress
from gitexp.sweep.running import run_sweep

_LIMITS = ("timeout", "max_time", "max_failures", "again", "asap", "engine")


def options_of(points: int | None, jobs: int, limits: Mapping[str, Any]) -> SweepOptions:
    """Return how a sweep is worked on; raises TypeError for what is no limit."""
    for name in limits:
        if name not in _LIMITS:
            raise TypeError(f"no argument '{name}'; there are {', '.join(_LIMITS)}")
    at_once = jobs if limits.get("engine") is not None and jobs > 1 else None
    return SweepOptions(points=points, jobs=jobs, at_once=at_once, **limits)


def run_begun(project: Project, found: Begun, how: SweepOptions) -> None:
    """Run what there is to do; what was reached is read from the branch."""
    ended = run_sweep(project, found, how, warn, _ignore)
    if ended.code == ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if ended.code not in (ExitCode.OK, ExitCode.NO):
        raise GitexpError(
            f"the agents of '{found.plan.sweep.name}' could not work",
            hint="The warnings say why; what has ended is recorded.",
        )


def _ignore(_: Progress) -> None:
    """Show nothing."""


def warn(text: str) -> None:
    kind, _, rest = text.partition(": ")
    if kind == "warning":
        warnings.warn(rest, stacklevel=2)
