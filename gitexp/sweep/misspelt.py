"""A metric that a new sweep is after, held against those that runs of its command have."""

from __future__ import annotations

import difflib

from gitexp.comparison.naming import are_one, key_of, meant
from gitexp.comparison.query.expression import Column, Comparison
from gitexp.errors import GitexpError
from gitexp.model.command.text import command_text
from gitexp.project import Project
from gitexp.store.index.selection import Selection
from gitexp.sweep.sweep import Sweep

_ALIKE = 0.8
"""How alike two names are of which one is a slip for the other; `val_loss` is none for `loss`."""


def check_spelling(project: Project, sweep: Sweep) -> None:
    """Raise GitexpError for a metric that no run has, and that is a slip for one that they have.

    Nothing is said where the command has never been run, or `policy:` names the metric: it may
    be written for the first time.
    """
    if not sweep.objectives or project.runs.tip is None:
        return
    known = project.runs.index.columns(project.folder)
    names = [one.name for one in known if one.kind == "metrics"]
    planned = [name for name, _ in project.config.policy.rules]
    for aim in sweep.objectives:
        if meant(aim.metric, names) or any(are_one(aim.metric, one) for one in planned):
            continue
        keys = dict.fromkeys(map(key_of, names))
        close = difflib.get_close_matches(aim.metric, keys, n=1, cutoff=_ALIKE)
        if close and _was_run(project, sweep):
            raise GitexpError(
                f"no run has a metric '{aim.metric}'",
                f"Did you mean '{close[0]}'? If the command has only now begun to write it, record "
                "one run of it first: `gitexp run`.",
            )


def _was_run(project: Project, sweep: Sweep) -> bool:
    """Return whether a run of the command ended well."""
    command = Comparison(Column("attribute", "command"), "==", command_text(sweep.command))
    wanted = Selection(project.folder, where=command, limit=1, done=True, readable=True)
    return bool(project.runs.index.select(wanted))
