"""DVC's plots of runs and commits as charts: the same points, in the same templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import to_builtins

from gitexp.data.dvc_plots import DvcPlot, ask_plots
from gitexp.data.dvc_project import find_root
from gitexp.gallery.asked import Subject
from gitexp.gallery.images import media_type
from gitexp.model.values import is_number
from gitexp.plots.chart import Chart, Curve, Given, Image, Images, Lines
from gitexp.project import Project
from gitexp.revisions.revision import WORKSPACE

Tell = Callable[[str], None]
_LINES = ("linear", "simple", "smooth")
"""Templates whose points a terminal can draw as well."""


def has_plots(project: Project, subjects: Sequence[Subject]) -> bool:
    """Return whether some `dvc.yaml` at the revisions defines plots, as far as a look tells."""
    if find_root(project.root, project.repository.top) is None:
        return False
    return any(_defines(one.revision(project)) for one in subjects)


def _defines(revision: Any) -> bool:
    files = (path for path in revision.paths if path.rpartition("/")[2] == "dvc.yaml")
    return any(b"plots" in (revision.read(path) or b"") for path in files)


def dvc_charts(project: Project, subjects: Sequence[Subject], tell: Tell) -> list[Chart]:
    """Return what `plots:` define at the revisions, the points of all on one chart."""
    root = find_root(project.root, project.repository.top)
    if root is None:
        return []
    revs = dict(zip((one.oid or WORKSPACE for one in subjects), _labels(subjects), strict=True))
    inside = project.root.relative_to(root).as_posix()
    found, problems = ask_plots(root, revs, "" if inside == "." else inside)
    for problem in [*problems, *(one.problem for one in found if one.problem)]:
        tell(f"note: {problem}")
    return [chart for one in found if (chart := _chart(one)) is not None]


def _labels(subjects: Sequence[Subject]) -> list[str]:
    times = [one.label for one in subjects]
    return [
        f"{one.label} ({(one.oid or '')[:7]})" if times.count(one.label) > 1 else one.label
        for one in subjects
    ]


def _chart(plot: DvcPlot) -> Chart | None:
    if plot.images:
        images = tuple(
            Image(one.rev, kind, one.content)
            for one in plot.images
            if (kind := media_type(one.path, one.content)) is not None
        )
        return Images(plot.title, images)
    if plot.spec is None:
        return None
    rows: tuple[Mapping[str, Any], ...] = tuple(to_builtins(row) for row in plot.rows)
    return Given(plot.title, plot.spec, rows, plain=_lines(plot))


def _lines(plot: DvcPlot) -> Lines | None:
    """Return the points of one of DVC's templates for lines, for where Vega-Lite is not."""
    if plot.template not in _LINES:
        return None
    curves: dict[str, tuple[list[float], list[float]]] = {}
    fields = {(row.get("filename"), row.get("field")) for row in plot.rows}
    for row in plot.rows:
        x, y = _number(row.get(plot.x)), _number(row.get(plot.y))
        if x is not None and y is not None:
            about = f" {row.get('field')}" if len(fields) > 1 else ""
            xs, ys = curves.setdefault(f"{row.get('rev')}{about}", ([], []))
            xs.append(x)
            ys.append(y)
    drawn = tuple(Curve(label, xs, ys) for label, (xs, ys) in curves.items())
    return Lines(plot.title, plot.x, plot.y, drawn) if drawn else None


def _number(value: object) -> float | None:
    """Return a number, which CSV has as text."""
    try:
        return float(value) if is_number(value) or isinstance(value, str) else None
    except ValueError:
        return None
