"""`python -m benchmarks.sampling`: samplers of sweeps against random points, in virtual time.

No process is started: agents take points of a function whose best value is known, and end them
after durations that vary by half. Prints Markdown; ten seeds take about two minutes.
"""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable, Sequence

import click
from scipy.stats import wilcoxon

from gitexp.sweep.sampling.sampler import Result
from gitexp.sweep.sampling.samplers import sampler_of
from gitexp.sweep.space import Axis, Choices, Interval, Space
from gitexp.sweep.sweep import Sweep

from tests.sweep.virtual import Values, points_of, sweep_of, worked

POINTS = 48
_ALPHA = (1.0, 1.2, 3.0, 3.2)
_A = (
    (10, 3, 17, 3.5, 1.7, 8),
    (0.05, 10, 17, 0.1, 8, 14),
    (3, 3.5, 1.7, 10, 17, 8),
    (17, 8, 0.05, 10, 0.1, 14),
)
_P = (
    (0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886),
    (0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991),
    (0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650),
    (0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381),
)
_HARTMANN_BEST = -3.32237

HARTMANN = Space(tuple(Axis(f"x{at}", Interval(0, 1)) for at in range(6)))
MIXED = Space(
    (
        Axis("lr", Interval(1e-5, 1, log=True)),
        Axis("units", Interval(8, 512, integer=True, log=True)),
        Axis("depth", Choices((1, 2, 3, 4, 5, 6, 7, 8), ordered=True)),
        Axis("optimizer", Choices(("adam", "sgd", "rmsprop", "lion"))),
        Axis("dropout", Interval(0, 0.8)),
    )
)


def hartmann(values: Values) -> tuple[float, ...]:
    """Return how far a point is from the least value of Hartmann's function in six dimensions."""
    x = [values[f"x{at}"] for at in range(6)]
    total = 0.0
    for alpha, row, centre in zip(_ALPHA, _A, _P, strict=True):
        away = sum(a * (one - p) ** 2 for a, one, p in zip(row, x, centre, strict=True))
        total += alpha * math.exp(-away)
    return (-total - _HARTMANN_BEST,)


def mixed(values: Values) -> tuple[float, ...]:
    """Return the loss of a training that does not exist; its least is 0."""
    rate = math.log10(values["lr"]) + 3
    units = math.log2(values["units"]) - 7
    optimizer = {"adam": 0.0, "sgd": 0.3, "rmsprop": 0.15, "lion": 0.2}[values["optimizer"]]
    rest = 0.02 * (values["depth"] - 4) ** 2 + 2 * (values["dropout"] - 0.2) ** 2
    return (0.1 * rate**2 + 0.02 * units**2 + optimizer + rest,)


Case = tuple[str, Space, Callable[[Values], tuple[float, ...]]]
CASES: tuple[Case, ...] = (("Hartmann 6", HARTMANN, hartmann), ("mixed space", MIXED, mixed))


def best_of(sweep: Sweep, measure: Callable[[Values], tuple[float, ...]], jobs: int) -> float:
    """Return the least value of a sweep of 48 points."""
    source = random.Random(sweep.seed)
    lasting = [source.lognormvariate(0, 0.5) for _ in range(POINTS)]
    known = worked(sweep, POINTS, measure, jobs=jobs, duration=lasting.__getitem__)
    return min(measure(values)[0] for values in points_of(known))


def quartiles(values: Sequence[float]) -> str:
    """Return the median with the quartiles."""
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:.2f} [{low:.2f}, {high:.2f}]"


def next_point_ms(points: int, asks: int = 30) -> list[float]:
    """Return how long TPE takes to choose a point among so many known ones, in ms."""
    space, measure = MIXED, mixed
    given = sampler_of(sweep_of("random", space))
    results = []
    for number in range(points + asks):
        values = given.propose(number, []).values
        results.append(Result(number, values, "complete", measure(values)))
    sampler = sampler_of(sweep_of("tpe", space))
    sampler.propose(points - 1, results[: points - 1])
    taken = []
    for number in range(points, points + asks):
        begun = time.perf_counter()
        sampler.propose(number, results[:number])
        taken.append(1000 * (time.perf_counter() - begun))
    return taken


@click.command()
@click.option("--seeds", default=10, show_default=True)
def main(seeds: int) -> None:
    """Compare TPE with random points, and time the choice of a point."""
    print(f"Best of {POINTS} points, {seeds} seeds: median [quartiles] of the distance to the best")
    print("value; p by Wilcoxon's signed-rank test against random points, one-sided.\n")
    print("| | random | TPE, one agent | TPE, four agents, window 6 |\n|---|---|---|---|")
    for name, space, measure in CASES:
        found: list[list[float]] = [[], [], []]
        for seed in range(seeds):
            sweeps = (
                (sweep_of("random", space, seed=seed), 1),
                (sweep_of("tpe", space, seed=seed), 1),
                (sweep_of("tpe", space, seed=seed, window=6), 4),
            )
            for column, (sweep, jobs) in zip(found, sweeps, strict=True):
                column.append(best_of(sweep, measure, jobs))
        cells = [quartiles(found[0])]
        for column in found[1:]:
            p = wilcoxon(column, found[0], alternative="less").pvalue
            cells.append(f"{quartiles(column)}, p = {p:.4f}")
        print(f"| {name} | {' | '.join(cells)} |")
    print("\nChoice of the next point by TPE, ms: median, 90 %\n")
    for points in (100, 300, 1000, 3000):
        taken = sorted(next_point_ms(points))
        print(
            f"- {points} known: {statistics.median(taken):.0f}, {taken[len(taken) * 9 // 10]:.0f}"
        )


if __name__ == "__main__":
    main()
