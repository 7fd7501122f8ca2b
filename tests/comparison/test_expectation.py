"""The language of `--expect`: what it means, and what it refuses."""

from __future__ import annotations

import math
from datetime import datetime, timezone

import pytest

from gitexp.comparison.expectation import Expected, leaves, parse_expectation, resolved
from gitexp.comparison.query.expression import And, Column, Comparison, Not
from gitexp.comparison.query.place import QueryError, UnknownName

NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)
ACCURACY, LOSS = Column("metrics", "accuracy"), Column("metrics", "val.loss")


def test_a_number_beyond_floats_may_be_moved() -> None:
    found = parse_expectation("accuracy > baseline + 2%", now=NOW)

    assert isinstance(found, Expected)
    assert (found.threshold(10**400), found.threshold(-(10**400))) == (math.inf, -math.inf)


@pytest.mark.parametrize(
    ("text", "reference", "at_half"),
    [
        ("accuracy > baseline", "baseline", 0.5),
        ("accuracy > baseline + 0.005", "baseline", 0.505),
        ("accuracy > baseline+0.005", "baseline", 0.505),
        ("accuracy > baseline - 0.1", "baseline", 0.4),
        ("accuracy > baseline -0.1", "baseline", 0.4),
        ("accuracy > baseline + 2%", "baseline", 0.51),
        ("accuracy > baseline - 10 %", "baseline", 0.45),
        ("accuracy > best * 1.1", "best", 0.55),
        ("accuracy > brave-otter-7f", "brave-otter-7f", 0.5),
        ("accuracy > `latest~2` + 1", "latest~2", 1.5),
        ("baseline < accuracy", "baseline", 0.5),
    ],
)
def test_a_reference_may_be_moved(text: str, reference: str, at_half: float) -> None:
    found = parse_expectation(text, now=NOW)

    assert isinstance(found, Expected)
    assert (found.column, found.op) == (Column("bare", "accuracy"), ">")
    assert found.reference == reference
    assert found.threshold(0.5) == pytest.approx(at_half)


def test_the_rest_is_the_query_language() -> None:
    found = parse_expectation("not (0.9 < accuracy < best or status = failed)", now=NOW)

    assert isinstance(found, Not)
    kinds = [type(leaf) for leaf in leaves(found)]
    assert kinds == [Comparison, Expected, Comparison]
    assert parse_expectation("lr = -1", now=NOW) == Comparison(Column("bare", "lr"), "==", -1)
    assert isinstance(parse_expectation("a > 1 and b < 2", now=NOW), And)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("baseline > 1", "'baseline' is not a metric"),
        ("baseline > best", "only one side of a comparison is calculated"),
        ("accuracy - 1 > baseline", "only one side of a comparison is calculated"),
        ("accuracy > baseline % 2", "this is not a change"),
        ("accuracy > baseline * 2%", "this is not a change"),
        ("accuracy > baseline +", "expected a number, found the end"),
        ("accuracy > 1%", "expected 'and' or 'or', found '%'"),
        ("duration < baseline", "'duration' is not compared with runs"),
        ("", "the expression is empty"),
    ],
)
def test_what_means_nothing_is_refused(text: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_expectation(text, now=NOW)

    assert str(caught.value).split("\n")[0] == said


def test_names_are_those_of_runs_and_best_is_by_its_metric() -> None:
    expectation = parse_expectation("loss < best and accuracy > baseline", now=NOW)

    loss, accuracy = leaves(resolved(expectation, [ACCURACY, LOSS]))

    assert isinstance(loss, Expected)
    assert (loss.column, loss.reference) == (LOSS, "best:val.loss")
    assert accuracy.column == ACCURACY


def test_a_new_metric_has_to_be_named_as_one() -> None:
    with pytest.raises(UnknownName, match="no metric, param or attribute 'acuracy'"):
        resolved(parse_expectation("acuracy > 0.9", now=NOW), [ACCURACY])

    named = resolved(parse_expectation("metrics.f1 > 0.9", now=NOW), [ACCURACY])
    first = resolved(parse_expectation("f1 > 0.9", now=NOW), [Column("params", "lr")])

    assert named == first == Comparison(Column("metrics", "f1"), ">", 0.9)
