"""What is to be drawn of runs, whatever it is, as charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.gallery.asked import Subject
from gitexp.gallery.curves import NoCurves, curves_of
from gitexp.gallery.dvc import dvc_charts, has_plots
from gitexp.gallery.files import table_charts
from gitexp.gallery.images import images_of
from gitexp.gallery.values import parallel, pareto, scatter, trend
from gitexp.plots.chart import Chart, Images
from gitexp.plots.curves import Manner
from gitexp.project import Project

Kind = Literal[
    "curves", "scatter", "pareto", "parallel", "trend", "confusion", "roc", "pr", "dvc", "images"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
OF_ALL_RUNS = ("scatter", "pareto", "parallel", "trend")
"""What says little of a single run."""

Tell = Callable[[str], None]


class Wanted(Struct, frozen=True):
    """What somebody wants to see, besides of which runs."""

    kind: Kind = "curves"
    names: tuple[str, ...] = ()
    """The metrics."""
    x: str | None = None
    file: str | None = None
    manner: Manner = Manner()
    most: int = 40
    """How many metrics are drawn where none is named."""


def charts_of(
    project: Project, subjects: Sequence[Subject], wanted: Wanted, tell: Tell
) -> list[Chart]:
    """Return the charts, one at least; raises GitexpError if there is nothing to draw."""
    if wanted.kind != "curves":
        _refuse_under_way(subjects)
    match wanted.kind:
        case "curves":
            charts = _curves(project, subjects, wanted, tell)
        case "dvc":
            charts = _some(
                dvc_charts(project, subjects, tell),
                "no plots are defined",
                "`plots:` in dvc.yaml defines some.",
            )
        case "images":
            charts = _some(
                images_of(project, subjects),
                "these runs wrote no pictures",
                "PNG, JPEG, GIF, WebP and SVG files among the outputs are shown.",
            )
        case "confusion" | "roc" | "pr":
            charts = table_charts(project, subjects, wanted.kind, wanted.file)
        case _:
            charts = _of_values(project, subjects, wanted)
    return charts


def _refuse_under_way(subjects: Sequence[Subject]) -> None:
    """Raise GitexpError for a run that has nothing but curves yet."""
    for one in subjects:
        if one.log is not None:
            raise GitexpError(
                f"run '{one.label}' is under way: only its curves can be drawn",
                f"`gitexp plot {one.label}` draws them.",
            )


def _of_values(project: Project, subjects: Sequence[Subject], wanted: Wanted) -> list[Chart]:
    log = wanted.manner.log
    if wanted.kind == "pareto":
        return [pareto(project, subjects, wanted.names, log)]
    if wanted.kind == "parallel":
        return [parallel(project, subjects, wanted.names)]
    names = _metrics(wanted)
    if wanted.kind == "trend":
        return [trend(project, subjects, one, log) for one in names]
    return [scatter(project, subjects, one, wanted.x or "", log) for one in names]


def everything(
    project: Project, subjects: Sequence[Subject], wanted: Wanted, tell: Tell
) -> list[Chart]:
    """Return curves, DVC's plots and pictures, as far as there are some; raises NoCurves."""
    charts: list[Chart] = []
    none: NoCurves | None = None
    try:
        charts += _curves(project, subjects, wanted, tell)
    except NoCurves as error:
        none = error
    if not wanted.names:
        charts += all_but_curves(project, subjects, tell)
    if not charts and none is not None:
        raise none
    return charts


def all_but_curves(project: Project, subjects: Sequence[Subject], tell: Tell) -> list[Chart]:
    """Return DVC's plots and pictures, each picture once."""
    ended = [one for one in subjects if one.log is None]
    plots = dvc_charts(project, ended, tell) if has_plots(project, ended) else []
    shown = {one.title for one in plots if isinstance(one, Images)}
    return [*plots, *(one for one in images_of(project, ended) if one.title not in shown)]


def _curves(
    project: Project, subjects: Sequence[Subject], wanted: Wanted, tell: Tell
) -> list[Chart]:
    found = curves_of(project, subjects, wanted.names, wanted.manner, wanted.most)
    if found.more:
        shown = ", ".join(found.more[:8]) + (", …" if found.more[8:] else "")
        tell(f"note: {len(found.more)} more: {shown}; name those that you want to see")
    return list(found.charts)


def _metrics(wanted: Wanted) -> Sequence[str]:
    if not wanted.names:
        words = "accuracy --x params.lr" if wanted.kind == "scatter" else "accuracy --kind trend"
        raise GitexpError("no metric is named", f"Name one: `gitexp plot {words}`.")
    if wanted.kind == "scatter" and wanted.x is None:
        raise GitexpError(
            "a scatter needs something to draw the metric against",
            "Name a param or metric: `--x params.lr`.",
        )
    return wanted.names


def _some(charts: Sequence[Chart], message: str, hint: str) -> list[Chart]:
    if not charts:
        raise GitexpError(message, hint)
    return list(charts)
