"""The settings `policy` and `review`: what is demanded of metrics, and of what else changes."""

from __future__ import annotations

from collections.abc import Mapping

from gitexp.model.change_rules import Budget, ChangeRules
from gitexp.model.policy import Policy, Rule
from gitexp.settings.kinds import (
    Kind,
    Unknown,
    Wrong,
    distance,
    fields,
    number,
    one_of,
    part,
    percent,
    size,
    texts,
    yes,
)


def read_policy(value: object) -> Policy:
    """Read the rules for metrics."""
    if not isinstance(value, dict):
        raise Wrong("must be a mapping from metrics to rules")
    return Policy(tuple((metric, read_rule(metric, demands)) for metric, demands in value.items()))


def read_rule(metric: str, demands: object, *above: str) -> Rule:
    """Read the demands on one metric, which stand below these keys."""
    rule = Rule(**fields(demands, _RULE, *above, metric))
    for key in ("max_drop", "max_relative_drop"):
        if rule.goal is None and getattr(rule, key) is not None:
            raise Wrong("needs a 'goal' beside it that says what is worse", *above, metric, key)
    if rule.min is not None and rule.max is not None and rule.min > rule.max:
        raise Wrong("must not be above 'max'", *above, metric, "min")
    return rule


def read_review(value: object) -> ChangeRules:
    """Read the rules for what else changes."""
    return ChangeRules(**fields(value, _REVIEW))


def _sizes(value: object) -> tuple[tuple[str, Budget], ...]:
    if not isinstance(value, dict):
        raise Wrong("must be a mapping from patterns to budgets")
    try:
        return tuple((pattern, _budget(pattern, one)) for pattern, one in value.items())
    except Unknown as unknown:
        raise Unknown(("sizes", *unknown.below), unknown.known) from unknown


def _budget(pattern: str, value: object) -> Budget:
    found = fields(value, _BUDGET, pattern)
    return Budget(found.get("max_size"), *found.get("max_growth", (None, None)))


def _growth(value: object) -> tuple[float | None, int | None]:
    """Return the part or the bytes by which something may grow."""
    grown = percent(value)
    if grown is not None:
        return grown, None
    if not isinstance(value, str):
        raise Wrong("must be a part such as 20% or a size such as 5MB")
    try:
        return None, size(value)
    except Wrong as wrong:
        raise Wrong("must be a part such as 20% or a size such as 5MB") from wrong


_allowance = one_of("allowed", "noted", "forbidden")
_RULE: Mapping[str, Kind] = {
    "goal": one_of("max", "min"),
    "tolerance": distance,
    "relative_tolerance": part,
    "min": number,
    "max": number,
    "max_drop": distance,
    "max_relative_drop": part,
    "required": yes,
}
_REVIEW: Mapping[str, Kind] = {
    "params": _allowance,
    "code": _allowance,
    "data": _allowance,
    "environment": _allowance,
    "sizes": _sizes,
    "seeds": texts,
    "signatures": one_of("optional", "required"),
}
_BUDGET: Mapping[str, Kind] = {"max_size": size, "max_growth": _growth}
