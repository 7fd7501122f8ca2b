"""The demands on metrics: whether each is kept, and how that is said."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from gitexp.comparison.changes import ABSENT, Change, MaybeValue
from gitexp.model.numbers import is_nan, number_text, pair_texts, portion, share
from gitexp.model.policy import Policy, Rule, is_pattern
from gitexp.model.values import Value, is_number
from gitexp.review.judged import JudgedMetric, JudgedRule
from gitexp.review.words import part_pair, part_text, shown

_BOUND_WORDS = {
    "min": ("at least", "less than the {} demanded"),
    "max": ("at most", "more than the {} allowed"),
}


def judged_metric_rules(
    metrics: Sequence[JudgedMetric], policy: Policy, *, whole: bool = True
) -> Iterator[JudgedRule]:
    """Yield all demands of the policy that apply, rule by rule in its order.

    If these are not all metrics (`whole`), no required one counts as lacking.
    """
    ruled: dict[int, list[JudgedMetric]] = {}
    elsewhere: dict[int, list[JudgedMetric]] = {}
    for metric in metrics:
        change = metric.change
        name = policy.named(change.file, change.name)
        if (at := policy.position(name)) is not None:
            ruled.setdefault(at, []).append(metric)
        if name != change.name and (at := policy.position(change.name)) is not None:
            elsewhere.setdefault(at, []).append(metric)
    files = Counter(metric.change.name for metric in metrics)
    for at, (name, rule) in enumerate(policy.rules):
        found = ruled.get(at, [])
        if found:
            yield from _presences(rule, found, files)
        elif rule.required and whole:
            yield from _required(name, rule, elsewhere.get(at, []), files)
        for metric in found:
            called = _called(metric.change, several=files[metric.change.name] > 1)
            yield from _bounds(metric, rule, called)
            yield from _drops(metric, rule, called)


def _called(change: Change, *, several: bool) -> str:
    return f"{change.name} in {change.file}" if several else change.name


def _required(
    name: str, rule: Rule, elsewhere: Sequence[JudgedMetric], files: Mapping[str, int]
) -> Iterator[JudgedRule]:
    """Yield whether it is there, if only where rules for single files have all the limits."""
    there = [metric for metric in elsewhere if metric.change.new is not ABSENT]
    if there:
        yield from _presences(rule, there[:1], files)
    else:
        words = f"no metric is called {name}" if is_pattern(name) else f"{name} is missing"
        yield JudgedRule(name, "required", False, True, None, words)


def _presences(
    rule: Rule, metrics: Sequence[JudgedMetric], files: Mapping[str, int]
) -> Iterator[JudgedRule]:
    """Yield whether what is required is there, and whether what has limits is still there.

    A required pattern asks for one metric at least, and a required name for one in any file;
    but what was in several files must vanish from none.
    """
    by_name: dict[str, list[JudgedMetric]] = {}
    for metric in metrics:
        by_name.setdefault(metric.change.name, []).append(metric)
    for one, found in by_name.items():
        there = [metric.change for metric in found if metric.change.new is not ABSENT]
        if rule.required and there:
            yield _presence(there, of_all=len(found) == files[one])
        if rule.required or (rule.limits and rule.required is None):
            yield from _absences(found, files)


def _presence(there: Sequence[Change], *, of_all: bool) -> JudgedRule:
    best = next((change for change in there if change.new is not None), there[0])
    kept, called = best.new is not None, _called(best, several=not of_all)
    words = f"{called} is there" if kept else f"{called} is null"
    return JudgedRule(best.name, "required", kept, True, _value(best.new), words, best.file)


def _absences(metrics: Sequence[JudgedMetric], files: Mapping[str, int]) -> Iterator[JudgedRule]:
    for change in (metric.change for metric in metrics):
        if change.new is ABSENT:
            called = _called(change, several=files[change.name] > 1)
            words = f"{called} is missing; it was {shown(change.old)}"
            yield JudgedRule(change.name, "required", False, True, None, words, change.file)


def _bounds(metric: JudgedMetric, rule: Rule, called: str) -> Iterator[JudgedRule]:
    if rule.min is not None:
        yield from _bound(metric, "min", rule.min, called)
    if rule.max is not None:
        yield from _bound(metric, "max", rule.max, called)


def _bound(
    metric: JudgedMetric, demand: Literal["min", "max"], limit: float, called: str
) -> Iterator[JudgedRule]:
    new = metric.change.new
    if new is ABSENT:
        return
    within, beyond = _BOUND_WORDS[demand]
    if not is_number(new) or is_nan(new):
        kept, words = False, f"{called} is {shown(new)}, but must be {within} {number_text(limit)}"
    else:
        kept = new >= limit if demand == "min" else new <= limit
        value, bound = pair_texts(new, limit)
        words = f"{called} is {value}, {f'{within} {bound}' if kept else beyond.format(bound)}"
    yield JudgedRule(
        metric.change.name, demand, kept, limit, _value(new), words, metric.change.file
    )


def _drops(metric: JudgedMetric, rule: Rule, called: str) -> Iterator[JudgedRule]:
    """Yield how much worse a number may get; what was not a number cannot have got worse."""
    change = metric.change
    old, new = change.old, change.new
    if not is_number(old) or new is ABSENT:
        return
    if rule.max_drop is not None:
        yield _drop(metric, rule, "max_drop", rule.max_drop, called)
    if rule.max_relative_drop is not None:
        yield _drop(metric, rule, "max_relative_drop", rule.max_relative_drop, called)


def _drop(
    metric: JudgedMetric,
    rule: Rule,
    demand: Literal["max_drop", "max_relative_drop"],
    limit: float,
    called: str,
) -> JudgedRule:
    change = metric.change
    old, new = change.old, change.new
    assert is_number(old)  # as its caller saw to
    found: float | None = None
    if not is_number(new):
        kept, words = False, f"{called} is {shown(new)}, and was {shown(old)}"
    else:
        drop = rule.drop(old, new)
        relative = demand == "max_relative_drop"
        found = share(max(drop, 0), old) if relative else drop
        kept = drop <= (portion(limit, old) if relative else limit) or rule.tolerates(old, new)
        words = _drop_words(called, rule, (old, new), drop, limit, relative=relative)
        if metric.outcome == "within noise":
            words += " (within noise)"
    return JudgedRule(change.name, demand, kept, limit, found, words, change.file)


def _drop_words(
    called: str,
    rule: Rule,
    values: tuple[float, float],
    drop: float,
    limit: float,
    *,
    relative: bool,
) -> str:
    """Say how far a metric fell or rose, in digits that tell it from what is allowed."""
    verb, past = ("rise", "rose") if rule.goal == "min" else ("fall", "fell")
    if drop <= 0:
        return f"{called} did not {verb}"
    part = share(drop, values[0])
    allowed = portion(limit, values[0]) if relative else limit
    if drop > allowed and rule.tolerates(*values):
        return f"{called} {past} by {number_text(drop)}, which is within the tolerance"
    how = "no more" if drop <= allowed else "more"
    if math.inf in (drop, part if relative else 0):
        old, new = map(number_text, values)
        most = part_text(limit) if relative else number_text(limit)
        return f"{called} {past} from {old} to {new}, {how} than the {most} allowed"
    if relative:
        measured, most = part_pair(part, limit)
        return (
            f"{called} {past} by {number_text(drop)}, which is {measured} of what it was, "
            f"{how} than the {most} allowed"
        )
    measured, most = pair_texts(drop, limit)
    return f"{called} {past} by {measured}, {how} than the {most} allowed"


def _value(value: MaybeValue) -> Value:
    return None if value is ABSENT else value
