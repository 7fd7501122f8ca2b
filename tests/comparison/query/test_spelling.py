from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitexp.comparison.query.attributes import ATTRIBUTES, AttributeType
from gitexp.comparison.query.expression import (
    And,
    Column,
    Comparison,
    Constant,
    Expression,
    In,
    IsNull,
    Match,
    Not,
    Or,
)
from gitexp.comparison.query.parse import parse
from gitexp.comparison.query.place import QueryError
from gitexp.comparison.query.spelling import name_text, text_of
from gitexp.model.record import time_text

NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
OPERATORS = ("==", "!=", "<", "<=", ">", ">=")


def read(text: str) -> Expression:
    return parse(text, now=NOW, zone=timezone.utc)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("metrics.accuracy>.9 AND lr==1", "metrics.accuracy > 0.9 and lr = 1"),
        ('name like "it\'s%"', "name like 'it''s%'"),
        ("0.1 < lr < 0.2 and x = TRUE", "(lr > 0.1 and lr < 0.2) and x = true"),
        ("not (a = 1 or b = inf)", "not (a = 1 or b = inf)"),
        ("(a = 1 and b = nan) or c in (1, 'x')", "a = 1 and b = nan or c in (1, 'x')"),
        ("(a = 1 or b = 2) or c is not null", "(a = 1 or b = 2) or not c is null"),
        ("started > 'an hour ago'", "started > '2026-11-25T11:00:00.000Z'"),
        ("duration < 1h30m", "duration < 5400"),
        ("message ~ 'x' or message ilike 'y'", "message ~ 'x' or message ilike 'y'"),
    ],
)
def test_an_expression_is_written_in_one_way(typed: str, text: str) -> None:
    assert text_of(read(typed)) == text


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (Column("bare", "and"), "`and`"),
        (Column("bare", "Null"), "`Null`"),
        (Column("bare", "NaN"), "`NaN`"),
        (Column("bare", "status"), "`status`"),
        (Column("bare", "metrics.x"), "`metrics.x`"),
        (Column("bare", "attr.name"), "`attr.name`"),
        (Column("bare", "2x"), "`2x`"),
        (Column("bare", ""), "``"),
        (Column("bare", "a`b"), "`a``b`"),
        (Column("bare", "val-loss/x.y:z"), "val-loss/x.y:z"),
        (Column("metrics", "2x"), "metrics.2x"),
        (Column("params", "status"), "params.status"),
        (Column("params", "a b"), "params.`a b`"),
        (Column("attribute", "status"), "status"),
        (Column("series", "max(val/loss)"), "max(val/loss)"),
        (Column("series", "last(f1 score)"), "last(`f1 score`)"),
        (Column("series", "at(loss, 100)"), "at(loss, 100)"),
    ],
)
def test_names_stand_in_backticks_where_they_must(column: Column, text: str) -> None:
    found = read(f"{text} = '2026-11-01'") if column.name != "status" else IsNull(column)

    assert name_text(column) == text
    assert isinstance(found, Comparison | IsNull)
    assert found.column == column


NAMES = st.one_of(st.text("aZ.2 /:-`'é_", max_size=6), st.sampled_from([*ATTRIBUTES, "or", "inf"]))
VALUES = st.builds(Column, st.sampled_from(["metrics", "params", "bare"]), NAMES)
TEXTS = st.text(max_size=6)
ATTRIBUTE = {
    kind: [name for name in ATTRIBUTES if ATTRIBUTES[name] == kind] for kind in ATTRIBUTES.values()
}
NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False), st.just(math.nan))
STATUSES = st.sampled_from(["done", "failed", "interrupted"])
MOMENTS = st.integers(0, 8_000_000_000_000).map(
    lambda milliseconds: time_text(
        datetime(1971, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=milliseconds)
    )
)


def of_type(kind: AttributeType) -> st.SearchStrategy[Column]:
    return st.sampled_from(ATTRIBUTE[kind]).map(lambda name: Column("attribute", name))


def several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Constant, ...]]:
    return st.builds(tuple, st.lists(values, min_size=1, max_size=3))


