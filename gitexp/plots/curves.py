"""Series of runs as charts: one chart for each metric, a curve for each run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from gitexp.model.numbers import counted
from gitexp.plots.chart import Curve, Lines, Log
from gitexp.plots.smoothing import MOST_POINTS, mean_curve, smooth
from gitexp.series.series import Series


class Logged(Struct, frozen=True):
    """The curves of one run."""

    label: str
    series: Mapping[str, Series]
    group: str = ""
    """What repeats have in common; empty for a run that stands for itself."""
    counts: Mapping[str, int] = {}
    """How many points were logged, by key: those of long curves are not all kept."""


class Manner(Struct, frozen=True):
    """How curves are drawn."""

    smoothing: float = 0.0
    """The weight of the exponential moving average; 0 for none."""
    log: Log = ""
    grouped: bool = False
    """Whether repeats are one curve: the mean, with a band."""
    by_time: bool = False
    """Whether the x-axis is the time since the start, where it was logged."""


def curves_chart(key: str, runs: Sequence[Logged], manner: Manner) -> Lines:
    """Return the curves of one metric; runs without it are left out."""
    having = [one for one in runs if key in one.series]
    by_time = manner.by_time and all(one.series[key].times is not None for one in having)
    curves = [(one.group, _curve(one.label, one.series[key], by_time=by_time)) for one in having]
    drawn, repeats = _grouped(curves) if manner.grouped else ([one for _, one in curves], 0)
    if manner.smoothing:
        drawn = [smooth(one, manner.smoothing) for one in drawn]
    return Lines(
        title=key,
        x_label="seconds" if by_time else "step",
        y_label=key,
        curves=tuple(drawn),
        note="; ".join(
            [*_kept(key, having), *_note(manner, drawn, repeats, lacking=len(runs) - len(having))]
        ),
        log=manner.log,
    )


def _curve(label: str, series: Series, *, by_time: bool) -> Curve:
    x = series.times if by_time and series.times is not None else series.steps
    return Curve(label, x, series.values)


def _grouped(curves: Sequence[tuple[str, Curve]]) -> tuple[list[Curve], int]:
    """Return a curve for each group, and how many runs the largest one has."""
    groups: dict[str, list[Curve]] = {}
    for at, (group, curve) in enumerate(curves):
        groups.setdefault(group or f"\0{at}", []).append(curve)
    most = max(map(len, groups.values()), default=0)
    return [
        mean_curve(f"{some[0].label} (n = {len(some)})", some) if len(some) > 1 else some[0]
        for some in groups.values()
    ], most


def _kept(key: str, runs: Sequence[Logged]) -> Iterator[str]:
    pairs = [(one.counts.get(key, 0), len(one.series[key].values)) for one in runs]
    logged, kept = max(((many, few) for many, few in pairs if many > few), default=(0, 0))
    if logged:
        yield f"of {logged:,} points {kept:,} were kept"


def _note(manner: Manner, curves: Sequence[Curve], repeats: int, *, lacking: int) -> Iterator[str]:
    if manner.smoothing:
        yield f"smoothed: exponential moving average of weight {manner.smoothing:g}"
    if repeats > 1:
        yield "mean of repeats ± one standard deviation"
    if lacking:
        yield f"{counted(lacking, 'run')} without it"
    longest = max((len(one.x) for one in curves), default=0)
    if longest > MOST_POINTS:
        yield f"{longest:,} points thinned, peaks kept"
