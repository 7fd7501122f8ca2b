"""A sweep: what it is, how far it has come, and its axes against what it is after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from gitexp.comparison.naming import meant
from gitexp.errors import GitexpError
from gitexp.model.values import Scalar, Value, is_number
from gitexp.plots.chart import Chart, Log
from gitexp.plots.values import Named, parallel_chart, scatter_chart
from gitexp.project import Project
from gitexp.rendering.sweep_data import axes_shown
from gitexp.rendering.sweep_progress import title_of
from gitexp.rendering.sweep_show import sweep_document as document_of
from gitexp.rendering.table import Document
from gitexp.store.frozen import is_noted_over
from gitexp.sweep.known import Known, Settled
from gitexp.sweep.mattered import what_mattered, why_unsaid
from gitexp.sweep.progress import Progress
from gitexp.sweep.reading import read_known
from gitexp.sweep.running import with_metrics
from gitexp.sweep.sweep import Sweep


def progress_of(project: Project, sweep: Sweep, *, whole: bool = False) -> Progress:
    """Return how far a sweep has come; if `whole`, with what mattered, and metrics it may lack."""
    known = read_known(project, sweep)
    found = Progress(sweep, _points(sweep, known), known)
    is_ended = not found.is_done and is_noted_over(project.repository, sweep.id)
    found = replace(found, is_ended=is_ended)
    if not whole:
        return found
    importance = what_mattered(sweep, known)
    why = why_unsaid(sweep, known) if importance is None else ""
    return replace(with_metrics(project, found), importance=importance, why_unsaid=why)


def _points(sweep: Sweep, known: Known) -> int:
    """Return how many points are wanted, as far as that is known: a grid may have a condition."""
    begun = max((spot.number + 1 for spot in known.settled), default=0)
    if sweep.wanted is not None or sweep.sampler != "grid" or sweep.space.is_filtered:
        return sweep.wanted or begun
    return sweep.space.size or begun


def sweep_document(project: Project, sweep: Sweep) -> Document:
    """Return a sweep whole: its definition, its best points, what mattered and what is next."""
    return document_of(progress_of(project, sweep, whole=True))


def sweep_charts(
    project: Project, sweep: Sweep, names: Sequence[str], log: Log, *, whole: bool
) -> list[Chart]:
    """Return each axis that varies against what the sweep is after; if `whole`, all side by side.

    `names` are the metrics that are wanted, of those that the sweep is after.
    """
    settled = progress_of(project, sweep).settled
    aims = [one.metric for one in sweep.objectives]
    if not aims:
        raise GitexpError(
            f"sweep '{title_of(sweep)}' has no metric to minimize or maximize",
            f"Name one: `gitexp plot {title_of(sweep)} METRIC --kind parallel`.",
        )
    chosen = [_aim(sweep, aims, name) for name in names] or aims
    metrics = [_metric(settled, aims, name) for name in chosen]
    axes = [Named(name, tuple(_on_an_axis(one, name) for one in settled)) for name in _axes(sweep)]
    labels = [one.name for one in settled]
    charts: list[Chart] = [
        scatter_chart(axis, metric, labels, log) for metric in metrics for axis in axes
    ]
    if whole and len(axes) > 1:
        charts.append(parallel_chart([*axes, *metrics], labels, kept=len(metrics)))
    return charts


def _axes(sweep: Sweep) -> list[str]:
    """Return the axes to draw: those that vary; of a sweep of one point, all."""
    return axes_shown(sweep) or [axis.name for axis in sweep.space.axes]


def _aim(sweep: Sweep, aims: Sequence[str], name: str) -> str:
    """Return which of the metrics that a sweep is after a name means."""
    found = meant(name, aims)
    if len(found) != 1:
        title = title_of(sweep)
        raise GitexpError(
            f"sweep '{title}' is not after '{name}'",
            f"`gitexp plot {title} {name} --kind parallel` draws it beside the params.",
        )
    return found[0]


def _metric(settled: Sequence[Settled], aims: Sequence[str], name: str) -> Named:
    at = aims.index(name)
    return Named(name, tuple(_numbers(settled, at)))


def _numbers(settled: Sequence[Settled], at: int) -> Iterator[float | None]:
    for one in settled:
        yield one.objectives[at] if one.status == "done" and at < len(one.objectives) else None


def _on_an_axis(one: Settled, name: str) -> Scalar:
    value: Value = one.values.get(name)
    return value if is_number(value) or isinstance(value, str | bool) else None
