"""TPE and Gaussian processes: a new sampler for each point, so that none remembers anything.

What Optuna's sampler keeps is its random numbers. Seeded by the number of the point it gives the
same point in every process, whichever points were asked for before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial

from gitexp.model.values import Value
from gitexp.sweep.sampling.distributions import Translator
from gitexp.sweep.sampling.gate import Gate, identity
from gitexp.sweep.sampling.library import quiet
from gitexp.sweep.sampling.sampler import Proposal, Result
from gitexp.sweep.sampling.seeds import seed_of
from gitexp.sweep.sampling.trials import TrialList, create_study, trial_of
from gitexp.sweep.sweep import Sweep

Make: TypeAlias = "Callable[[int], BaseSampler]"
"""Makes a sampler of Optuna with a seed."""


class TpeSampler(optuna.samplers.TPESampler):
    """Optuna's, but it is told which axes each point has, rather than look through all trials."""

    axes: Mapping[str, BaseDistribution] | None = None
    """Those without a condition; None to have Optuna look."""

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return the axes, where all are chosen together: with one objective."""
        if self.axes is None or len(study.directions) > 1:
            return super().infer_relative_search_space(study, trial)
        return dict(self.axes)


class _Kept(NamedTuple):
    """A result that was told before."""

    result: Result
    identity: str
    trial: FrozenTrial


class FreshSampler:
    """Asks a sampler of its own for each point; the trials are kept, as they only become more."""

    def __init__(self, sweep: Sweep, make: Make) -> None:
        self._sweep = sweep
        self._make = make
        self._translator = Translator(sweep.space)
        self._storage = TrialList()
        with quiet():
            self._study = create_study(sweep.objectives, make(0), self._storage)
        self._kept: dict[int, _Kept] = {}

    def propose(self, number: int, results: Sequence[Result]) -> Proposal:
        """Return the values of a point, by what is told of those before it."""
        known = [self._keep(result) for result in results]
        told = [one.trial for one in known]
        earlier = {one.identity: one.result for one in known}
        gate = Gate(self._sweep.space, earlier)
        extra: list[Result] = []
        while not gate.is_weary:
            draw = len(extra)
            values = self._ask(told, extra, seed_of(self._sweep.seed, number, draw))
            verdict = gate.judge(values)
            if verdict == "new":
                return Proposal(values, draw)
            if verdict == "rejected":
                extra.append(Result(number, values, "failed"))
            else:
                extra.append(earlier[identity(values)])
        return Proposal(gate.draw_left(f"{self._sweep.seed}:{number}:left"), len(extra))

    def _ask(self, told: list[FrozenTrial], extra: Sequence[Result], seed: int) -> dict[str, Value]:
        """Ask once; what was turned down for this point is told for this time alone."""
        more = (trial_of(len(told) + at, one, self._translator) for at, one in enumerate(extra))
        self._storage.trials = [*told, *more]
        with quiet():
            self._study.sampler = self._make(seed)
            return self._translator.suggest(self._study.ask())

    def _keep(self, result: Result) -> _Kept:
        kept = self._kept.get(result.number)
        if kept is None or (kept.result is not result and kept.result != result):
            trial = trial_of(result.number, result, self._translator)
            kept = self._kept[result.number] = _Kept(result, identity(result.values), trial)
        return kept
