"""Samplers that keep a state (QMC, CMA-ES, NSGA-II), made to go through all points before.

What such a sampler keeps is worth nothing without its past: CMA-ES has its generation, NSGA-II
its population, QMC the place in its sequence. So one sampler is asked for each point in turn, and
told of earlier ones just when their results could first be known. That takes 1 ms a point. No
state is ever written down: that of CMA-ES is a pickle, which nobody should load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.trial import Trial, TrialState

from gitexp.model.values import Value
from gitexp.sweep.sampling.distributions import Translator
from gitexp.sweep.sampling.gate import Gate, identity
from gitexp.sweep.sampling.library import quiet
from gitexp.sweep.sampling.sampler import Proposal, Result
from gitexp.sweep.sampling.seeds import seed_of
from gitexp.sweep.sampling.trials import STATES, create_study, trial_of
from gitexp.sweep.sampling.window import known_before
from gitexp.sweep.sweep import Sweep

Make: TypeAlias = "Callable[[int], BaseSampler]"


class ReplayedSampler:
    """Goes on from where it is, and begins anew if what it was told is no longer so."""

    def __init__(self, sweep: Sweep, make: Make) -> None:
        self._sweep = sweep
        self._make = make
        self._past = self._begin()

    def propose(self, number: int, results: Sequence[Result]) -> Proposal:
        """Return the values of a point, by what could be known at each point up to it."""
        if not self._past.agrees_with(results):
            self._past = self._begin()
        with quiet():
            while self._past.length <= number:
                self._past.go_on(results)
        return self._past.points[number]

    def _begin(self) -> _Past:
        with quiet():
            return _Past(self._sweep, self._make(seed_of(self._sweep.seed)))


class _Past:
    """One sampler, and what it was asked and told."""

    def __init__(self, sweep: Sweep, sampler: BaseSampler) -> None:
        self.points: list[Proposal] = []
        self._sweep = sweep
        self._study = create_study(sweep.objectives, sampler)
        self._translator = Translator(sweep.space)
        self._told: dict[int, Result] = {}
        self._run: dict[int, Mapping[str, Value]] = {}
        """The values that points had in truth."""
        self._waiting: dict[int, Trial | None] = {}
        """The trials whose results were not told yet; None for one the sampler did not choose."""
        self._earlier: dict[str, int] = {}

    @property
    def length(self) -> int:
        """How many points were worked out."""
        return len(self.points)

    def agrees_with(self, results: Sequence[Result]) -> bool:
        """Return whether what was told is still so; runs may be removed, and made again."""
        told = all(
            number >= len(results) or results[number] == result
            for number, result in self._told.items()
        )
        return told and all(
            number >= len(results) or results[number].values == values
            for number, values in self._run.items()
        )

    def go_on(self, results: Sequence[Result]) -> None:
        """Work out the next point: one of those that there are results of, or the one after."""
        number = self.length
        self._tell(known_before(self._sweep, number, results), results)
        trial, proposal = self._ask(number)
        run = results[number].values if number < len(results) else None
        if run is not None:
            self._run[number] = run
        if trial is not None and run is not None and run != proposal.values:
            self._study.tell(trial, state=TrialState.FAIL)  # another Optuna chose what was run
            trial = None
        self.points.append(proposal)
        self._waiting[number] = trial
        self._earlier.setdefault(identity(run or proposal.values), number)

    def _tell(self, numbers: Iterable[int], results: Sequence[Result]) -> None:
        for number in numbers:
            if number in self._waiting and results[number].told != "pending":
                self._told[number] = results[number]
                self._finish(self._waiting.pop(number), results[number])

    def _finish(self, trial: Trial | None, result: Result) -> None:
        """Tell of a result, for a trial that was asked for or as one from elsewhere."""
        if trial is None:
            self._study.add_trial(trial_of(0, result, self._translator))
            return
        if result.told == "complete":
            self._study.tell(trial, list(result.objectives))
            return
        if len(self._sweep.objectives) == 1:
            for step, value in (result.steps or {}).items():
                trial.report(value, step)
        self._study.tell(trial, state=STATES[result.told])

    def _ask(self, number: int) -> tuple[Trial | None, Proposal]:
        gate = Gate(self._sweep.space, self._earlier)
        draw = 0
        while not gate.is_weary:
            trial = self._study.ask()
            values = self._translator.suggest(trial)
            verdict = gate.judge(values)
            if verdict == "new":
                return trial, Proposal(values, draw)
            draw += 1
            self._turn_down(trial, None if verdict == "rejected" else identity(values))
        return None, Proposal(gate.draw_left(f"{self._sweep.seed}:{number}:left"), draw)

    def _turn_down(self, trial: Trial, known_as: str | None) -> None:
        """Tell of a proposal that is no new point: what is known of it, or that it failed."""
        if known_as is None:
            self._study.tell(trial, state=TrialState.PRUNED)
            return
        result = self._told.get(self._earlier[known_as])
        if result is None:  # under way: it must not count as bad
            self._study.tell(trial, state=TrialState.FAIL)
        else:
            self._finish(trial, result)


class SobolSampler(optuna.samplers.QMCSampler):
    """Optuna's, but with all axes from the first point on.

    Optuna's own learns the axes from its first trial, so that some points would be random, and
    which ones would depend on results. And it is scrambled, so that the seed means something and
    the first point is not the corner in which all axes are lowest.
    """

    def __init__(
        self,
        *,
        space: Mapping[str, BaseDistribution],
        seed: int,
        qmc_type: str = "sobol",
        scramble: bool = True,
    ) -> None:
        super().__init__(qmc_type=qmc_type, scramble=scramble, seed=seed)
        self._axes = {name: one for name, one in space.items() if not one.single()}

    def infer_relative_search_space(
        self,
        study: optuna.Study,  # noqa: ARG002 - Optuna's interface
        trial: optuna.trial.FrozenTrial,  # noqa: ARG002
    ) -> dict[str, BaseDistribution]:
        """Return all axes."""
        return self._axes
