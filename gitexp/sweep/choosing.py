"""Which sampler chooses points, by what, and what it may know: from the words and the space."""

from __future__ import annotations

from collections.abc import Iterable

from gitexp.errors import GitexpError
from gitexp.execution.overrides.grammar import parse_override
from gitexp.model.policy import Goal, Policy
from gitexp.model.values import Value
from gitexp.sweep.asked import Asked
from gitexp.sweep.space import Space
from gitexp.sweep.sweep import ADAPTIVE, Objective, SamplerName


def read_objectives(
    policy: Policy, metrics: Iterable[tuple[str, Goal | None]]
) -> tuple[Objective, ...]:
    """Return the metrics that a sweep is after, with a goal each; raises GitexpError for none."""
    found: list[Objective] = []
    for metric, said in metrics:
        rule = policy.rule(metric) or policy.rule(metric.rpartition(":")[2])
        goal = said or (rule.goal if rule is not None else None)
        if goal is None:
            raise GitexpError(
                f"nothing says whether a high or a low '{metric}' is better",
                f"Write `--minimize {metric}` or `--maximize {metric}`, or set "
                f"`policy: {{{metric}: {{goal: max}}}}` in gitexp.yaml.",
            )
        if any(one.metric == metric for one in found):
            raise GitexpError(f"the metric '{metric}' is named twice", "Leave one out.")
        found.append(Objective(metric, goal))
    return tuple(found)


def chosen_sampler(asked: Asked, space: Space, objectives: tuple[Objective, ...]) -> SamplerName:
    """Return the sampler that was asked for, or the one that suits; raises GitexpError."""
    if asked.sampler is None:
        is_whole = space.size is not None and (asked.points is None or asked.points >= space.size)
        sampler: SamplerName = "grid" if is_whole else "tpe" if objectives else "random"
        if space.rows:
            sampler = "grid"
    else:
        sampler = asked.sampler
    _check_sampler(sampler, space, objectives)
    if sampler != "grid" and asked.points is None:
        raise GitexpError(
            f"nothing says how many points '{sampler}' is to try", "Add `-N 50`, say."
        )
    return sampler


def _check_sampler(sampler: SamplerName, space: Space, objectives: tuple[Objective, ...]) -> None:
    if sampler != "grid" and space.rows:
        raise GitexpError(
            f"'{sampler}' chooses points itself, and `--points` lists them",
            "Leave one of the two out.",
        )
    if sampler == "grid" and space.size is None:
        name = next(axis.name for axis in space.axes if axis.size is None)
        raise GitexpError(
            f"a grid needs values, and '{name}' is an interval",
            "List its values, as `range(...)` does, or add `--sampler random -N 50`.",
        )
    if sampler in ADAPTIVE and not objectives:
        raise GitexpError(
            f"'{sampler}' learns from results, and nothing says from which metric",
            "Add `--minimize METRIC` or `--maximize METRIC`.",
        )


def read_options(texts: Iterable[str]) -> dict[str, Value]:
    """Return the options of a sampler, as `-o KEY=VALUE` gives them."""
    found: dict[str, Value] = {}
    for text in texts:
        one = parse_override(text)
        if one.file is not None or one.operation.value or len(one.key) != 1 or not one.has_value:
            raise GitexpError(f"'{text}' is no option of a sampler", "Write `-o KEY=VALUE`.")
        found[one.name] = one.value
    return found


def chosen_window(asked: Asked, sampler: SamplerName, *, prunes: bool) -> int:
    """Return how many of the points before a point its choice must not know."""
    if sampler not in ADAPTIVE and not prunes:
        if asked.window:
            raise GitexpError(
                f"`--window` means nothing for '{sampler}', which learns from no results",
                "Leave it out.",
            )
        return 0
    return asked.window if asked.window is not None else 2 * (asked.jobs - 1)
