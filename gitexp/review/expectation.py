"""Whether a run has shown what was expected of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from gitexp.comparison.expectation import Expectation, Expected
from gitexp.comparison.query.evaluate import compare, matches, value_of
from gitexp.comparison.query.expression import And, Column, Comparison, IsNull, Leaf, Not, Or
from gitexp.comparison.query.run_values import RunValues
from gitexp.model.hypothesis import Hypothesis, Verdict
from gitexp.model.values import Value, is_number
from gitexp.review import statistics

Repeats: TypeAlias = Callable[[str, Column], Sequence[float]]
"""The values of a metric over the repeats of a reference; '' is for the run that is judged."""

_ORDERED = ("<", "<=", ">", ">=")
_AGAINST: dict[Verdict, Verdict] = {"confirmed": "refuted", "refuted": "confirmed"}


def judged(
    expectation: Expectation, hypothesis: Hypothesis, run: RunValues, repeats: Repeats
) -> Verdict:
    """Return what became of an expectation, its names resolved.

    As in a review a move within the noise is none: if the numbers repeat on both sides, or on
    this one where a plain number is demanded, their means are what is compared.
    """

    def whole(part: Expectation) -> Verdict:
        if isinstance(part, And):
            return _first(map(whole, part.parts), "refuted", "not measured", "within noise")
        if isinstance(part, Or):
            return _first(map(whole, part.parts), "confirmed", "within noise", "not measured")
        if isinstance(part, Not):
            verdict = whole(part.part)
            return _AGAINST.get(verdict, verdict)
        return _of_leaf(part, hypothesis, run, repeats)

    return whole(expectation)


def _first(found: Iterable[Verdict], *order: Verdict) -> Verdict:
    """Return the first of an order that there is; if none is, they are all the same."""
    verdicts = list(found)
    return next((one for one in order if one in verdicts), verdicts[0])


def _of_leaf(
    leaf: Leaf | Expected, hypothesis: Hypothesis, run: RunValues, repeats: Repeats
) -> Verdict:
    value = value_of(leaf.column, run)
    if value is None and not isinstance(leaf, IsNull) and leaf.column.kind != "attribute":
        return "not measured"
    if isinstance(leaf, Expected):
        return _of_expected(leaf, hypothesis, value, repeats)
    if isinstance(leaf, Comparison) and leaf.op in _ORDERED and is_number(leaf.value):
        if leaf.column.kind == "metrics" and not is_number(value):
            return "not measured"  # a text has no order among numbers
        own = repeats("", leaf.column) if leaf.column.kind == "metrics" else ()
        if len(own) > 1:
            return _told(leaf, [leaf.value] * 2, own)
    return "confirmed" if matches(leaf, run) else "refuted"


def _of_expected(
    leaf: Expected, hypothesis: Hypothesis, value: Value | tuple[str, ...], repeats: Repeats
) -> Verdict:
    reference = hypothesis.against.get(leaf.reference)
    before = reference.values.get(str(leaf.column)) if reference is not None else None
    if before is None or isinstance(value, tuple):
        return "not measured"
    if not is_number(before):
        return "confirmed" if compare(value, leaf.op, before) else "refuted"
    if leaf.op in _ORDERED and not is_number(value):
        return "not measured"
    if leaf.op in _ORDERED and leaf.column.kind == "metrics":
        own = repeats("", leaf.column)
        others = [leaf.threshold(one) for one in repeats(leaf.reference, leaf.column)]
        if len(own) > 1 and len(others) > 1:
            return _told(leaf, others, own)
    return "confirmed" if compare(value, leaf.op, leaf.threshold(before)) else "refuted"


def _told(leaf: Comparison | Expected, others: Sequence[float], own: Sequence[float]) -> Verdict:
    """Return what two samples say, which have two values each at least."""
    found = statistics.compare(others, own)
    if found.noise and found.t is not None:  # values without any spread are what they are
        return "within noise"
    return "confirmed" if compare(found.new.mean, leaf.op, found.old.mean) else "refuted"
