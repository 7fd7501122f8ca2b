"""Sweeps as scripts and notebooks see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitexp.api.hints import hints
from gitexp.api.reading import PathLike
from gitexp.api.run import Run, run_of
from gitexp.api.sequence import Runs
from gitexp.api.sweep_running import options_of, run_begun, warn
from gitexp.errors import GitexpError
from gitexp.model.record import parse_time
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.store.index.sweeps import all_sweeps
from gitexp.store.stored_run import StoredRun
from gitexp.sweep.asked import Asked
from gitexp.sweep.begin import gone_on
from gitexp.sweep.chooser import Chooser
from gitexp.sweep.definition import find_sweep
from gitexp.sweep.known import Known, Settled
from gitexp.sweep.mattered import results_of, what_mattered
from gitexp.sweep.progress import ranked
from gitexp.sweep.reading import read_known
from gitexp.sweep.sampling.library import demand_optuna
from gitexp.sweep.sampling.sampler import Exhausted
from gitexp.sweep.sampling.samplers import sampler_of
from gitexp.sweep.sweep import Objective
from gitexp.sweep.sweep import Sweep as Definition

if TYPE_CHECKING:
    import optuna
    import pandas as pd


class Sweep:
    """Many runs from one description. What is read is read anew each time."""

    def __init__(self, place: Path, definition: Definition) -> None:
        self._place = place
        self._definition = definition

    def __repr__(self) -> str:
        """Return what the sweep is, in a line."""
        aims = [f"{_VERBS[one.goal]} {one.metric}" for one in self._definition.objectives]
        how = ", ".join((self._definition.sampler, *aims))
        return f"<gitexp.Sweep {self.name} ({self.id}): {how}>"

    def __eq__(self, other: object) -> bool:
        """Return whether it is the same sweep, whichever clone it is read from."""
        return isinstance(other, Sweep) and other.id == self.id

    def __hash__(self) -> int:
        """Return a hash of the id."""
        return hash(self.id)

    @property
    def id(self) -> str:
        """Ten characters, the same in every clone."""
        return self._definition.id

    @property
    def name(self) -> str:
        """What its runs are called after."""
        return self._definition.name

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """The metrics that it is after: `metric` and `goal`, 'min' or 'max'."""
        return self._definition.objectives

    @property
    def runs(self) -> Runs:
        """The runs that count for its points, by the number of the point."""
        with self._opened() as (project, known):
            return _runs(project, (known.settled[spot] for spot in sorted(known.settled)))

    @property
    def best(self) -> Run:
        """The best run, of repeats by their mean; with several metrics none: see `front`."""
        found = self.front
        if len(self.objectives) != 1 or not found:
            with hints():
                raise _no_best(self, len(found))
        return found[0]

    @property
    def front(self) -> Runs:
        """The runs that no other run is better than in every metric; of one metric all, by it.

        Of repeats the means count, and the first one stands for its point.
        """
        with self._opened() as (project, known):
            found = ranked(self._definition, known.settled.values())
            return _runs(project, (one.first for one in found))

    def to_pandas(self) -> pd.DataFrame:
        """Return its runs as a pandas data frame, as `gitexp.Runs.to_pandas` does."""
        return self.runs.to_pandas()

    def importance(self) -> dict[str, float] | None:
        """Return how much each axis mattered for the metric, the most important one first.

        Returns:
            Shares that add up to 1, by the names of the axes; None if there are fewer than ten
            results for each axis, or nothing to look for.

        Raises:
            GitexpError: Optuna is not installed.
        """
        with self._opened() as (_, known):
            demand_optuna("the importance of axes")
            found = what_mattered(self._definition, known)
            return dict(found.shares) if found is not None else None

    def to_optuna(self) -> optuna.Study:
        """Return its points as a study of Optuna in memory, for Optuna's plots.

        Returns:
            A study with the values themselves; `user_attrs` of a trial name the run and the
            number of the point.

        Raises:
            GitexpError: Optuna is not installed.
        """
        with self._opened() as (project, known):
            demand_optuna("`to_optuna`")
            from gitexp.sweep.sampling.study import Ran, study_of  # noqa: PLC0415 - 200 ms, Optuna

            first = {spot.number: known.settled[spot] for spot in sorted(known.settled)[::-1]}
            records = {run.id: run.own_record() for run in _stored(project, first.values())}
            ran = []
            for result in results_of(self._definition, known):
                record = records[first[result.number].run_id]
                times = parse_time(record.started), parse_time(record.ended)
                ran.append(Ran(result, record.name, *times))
            return study_of(self._definition, ran)

    def ask(self, n: int = 1) -> list[dict[str, Value]]:
        """Return the values of the next points; to record a run is to tell of one.

        Args:
            n: How many. There are fewer if the space has no more, or if results are missing
                that a point has to know.

        Returns:
            The values of each point, by the names of the axes. Nothing is taken: who asks again
            gets the same ones, until there are runs of them.
        """
        with self._opened() as (_, known):
            chooser = Chooser(self._definition, sampler_of(self._definition))
            asked: list[dict[str, Value]] = []
            number = 0
            while len(asked) < n:
                if known.is_over(number, self._definition.repeats):
                    number += 1
                    continue
                if chooser.waits_for(number, known):
                    break
                try:
                    asked.append(dict(chooser.choose(number, known).values))
                except Exhausted:
                    break
                number += 1
            return asked

    def resume(self, points: int | None = None, *, jobs: int = 1, **limits: Any) -> Sweep:
        """Go on with the sweep, on the files that it began with.

        Args:
            points: How many points there are to be in all; without it, as many as were asked
                for last, or all of a grid.
            jobs: How many runs at once.
            limits: As for `gitexp.sweep`.

        Returns:
            The same sweep.
        """
        how = options_of(points, jobs, limits)
        with (
            hints(),
            Project.open(self._place) as project,
            gone_on(project, self.id, Asked(), how, warn) as found,
        ):
            run_begun(project, found, how)
        return self

    @contextmanager
    def _opened(self) -> Iterator[tuple[Project, Known]]:
        with hints(), Project.open(self._place) as project:
            yield project, read_known(project, self._definition)


def sweeps(*, path: PathLike = ".") -> list[Sweep]:
    """Return the sweeps that have runs, the one begun last first.

    Args:
        path: A folder in the project.
    """
    with hints(), Project.open(Path(path).expanduser()) as project:
        if project.runs.tip is None:
            return []
        found = project.runs.index.answer(lambda index: all_sweeps(index, project.folder))
        return [Sweep(project.root, find_sweep(project, one.id)) for one in found]


def get_sweep(name: str, *, path: PathLike = ".") -> Sweep:
    """Return one sweep.

    Args:
        name: Its name, its id or the start of that, or 'latest'.
        path: A folder in the project.

    Raises:
        GitexpError: There is no such sweep, or more than one.
    """
    with hints(), Project.open(Path(path).expanduser()) as project:
        return Sweep(project.root, find_sweep(project, name))


_VERBS = {"min": "minimize", "max": "maximize"}


def _no_best(sweep: Sweep, found: int) -> GitexpError:
    if len(sweep.objectives) > 1:
        return GitexpError(
            "a sweep for several metrics has no best run", hint="`front` has the best ones."
        )
    if not sweep.objectives:
        return GitexpError(
            f"sweep '{sweep.name}' has no metric to minimize or maximize",
            hint="`gitexp.best` takes one.",
        )
    return GitexpError(f"no run of '{sweep.name}' has the metric yet ({found} ranked)")


def _stored(project: Project, settled: Iterable[Settled]) -> list[StoredRun]:
    """Return the runs themselves, in the same order."""
    index = project.runs.index
    return [
        run
        for one in settled
        for run in index.named(one.run_id, project=None)
        if run.id == one.run_id
    ]


def _runs(project: Project, settled: Iterable[Settled]) -> Runs:
    top = project.repository.top
    found = (run_of(top / run.project, run) for run in _stored(project, settled))
    return Runs(found, project.config.policy)
