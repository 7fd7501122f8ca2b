"""What is demanded of metrics: the rules of `gitexp.yaml`, as values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from gitexp.model.numbers import difference

Goal = Literal["max", "min"]
Mark = Literal["better", "worse", "within tolerance", ""]


@dataclass(frozen=True)
class Rule:
    """What is demanded of one metric."""

    goal: Goal | None = None
    """Which direction is better."""
    tolerance: float = 0.0
    """How far the metric may move, in its own unit, and still count as unchanged."""
    min: float | None = None
    max: float | None = None
    max_drop: float | None = None
    """How far the metric may get worse, in its own unit."""


@dataclass(frozen=True)
class Policy:
    """The rules by the flat name of their metric, in the order in which they were written."""

    rules: tuple[tuple[str, Rule], ...] = ()

    def rule(self, metric: str) -> Rule | None:
        """Return the rule for a metric, if there is one."""
        return dict(self.rules).get(metric)

    def mark(self, metric: str, old: float, new: float) -> Mark:
        """Judge a move of a metric by its goal and tolerance."""
        rule = self.rule(metric)
        moved = difference(old, new)
        if rule is None or moved == 0:
            return ""
        if abs(moved) <= rule.tolerance:
            return "within tolerance"
        if rule.goal is None:
            return ""
        if math.isnan(moved):  # whatever was a number before has got worse
            return "worse" if new != new else "better" if old != old else ""  # noqa: PLR0124 - NaN
        return "better" if (moved > 0) == (rule.goal == "max") else "worse"
