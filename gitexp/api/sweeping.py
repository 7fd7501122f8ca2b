"""Making a sweep from Python."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from gitexp.api.hints import hints
from gitexp.api.reading import PathLike
from gitexp.api.sweep import Sweep
from gitexp.api.sweep_running import options_of, run_begun, warn
from gitexp.model.policy import Goal
from gitexp.model.values import Value, dumps
from gitexp.project import Project
from gitexp.sweep.asked import Asked
from gitexp.sweep.begin import begun
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.sweep import PrunerName, SamplerName


class Interval(Struct, frozen=True):
    """All numbers between two, as an axis of a sweep."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    def words(self) -> dict[str, Value]:
        """Return it as a space file has it."""
        words: dict[str, Value] = {"min": self.low, "max": self.high}
        if self.log:
            words["log"] = True
        if self.step is not None:
            words["step"] = self.step
        return words


def interval(low: float, high: float, *, log: bool = False, step: float | None = None) -> Interval:
    """Return an axis of numbers, for the space of a sweep.

    Args:
        low: The least. With two whole numbers and no `step`, only whole numbers are tried.
        high: The greatest; it may be tried as well.
        log: Whether orders of magnitude are equally likely.
        step: How far two neighbours are apart; without it, all numbers between are tried.
    """
    return Interval(low, high, log, step)


def sweep(  # noqa: PLR0913 - an argument for each option
    space: Mapping[str, Any],
    *,
    command: str | Sequence[str] | None = None,
    points: int | None = None,
    minimize: str | Sequence[str] = (),
    maximize: str | Sequence[str] = (),
    sampler: SamplerName | None = None,
    options: Mapping[str, Value] | None = None,
    seed: int = 0,
    such_that: str | None = None,
    jobs: int = 1,
    window: int | None = None,
    repeat: int = 1,
    repeat_key: str | None = None,
    prune_on: str | None = None,
    pruner: PrunerName | None = None,
    name: str | None = None,
    message: str = "",
    expect: str | None = None,
    path: PathLike = ".",
    **limits: Any,
) -> Sweep:
    """Run a command once for each point of a space, and record each run: `gitexp sweep`.

    Args:
        space: What is tried, by key: a list of values, `gitexp.interval(…)`, a mapping as a
            space file has it, or one value for all points.
        command: A text, split as a shell would, or a sequence of words; without it, the one in
            `gitexp.yaml`.
        points: How many points; without it, all of a grid.
        minimize: A metric to make small, or several.
        maximize: A metric to make large, or several.
        sampler: What chooses points; without it, 'grid' if the space is finite, else 'tpe' with
            a metric, 'random' without.
        options: Of the sampler.
        seed: Of the sampler.
        such_that: A condition that every point fulfils.
        jobs: How many runs at once.
        window: Without how many of the last results a point is chosen.
        repeat: How many runs of each point.
        repeat_key: The param that differs between these.
        prune_on: The value, reported while a run goes on, by which runs are cut off.
        pruner: What decides; without it, 'median'.
        name: Of the sweep.
        message: What it is meant to find out.
        expect: What each run should show, judged after it: 'accuracy >= baseline + 0.005'.
        path: A folder in the project.
        limits: What may differ from call to call: `timeout` (seconds for each run), `max_time`
            (seconds after which no run is started any more), `max_failures`, `again` ('failed'
            or 'all'), `asap` (results are used as they come) and `engine` ('dask:ADDRESS' or
            'ray': runs are made on hosts that need not see the repository; `jobs` above 1 is how
            many at once).

    Returns:
        The sweep, when all its points are settled, or when it has come to a limit. Given again,
        the same words go on where it has stopped.

    Raises:
        GitexpError: Something is wrong with what was asked for, or agents could not work.
    """
    asked = Asked(
        axes=_axes(space),
        command=_words(command),
        such_that=such_that,
        sampler=sampler,
        options=_options(options or {}),
        points=points,
        metrics=(*_aims(minimize, "min"), *_aims(maximize, "max")),
        seed=seed,
        repeat=repeat,
        repeat_key=repeat_key,
        prune_on=prune_on,
        pruner=pruner,
        jobs=jobs,
        window=window,
        name=name,
        message=message,
        expect=expect,
    )
    return _begun(Path(path).expanduser(), asked, options_of(points, jobs, limits))


def _begun(path: Path, asked: Asked, how: SweepOptions) -> Sweep:
    with (
        hints(),
        Project.open(path) as project,
        begun(project, asked, how, warn) as found,
    ):
        run_begun(project, found, how)
        return Sweep(project.root, found.plan.sweep)


def _axes(space: Mapping[str, Any]) -> dict[str, Any]:
    """Return a space as a file has it."""
    return {
        key: value.words() if isinstance(value, Interval) else value for key, value in space.items()
    }


def _words(command: str | Sequence[str] | None) -> tuple[str, ...]:
    return tuple(shlex.split(command) if isinstance(command, str) else command or ())


def _options(options: Mapping[str, Value]) -> tuple[str, ...]:
    """Return options as the command line has them."""
    return tuple(f"{key}={dumps(value)}" for key, value in options.items())


def _aims(names: str | Sequence[str], goal: Goal) -> list[tuple[str, Goal]]:
    return [(name, goal) for name in ([names] if isinstance(names, str) else names)]
