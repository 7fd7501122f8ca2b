"""Runs that `gitexp bisect` made, which say little about what a param does."""

from __future__ import annotations

from msgspec.structs import replace

from gitexp.comparison.query.expression import (
    And,
    Column,
    Comparison,
    Expression,
    Not,
    leaves,
)
from gitexp.model.made_by import BISECTED
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.store.index.selection import Selection

_TAG = Column("attribute", "tag")


def without_bisections(project: Project, wanted: Selection) -> tuple[Selection, tuple[str, ...]]:
    """Leave out the runs of bisections, unless tags are asked for, and say how many there are.

    They crowd around the commit, or the params, that a bisection looked at, so that means over
    them are means of its questions.
    """
    if wanted.where is not None and _asks_tags(wanted.where):
        return wanted, ()
    is_made = Comparison(_TAG, "==", BISECTED)
    left_out = project.runs.index.count(_and(wanted, is_made))
    if not left_out:
        return wanted, ()
    runs = counted(left_out, "run")
    note = f"Left out: {runs} of `gitexp bisect`; `--where 'tag = {BISECTED}'` has them alone."
    return _and(wanted, Not(is_made)), (note,)


def _and(wanted: Selection, more: Expression) -> Selection:
    return replace(wanted, where=more if wanted.where is None else And((wanted.where, more)))


def _asks_tags(where: Expression) -> bool:
    return any(one.column == _TAG for one in leaves(where))