ANY_OPERATOR, EQUALITY = st.sampled_from(OPERATORS), st.sampled_from(OPERATORS[:2])
COMPARISONS = st.one_of(
    st.builds(Comparison, VALUES, ANY_OPERATOR, st.one_of(TEXTS, NUMBERS)),
    st.builds(Comparison, VALUES, EQUALITY, st.booleans()),
    st.builds(Comparison, of_type("text"), ANY_OPERATOR, TEXTS),
    st.builds(Comparison, of_type("status"), EQUALITY, STATUSES),
    st.builds(Comparison, of_type("tags"), st.just("=="), TEXTS),
    st.builds(Comparison, of_type("oid"), st.just("=="), st.text("0123456789abcdef", min_size=4)),
    st.builds(Comparison, of_type("time"), ANY_OPERATOR, MOMENTS),
    st.builds(Comparison, of_type("duration"), ANY_OPERATOR, NUMBERS),
)
OTHERS = st.one_of(
    st.builds(In, VALUES, several(st.one_of(TEXTS, NUMBERS))),
    st.builds(In, of_type("status"), several(STATUSES)),
    st.builds(In, of_type("tags"), several(TEXTS)),
    st.builds(In, of_type("duration"), several(NUMBERS)),
    st.builds(
        Match,
        st.one_of(VALUES, of_type("text"), of_type("tags")),
        TEXTS,
        st.sampled_from(["like", "ilike"]),
    ),
    st.builds(Match, VALUES, st.sampled_from(["^a", "it's", "[x]+$"]), st.just("regex")),
    st.builds(
        IsNull,
        st.one_of(
            VALUES, st.sampled_from([*ATTRIBUTES]).map(lambda name: Column("attribute", name))
        ),
    ),
)


def larger(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    some = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(And, some), st.builds(Or, some), st.builds(Not, parts))


EXPRESSIONS = st.recursive(st.one_of(COMPARISONS, OTHERS), larger, max_leaves=8)


@given(EXPRESSIONS)
@settings(max_examples=200)
def test_what_is_written_is_read_as_the_same(expression: Expression) -> None:
    found = read(text_of(expression))

    assert found == expression
    assert repr(found) == repr(expression)  # 1 is not 1.0 here, and not true


WORDS = st.sampled_from(
    "lr metrics. params.x `a b` status tag started duration baseline and or not in like ilike ~ is "
    "null true nan inf 1 -1.5 .5 1e9 1_0 2026-11-01 2026-11-01T10:00 '2 days ago' yesterday 1h30m "
    "'done' \"x\" done ( ) , = == != <> < <= > >= && || ! ` ' \" [ % ? \\ \n 3f2a between "
    "'a(' '[[' 99999999999y 9999-12-31".split(" ")
)
SENTENCES = st.lists(st.one_of(WORDS, st.text(max_size=3)), max_size=12)


def read_or_told(text: str) -> Expression | QueryError:
    try:
        return read(text)
    except QueryError as error:
        return error


def is_readable(error: QueryError) -> bool:
    joined = str.maketrans("", "", "\u200c\u200d")  # parts of words and emoji, and harmless
    lines = str(error).translate(joined).split("\n")
    return len(lines) in (1, 3) and all(map(str.isprintable, lines))


@given(st.one_of(st.text(), SENTENCES.map(" ".join), SENTENCES.map("".join)))
@settings(max_examples=400)
def test_whatever_is_typed_is_an_expression_or_a_mistake(text: str) -> None:
    found = read_or_told(text)

    if isinstance(found, QueryError):
        assert is_readable(found)
    else:
        assert read(text_of(found)) == found


@given(EXPRESSIONS, st.integers(0, 80), st.text("()'`\"=<~!.1x \n\u200b\x1b", max_size=2))
@settings(max_examples=200)
def test_a_slip_of_the_pen_is_an_expression_or_a_mistake(
    expression: Expression, at: int, typed: str
) -> None:
    text = text_of(expression)

    found = read_or_told(text[:at] + typed + text[at + 1 :])

    assert not isinstance(found, QueryError) or is_readable(found)
