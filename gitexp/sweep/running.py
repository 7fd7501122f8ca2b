"""The runs of a sweep, from its plan to the last point."""

from __future__ import annotations

from collections.abc import Callable

from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.origin import Base
from gitexp.sweep.plan import Plan


def run_sweep(
    project: Project,
    plan: Plan,
    options: SweepOptions,
    tell: Callable[[str], None],
    base: Base | None = None,
) -> int:
    """Run what a plan has to do, and return the exit code.

    `base` is the look at the work tree that the sweep was defined by; None for one that goes on
    from what was kept of it.
    """
    del project, plan, options, tell, base
    raise GitexpError(
        "this gitexp can plan a sweep, and cannot run it yet", hint="Add `--dry-run` to see it."
    )
