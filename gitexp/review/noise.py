"""What repeats say of a move: the one place that calls it noise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from gitexp.comparison.changes import Change, Diff
from gitexp.model.numbers import number_text, spread_text
from gitexp.model.policy import Mark, Policy
from gitexp.model.values import is_number
from gitexp.review.statistics import Comparison, Sample, Samples

_MARKS = ("better", "worse", "")
"""Those that repeats may put another in the place of: what a policy tolerates is no move."""


def mark_of(change: Change, samples: Comparison | None, policy: Policy) -> Mark:
    """Return what to say of a change: by its repeats, if both sides have some to be tested."""
    if samples is None or samples.test is None or change.mark not in _MARKS:
        return change.mark
    if not (is_number(change.old) and is_number(change.new)):
        return change.mark
    if samples.noise:
        return "within noise"
    name = policy.named(change.file, change.name)
    return policy.mark(name, samples.old.mean, samples.new.mean)


def with_noise(diff: Diff, samples: Samples, policy: Policy) -> Diff:
    """Return a diff whose metrics are marked by their repeats."""
    if not samples:
        return diff
    metrics = (
        replace(one, mark=mark_of(one, samples.get((one.file, one.name)), policy))
        for one in diff.metrics
    )
    return replace(diff, metrics=tuple(metrics))


def repeats_words(changes: Iterable[Change], samples: Samples) -> list[str]:
    """Return in words what the repeats of changed metrics came to, where they were tested."""
    return [
        f"{one.name}: {_words(found.old)} → {_words(found.new)}{_chance(found)}"
        for one in changes
        if (found := samples.get((one.file, one.name))) is not None and found.test
    ]


def _words(sample: Sample) -> str:
    return f"{spread_text(sample.mean, sample.deviation)} (n = {len(sample.values)})"


def _chance(found: Comparison) -> str:
    return "" if found.p is None else f", p = {number_text(found.p, 2)}"


def comparison_data(comparison: Comparison) -> Mapping[str, object]:
    """Return two samples and their test, as JSON has them."""
    return {
        "old": _data(comparison.old),
        "new": _data(comparison.new),
        "test": comparison.test,
        "t": comparison.t,
        "degrees_of_freedom": comparison.freedom,
        "p": comparison.p,
        "noise": comparison.noise,
    }


def _data(sample: Sample) -> Mapping[str, object]:
    return {
        "values": list(sample.values),
        "mean": sample.mean,
        "standard_deviation": sample.deviation,
    }
