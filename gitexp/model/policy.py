"""What is demanded of metrics: the rules of `gitexp.yaml`, as values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Literal

from msgspec import Struct

from gitexp.model.numbers import difference, is_nan, portion
from gitexp.model.once import once

Goal = Literal["max", "min"]
Mark = Literal["better", "worse", "within tolerance", "within noise", ""]


class Rule(Struct, frozen=True):
    """What is demanded of one metric."""

    goal: Goal | None = None
    """Which direction is better."""
    tolerance: float = 0.0
    """How far the metric may move, in its own unit, and still count as unchanged."""
    relative_tolerance: float = 0.0
    """The same as a part of the old value; the wider of the two counts."""
    min: float | None = None
    max: float | None = None
    max_drop: float | None = None
    """How far the metric may get worse, in its own unit."""
    max_relative_drop: float | None = None
    """The same as a part of the old value."""
    required: bool | None = None
    """Whether it must be there; None: it must not vanish, if anything else is demanded of it."""

    @property
    def limits(self) -> bool:
        """Whether a value can break the rule, and not only be better or worse."""
        found = (self.min, self.max, self.max_drop, self.max_relative_drop)
        return any(limit is not None for limit in found)

    def tolerates(self, old: float, new: float) -> bool:
        """Return whether a move is too small to count as one.

        >>> Rule(relative_tolerance=0.1).tolerates(3.0, 3.3)
        True
        """
        return self._tolerates(difference(old, new), old)

    def _tolerates(self, moved: float, old: float) -> bool:
        distance = abs(moved)
        if distance <= self.tolerance:
            return True
        relative = self.relative_tolerance
        return bool(relative) and distance <= portion(relative, old)

    def drop(self, old: float, new: float) -> float:
        """Return how much worse a metric has got; negative if it has got better.

        What was a number and is NaN has got infinitely worse, and the other way round.
        """
        return self._drop(difference(old, new), new)

    def _drop(self, moved: float, new: float) -> float:
        if is_nan(moved):
            return math.inf if is_nan(new) else -math.inf
        return moved if self.goal == "min" else 0 - moved  # -0.0 would be printed

    def mark(self, old: float, new: float) -> Mark:
        """Judge a move by the goal and the tolerance."""
        moved = difference(old, new)
        if moved == 0:
            return ""
        if self._tolerates(moved, old):
            return "within tolerance"
        if self.goal is None:
            return ""
        return "worse" if self._drop(moved, new) > 0 else "better"


class Policy(Struct, frozen=True, dict=True):
    """The rules by the flat name of their metric, in the order in which they were written.

    In a name, `*` stands for any characters, dots too. A rule for the exact name of a metric
    wins over one with a `*`, of which the first that matches counts. A rule for `FILE:metric` is
    for the metric of that file alone.
    """

    rules: tuple[tuple[str, Rule], ...] = ()

    @property
    def has_goals(self) -> bool:
        """Whether one direction is better for some metric."""
        return any(rule.goal is not None for _, rule in self.rules)

    def has_goal(self, metric: str) -> bool:
        """Return whether one direction is better for a metric."""
        rule = self.rule(metric)
        return rule is not None and rule.goal is not None

    def rule(self, metric: str) -> Rule | None:
        """Return the rule for a metric, if there is one.

        >>> policy = Policy((("val.*", Rule("max")), ("val.loss", Rule("min"))))
        >>> policy.rule("val.loss").goal, policy.rule("val.f1").goal, policy.rule("f1")
        ('min', 'max', None)
        """
        at = self.position(metric)
        return None if at is None else self.rules[at][1]

    def position(self, metric: str) -> int | None:
        """Return the place of the rule for a metric among the rules, if there is one."""
        if metric not in self._places:
            found = (at for at, pattern in self._patterns if pattern.fullmatch(metric))
            self._places[metric] = next(found, None)
        return self._places[metric]

    def named(self, file: str, metric: str) -> str:
        """Return the name by which the rules know a metric of a file.

        That is `FILE:metric` if a rule says so, which wins over one for the metric of every file.

        >>> policy = Policy((("f1", Rule("max")), ("a.json:f1", Rule("min"))))
        >>> policy.named("a.json", "f1"), policy.named("b.json", "f1")
        ('a.json:f1', 'f1')
        """
        if not (file and self._has_files):
            return metric
        whole = f"{file}:{metric}"
        at = self.position(whole)
        # `*` and `metrics.*` fit a path only by chance
        return metric if at is None or ":" not in self.rules[at][0] else whole

    def ordered(self, metrics: Iterable[str], file: str = "") -> list[str]:
        """Return the metrics, of a file, with the ruled ones first, in the order of their rules.

        >>> Policy((("val.*", Rule()), ("f1", Rule()))).ordered(["a", "f1", "val.b", "val.a"])
        ['val.b', 'val.a', 'f1', 'a']
        """
        if not self.rules:
            return list(metrics)
        places = [(self.position(self.named(file, metric)), metric) for metric in metrics]
        places.sort(key=lambda place: len(self.rules) if place[0] is None else place[0])
        return [metric for _, metric in places]

    def mark(self, metric: str, old: float, new: float) -> Mark:
        """Judge a move of a metric by its rule, if it has one."""
        rule = self.rule(metric)
        return "" if rule is None else rule.mark(old, new)

    @cached_property
    def _places(self) -> dict[str, int | None]:
        """What has been asked before: a review asks for each metric ten times."""
        return {name: at for at, (name, _) in enumerate(self.rules)}

    @cached_property
    def _has_files(self) -> bool:
        """Whether a rule may be for the metric of one file."""
        return any(":" in name for name, _ in self.rules)

    @cached_property
    def _patterns(self) -> list[tuple[int, re.Pattern[str]]]:
        return [
            (at, name_pattern(name)) for at, (name, _) in enumerate(self.rules) if is_pattern(name)
        ]


def is_pattern(name: str) -> bool:
    """Return whether the name of a rule may stand for several metrics."""
    return "*" in name


def name_pattern(name: str) -> re.Pattern[str]:
    """Return what a name stands for, in which `*` is any characters, dots too.

    The first place that fits a part between two `*` is kept, so that it takes no longer than the
    name times the pattern.

    >>> bool(name_pattern("*seed").fullmatch("train.seed"))
    True
    """
    first, *between = map(re.escape, name.split("*"))
    if not between:
        return re.compile(first)
    last = between.pop()
    kept = "".join(once(f".*?{part}", f"p{at}") for at, part in enumerate(between) if part)
    return re.compile(f"{first}{kept}.*{last}", re.DOTALL)
