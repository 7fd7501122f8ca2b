"""Which sampler goes by which name, and whether a sweep can use it."""

from __future__ import annotations

from gitexp.errors import GitexpError
from gitexp.sweep.sampling.grid import Grid
from gitexp.sweep.sampling.library import demand_libraries, demand_optuna
from gitexp.sweep.sampling.random import RandomSampler
from gitexp.sweep.sampling.sampler import Sampler
from gitexp.sweep.space import Choices
from gitexp.sweep.sweep import Sweep


def check_sampler(sweep: Sweep) -> None:
    """See that sampler and pruner of a sweep are installed, know their options and suit it."""
    if sweep.sampler == "cmaes":
        _check_cmaes(sweep)
    demand_libraries(sweep.sampler)
    if sweep.options and sweep.sampler in ("grid", "random"):
        raise GitexpError(
            f"the sampler '{sweep.sampler}' has no options",
            hint="Leave out `-o`, or choose with `--sampler` one that has some, such as tpe.",
        )
    sampler_of(sweep)
    if sweep.pruning is not None:
        demand_optuna("pruning")
        from gitexp.sweep.sampling.pruners import pruner_of  # noqa: PLC0415 - 200 ms, Optuna

        pruner_of(sweep.pruning)


def sampler_of(sweep: Sweep) -> Sampler:
    """Return what chooses the points of a sweep.

    It may be kept for the whole sweep, which saves time and changes no point.
    """
    if sweep.sampler == "grid":
        return Grid(sweep.space)
    if sweep.sampler == "random":
        return RandomSampler(sweep)
    from gitexp.sweep.sampling.optunas import optunas_sampler  # noqa: PLC0415 - 200 ms, Optuna

    return optunas_sampler(sweep)


def _check_cmaes(sweep: Sweep) -> None:
    if len(sweep.objectives) > 1:
        raise GitexpError(
            f"the sampler 'cmaes' works towards one metric, not {len(sweep.objectives)}",
            hint="Take `--sampler nsga2` or `--sampler tpe` for several.",
        )
    numeric = [
        axis
        for axis in sweep.space.axes
        if axis.when is None
        and axis.count > 1
        and not (isinstance(axis.domain, Choices) and not axis.domain.ordered)
    ]
    if not numeric:
        raise GitexpError(
            "the sampler 'cmaes' needs an axis of numbers: an interval or a range, without `when`",
            hint="Take `--sampler tpe`.",
        )
