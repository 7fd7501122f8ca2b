"""The samplers of Optuna, each in the way in which its points can be worked out anew."""

from __future__ import annotations

from collections.abc import Callable

import optuna
from optuna.samplers import BaseSampler

from gitexp.sweep.sampling.distributions import Translator
from gitexp.sweep.sampling.fresh import FreshSampler, TpeSampler
from gitexp.sweep.sampling.options import made
from gitexp.sweep.sampling.replay import ReplayedSampler, SobolSampler
from gitexp.sweep.sampling.sampler import Sampler
from gitexp.sweep.sweep import SamplerName, Sweep

_CLASSES: dict[SamplerName, type[BaseSampler]] = {
    "tpe": TpeSampler,
    "gp": optuna.samplers.GPSampler,
    "qmc": SobolSampler,
    "cmaes": optuna.samplers.CmaEsSampler,
    "nsga2": optuna.samplers.NSGAIISampler,
}


def optunas_sampler(sweep: Sweep) -> Sampler:
    """Return the sampler of a sweep; its first one is made at once, so that options are checked."""
    make = _maker(sweep)
    if sweep.sampler in ("tpe", "gp"):
        return FreshSampler(sweep, make)
    return ReplayedSampler(sweep, make)


def _maker(sweep: Sweep) -> Callable[[int], BaseSampler]:
    kind = _CLASSES[sweep.sampler]
    ours: dict[str, object] = {}
    translator = Translator(sweep.space)
    if sweep.sampler == "tpe":
        ours = {"constant_liar": True}  # pending points count, in every version of Optuna
    elif sweep.sampler == "qmc":
        ours = {"space": translator.distributions}

    together = {
        axis.name: translator.distributions[axis.name]
        for axis in sorted(sweep.space.axes, key=lambda axis: axis.name)  # as Optuna has them
        if axis.when is None and axis.count > 1
    }

    who = f"the sampler '{sweep.sampler}'"

    def make(seed: int) -> BaseSampler:
        sampler: BaseSampler = made(kind, who, sweep.options, seed=seed, **ours)
        if isinstance(sampler, TpeSampler) and not {"multivariate", "group"} & {*sweep.options}:
            sampler.axes = together
        return sampler

    return make
