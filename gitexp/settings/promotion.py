"""The setting `promote`: what is demanded of a run before it becomes a version of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from gitexp.model.policy import Policy, Rule
from gitexp.model.promotion import Demands, Promotion, Requirement
from gitexp.settings.kinds import Wrong, one_of, texts, yes
from gitexp.settings.policy import read_rule

_WHAT = "must be a mapping with require, push, stages and rules for metrics"
_requirement = one_of(*get_args(Requirement))


def read_promotion(value: object) -> Promotion:
    """Read what is demanded: what is not `require`, `push` or `stages` is a rule for a metric."""
    if not isinstance(value, dict):
        raise Wrong(_WHAT)
    rest = {key: one for key, one in value.items() if key not in ("push", "stages")}
    found: dict[str, Any] = {"demands": _demands(rest)}
    if "push" in value:
        found["push"] = _below("push", yes, value["push"])
    if "stages" in value:
        found["stages"] = _stages(value["stages"])
    return Promotion(**found)


def _stages(value: object) -> Mapping[str, Demands]:
    if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
        raise Wrong("must be a mapping from stages to what they demand", "stages")
    return {str(stage): _demands(one, "stages", str(stage)) for stage, one in value.items()}


def _demands(value: Mapping[Any, object], *above: str) -> Demands:
    require: tuple[Requirement, ...] = ()
    rules: list[tuple[str, Rule]] = []
    for key, one in value.items():
        if key == "require":
            require = tuple(
                _below("require", _requirement, text, *above)
                for text in _below("require", texts, one, *above)
            )
        else:
            rules.append((str(key), read_rule(str(key), _with_goal(one), *above)))
    return Demands(require, Policy(tuple(rules)))


def _with_goal(demands: object) -> object:
    """Return the demands with the goal that a single bound implies."""
    if (
        not isinstance(demands, dict)
        or "goal" in demands
        or ("min" in demands) == ("max" in demands)
    ):
        return demands
    return {**demands, "goal": "max" if "min" in demands else "min"}


def _below(key: str, read: Any, value: object, *above: str) -> Any:
    try:
        return read(value)
    except Wrong as wrong:
        raise Wrong(str(wrong), *above, key, *wrong.below) from wrong
