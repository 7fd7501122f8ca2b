"""The answer to a change, as values: each metric, each rule, and one verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from gitexp.comparison.changes import Change
from gitexp.model.values import Value
from gitexp.review.statistics import Comparison

Outcome = Literal[
    "better",
    "worse",
    "within tolerance",
    "within noise",
    "changed",
    "unchanged",
    "new",
    "missing",
]
"""What became of a metric. 'changed' is a move that nothing calls good or bad."""

MetricDemand = Literal["min", "max", "max_drop", "max_relative_drop", "required"]
ChangeDemand = Literal[
    "params", "code", "data", "environment", "max_size", "max_growth", "max_growth_bytes"
]
Demand: TypeAlias = MetricDemand | ChangeDemand


class JudgedMetric(Struct, frozen=True):
    """One metric of one file, and what became of it."""

    change: Change
    """The metric's values on both sides, even if they are the same."""
    outcome: Outcome
    comparison: Comparison | None = None
    """The repeats of both sides, if there are some."""


class JudgedRule(Struct, frozen=True):
    """One demand on one thing, kept or broken."""

    subject: str
    """The flat name of a metric, the path of a file behind a pointer, or a kind of change."""
    demand: Demand
    kept: bool
    limit: Value
    """What the policy says."""
    found: Value
    """What is measured against it: a value, a drop, a growth, the paths that changed."""
    words: str
    """The finding as a phrase: 'accuracy fell by 0.013, more than the 0.01 allowed'."""
    file: str = ""
    """The file of a metric, if it is there."""


class Verdict(Struct, frozen=True):
    """The answer to a change, or to one revision by itself."""

    old: str | None
    """The label of the old side; None if one revision is judged by itself."""
    new: str
    metrics: tuple[JudgedMetric, ...] = ()
    """The metrics of the policy first, in its order."""
    rules: tuple[JudgedRule, ...] = ()
    notes: tuple[str, ...] = ()
    """What deserves a look and breaks no rule, as phrases."""
    idle: tuple[str, ...] = ()
    """Those of the notes that are about rules for no metric there is."""

    @property
    def passed(self) -> bool:
        """Whether every rule is kept."""
        return all(rule.kept for rule in self.rules)

    @property
    def broken(self) -> tuple[JudgedRule, ...]:
        """The rules that are not kept."""
        return tuple(rule for rule in self.rules if not rule.kept)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the answer is no, as phrases, each once; empty if it is yes."""
        return tuple(dict.fromkeys(rule.words for rule in self.broken))

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many metrics came out how, in the order of the policy."""
        found: dict[Outcome, int] = {}
        for metric in self.metrics:
            found[metric.outcome] = found.get(metric.outcome, 0) + 1
        return found
