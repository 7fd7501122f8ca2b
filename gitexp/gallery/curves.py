"""The curves of runs and commits that are asked for, as charts."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.gallery.asked import Subject, is_called, no_such
from gitexp.inputs.alike import Likeness
from gitexp.plots.chart import Lines
from gitexp.plots.curves import Logged, Manner, curves_chart
from gitexp.project import Project
from gitexp.revisions.series import logged_counts, series_of

_SYSTEM = ("system/", "system.")
"""What the machine did: drawn where it is named."""


class NoCurves(GitexpError):
    """None of the runs has any."""


class Curves(Struct, frozen=True):
    """Charts, and the metrics that have none because nobody asked for that many."""

    charts: tuple[Lines, ...]
    more: tuple[str, ...] = ()


def curves_of(
    project: Project,
    subjects: Sequence[Subject],
    names: Sequence[str],
    manner: Manner,
    most: int,
) -> Curves:
    """Return a chart for each metric: those that are named, else the first ones that there are.

    Raises GitexpError for a name that nothing goes by, and if there are no curves at all.
    """
    runs = logged(project, subjects, grouped=manner.grouped)
    keys = list(dict.fromkeys(key for one in runs for key in one.series))
    if not keys:
        raise _no_curves(subjects)
    if names:
        chosen, more = _named(project, keys, names), []
    else:
        shown = [one for one in keys if not one.startswith(_SYSTEM)] or keys
        chosen, more = shown[:most], shown[most:]
    return Curves(tuple(curves_chart(key, runs, manner) for key in chosen), tuple(more))


def logged(project: Project, subjects: Sequence[Subject], *, grouped: bool = False) -> list[Logged]:
    """Return the curves of runs and commits; if grouped, with what repeats have in common."""
    groups = _groups(project, subjects) if grouped else [""] * len(subjects)
    return [
        Logged(one.label, series_of(project, one.revision(project)), group, _counts(one))
        for one, group in zip(subjects, groups, strict=True)
    ]


def _counts(one: Subject) -> dict[str, int]:
    return logged_counts(one.run) if one.run is not None else {}


def _groups(project: Project, subjects: Sequence[Subject]) -> list[str]:
    runs = [one.run for one in subjects if one.run is not None]
    keys = iter(Likeness(project).alike.keys(runs))
    return [next(keys) if one.run is not None else "" for one in subjects]


def _named(project: Project, keys: Sequence[str], names: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for name in names:
        exact = [key for key in keys if key == name]
        called = exact or [key for key in keys if is_called(name, key)]
        if not called:
            raise no_such(project, name, keys, "metric with a curve")
        found |= dict.fromkeys(called)
    return list(found)


def _no_curves(subjects: Sequence[Subject]) -> NoCurves:
    who = f"'{subjects[0].label}' has" if len(subjects) == 1 else "these runs have"
    return NoCurves(
        f"{who} no curves",
        "`gitexp.log({...}, step=…)` in the script makes some; `--kind trend` draws final values.",
    )
