"""The curves of runs and commits that are asked for, as charts."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Mapping, Sequence

from msgspec import Struct

from gitexp.comparison.naming import MOST_SHOWN, alternatives, meant_curve
from gitexp.comparison.query.expression import Column
from gitexp.comparison.query.resolve import columns_meant, spelt
from gitexp.errors import GitexpError
from gitexp.gallery.asked import Subject, is_metric, no_such
from gitexp.inputs.alike import Likeness
from gitexp.model.record_json import UnreadableRecord
from gitexp.plots.chart import Lines
from gitexp.plots.curves import Logged, Manner, curves_chart
from gitexp.project import Project
from gitexp.revisions.series import logged_counts, series_of, unnamed_curves
from gitexp.series.series import Series

_SYSTEM = ("system/", "system.")
"""What the machine did: drawn where it is named."""

_LOOK_BACK = 50
"""Runs that are looked at for one that has a curve."""
_LOOKED_INTO = 4
"""How many runs are looked into for files that would have some."""


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
        raise _no_curves(project, subjects)
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
        Logged(one.label, _series(project, one), group, _counts(one))
        for one, group in zip(subjects, groups, strict=True)
    ]


def _counts(one: Subject) -> dict[str, int]:
    return logged_counts(one.run) if one.run is not None else {}


def _series(project: Project, one: Subject) -> Mapping[str, Series]:
    if one.log is None:
        return series_of(project, one.revision(project))
    from gitexp.series.logged import read_logged  # noqa: PLC0415 - 4 ms, where a run is under way

    return read_logged(one.log).series


def _groups(project: Project, subjects: Sequence[Subject]) -> list[str]:
    runs = [one.run for one in subjects if one.run is not None]
    keys = iter(Likeness(project).alike.keys(runs))
    return [next(keys) if one.run is not None else "" for one in subjects]


def _named(project: Project, keys: Sequence[str], names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(_key(project, keys, name) for name in names))


def _key(project: Project, keys: Sequence[str], name: str) -> str:
    """Return the one curve that a name means, by the rule of `naming`."""
    found = meant_curve(name, keys)
    if len(found) == 1:
        return found[0]
    if found:
        hint = f"It may be {alternatives([f'`{key}`' for key in found])}."
        raise GitexpError(f"'{name}' is ambiguous", hint)
    if is_metric(project, name):
        last, text = _last_with(project, name), f"no run that is drawn has a curve of '{name}'"
        if last is not None:
            hint = f"The last run with one is '{last}': `gitexp plot {last} {name}`."
            raise GitexpError(text, hint)
        command = f"gitexp plot {_spelt(project, name)} --kind trend"
        raise GitexpError(text, f"`{command}` draws its final values over the runs.")
    raise no_such(project, name, keys, "metric with a curve")


def _spelt(project: Project, name: str) -> str:
    """Return the metrics that a name may be of, for a command line: runs may have two of it."""
    known = project.runs.index.columns(project.runs.project)
    metrics = [one for one in known if one.kind == "metrics"]
    found = columns_meant(Column("bare", name), metrics)
    return shlex.join(spelt(found[:MOST_SHOWN])) if len(found) > 1 else shlex.quote(name)


def _last_with(project: Project, name: str | None = None) -> str | None:
    """Return the last run that has logged a curve, this one or any, if that is not long ago."""
    for run in project.runs.index.runs(project.folder, limit=_LOOK_BACK):
        with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
            keys = tuple(run.record.series)
            if keys if name is None else meant_curve(name, keys):
                return run.name
    return None


def _no_curves(project: Project, subjects: Sequence[Subject]) -> NoCurves:
    who = f"'{subjects[0].label}' has" if len(subjects) == 1 else "these runs have"
    if all(one.log is not None for one in subjects):
        return NoCurves(
            f"{who} logged no curves so far",
            "What it writes into files is read once it ends; "
            f"`gitexp show -f {subjects[0].label}` follows it.",
        )
    unnamed = (unnamed_curves(project, one.run) for one in subjects[:_LOOKED_INTO] if one.run)
    file = next((one for one in unnamed if one is not None), None)
    if file is not None:
        return NoCurves(
            f"{who} no curves",
            f"Add '{file}' to `metrics:` in gitexp.yaml, and the curves in it are drawn.",
        )
    last = _last_with(project)
    if last is not None:
        return NoCurves(f"{who} no curves", f"The last run with some is '{last}': give its name.")
    return NoCurves(
        f"{who} no curves",
        "`gitexp.log({...}, step=…)` in the script makes some, and so do tables with a row a step "
        "that `metrics:` in gitexp.yaml names; `--kind trend` draws final values.",
    )
