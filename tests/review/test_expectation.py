"""What becomes of an expectation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

import pytest

from gitexp.comparison.expectation import parse_expectation, resolved
from gitexp.comparison.query.expression import Column
from gitexp.comparison.query.run_values import RunValues
from gitexp.model.hypothesis import Hypothesis, Reference
from gitexp.review.expectation import judged

NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)
RUN = RunValues(
    attributes={"status": "done", "duration": 60.0},
    metrics={"accuracy": 0.92, "loss": 0.3, "stage": "late"},
    params={"lr": 0.1},
)
AGAINST = {
    "baseline": Reference(
        "1a2b", values={"metrics.accuracy": 0.9, "metrics.stage": 1, "params.lr": 0.1}
    ),
    "other": Reference("3c4d", values={"metrics.stage": "early"}),
}


def verdict(text: str, repeats: Mapping[str, Sequence[float]] | None = None) -> str:
    """Return what becomes of an expectation about RUN."""
    known = [Column("metrics", name) for name in (*RUN.metrics, "f1")]
    known += [Column("params", name) for name in RUN.params]
    expectation = resolved(parse_expectation(text, now=NOW), known)
    found = Hypothesis(text, against=AGAINST)
    return judged(expectation, found, RUN, lambda name, _: (repeats or {}).get(name, ()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("accuracy > baseline", "confirmed"),
        ("accuracy > baseline + 0.02", "refuted"),
        ("accuracy > baseline + 1%", "confirmed"),
        ("accuracy > baseline + 5%", "refuted"),
        ("not accuracy > baseline", "refuted"),
        ("lr = baseline", "confirmed"),
        ("lr < baseline", "refuted"),
        ("stage = other", "refuted"),
        ("stage != other", "confirmed"),
        ("loss < 0.4 and duration < 2 min", "confirmed"),
        ("f1 > 0.5", "not measured"),
        ("not f1 > 0.5", "not measured"),
        ("f1 is null", "confirmed"),
        ("loss < baseline", "not measured"),
        ("loss < 0.1 and f1 > 0.5", "refuted"),
        ("loss < 0.4 and f1 > 0.5", "not measured"),
        ("loss < 0.4 or f1 > 0.5", "confirmed"),
        ("loss < 0.1 or f1 > 0.5", "not measured"),
        ("stage > 1", "not measured"),
        ("stage > baseline", "not measured"),
        ("not stage > 1", "not measured"),
    ],
)
def test_one_run_is_held_against_numbers(text: str, expected: str) -> None:
    assert verdict(text) == expected


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        ((0.92, 0.93, 0.91), (0.90, 0.91, 0.93), "within noise"),
        ((0.92, 0.93, 0.91), (0.80, 0.81, 0.82), "confirmed"),
        ((0.92, 0.93, 0.91), (0.98, 0.99, 0.98), "refuted"),
        ((0.92, 0.92), (0.92, 0.92), "refuted"),
        ((0.92,), (0.80, 0.99), "confirmed"),
    ],
)
def test_repeats_tell_a_move_from_noise(
    own: Sequence[float], others: Sequence[float], expected: str
) -> None:
    assert verdict("accuracy > baseline", {"": own, "baseline": others}) == expected


def test_repeats_are_held_against_a_moved_reference_and_a_number() -> None:
    repeats = {"": (0.92, 0.93, 0.91), "baseline": (0.80, 0.81, 0.82)}

    assert verdict("accuracy > baseline + 0.05", repeats) == "confirmed"
    assert verdict("accuracy > baseline + 0.105", repeats) == "within noise"
    assert verdict("accuracy > 0.915", repeats) == "within noise"
    assert verdict("accuracy > 0.8", repeats) == "confirmed"
    assert verdict("not accuracy > 0.915", repeats) == "within noise"
