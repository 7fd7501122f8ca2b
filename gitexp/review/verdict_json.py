"""A verdict as JSON has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitexp.comparison.changes import ABSENT, MaybeValue
from gitexp.review.judged import JudgedMetric, JudgedRule, Verdict
from gitexp.review.noise import comparison_data


def verdict_data(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as mappings and lists; a value that is absent has no key."""
    return {
        "old": verdict.old,
        "new": verdict.new,
        "passed": verdict.passed,
        "reasons": list(verdict.reasons),
        "notes": list(verdict.notes),
        "metrics": [_metric(metric) for metric in verdict.metrics],
        "rules": [_rule(rule) for rule in verdict.rules],
    }


def _metric(metric: JudgedMetric) -> dict[str, Any]:
    change = metric.change
    data: dict[str, Any] = {"name": change.name, "file": change.file}
    data |= {key: value for key, value in _values(change.old, change.new) if value is not ABSENT}
    data |= {"diff": change.delta, "outcome": metric.outcome}
    if metric.comparison is not None:
        data["repeats"] = comparison_data(metric.comparison)
    return data


def _values(old: MaybeValue, new: MaybeValue) -> tuple[tuple[str, MaybeValue], ...]:
    return ("old", old), ("new", new)


def _rule(rule: JudgedRule) -> Mapping[str, Any]:
    return {
        "subject": rule.subject,
        "file": rule.file or None,
        "demand": rule.demand,
        "kept": rule.kept,
        "limit": rule.limit,
        "found": rule.found,
        "words": rule.words,
    }
