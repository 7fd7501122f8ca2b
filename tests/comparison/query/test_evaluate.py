from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitexp.comparison.query.evaluate import matches
from gitexp.comparison.query.expression import Column, Expression
from gitexp.comparison.query.parse import parse
from gitexp.comparison.query.resolve import resolve
from gitexp.comparison.query.run_values import RunValues
from gitexp.comparison.query.spelling import constant_text
from gitexp.model.record import time_text
from gitexp.model.values import Value

NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
METRICS = ("accuracy", "val.loss", "f1 score")
PARAMS = ("train.lr", "optimizer", "flag", "accuracy")
COLUMNS = [Column("metrics", name) for name in METRICS] + [
    Column("params", name) for name in PARAMS
]
RUN = RunValues(
    {
        "name": "brave-otter-7f",
        "status": "done",
        "tag": ("good", "to-show"),
        "started": "2026-11-24T10:00:00.000Z",
        "duration": 3600.5,
        "message": None,
        "baseline": "3f2a91c000",
        "inputs": "0b9c11aa00",
    },
    metrics={"accuracy": 0.9, "val.loss": math.nan, "f1 score": None},
    params={"train.lr": 1, "optimizer": "Adam\nW", "flag": True, "layers": [1, 2], "model": {}},
)


def holds(text: str, run: RunValues = RUN) -> bool:
    return matches(meant(text), run)


def meant(text: str) -> Expression:
    columns = [*COLUMNS, Column("params", "layers"), Column("params", "model")]
    return resolve(parse(text, now=NOW, zone=timezone.utc), columns)


@pytest.mark.parametrize(
    "text",
    [
        "metrics.accuracy > 0.8 and lr = 1.0",
        "lr = 1 and lr != 2 and lr != 'x' and lr != true",
        "loss = nan and loss != 1 and not loss > 0 and not loss < 0",
        "flag = true and flag != false and flag != 1",
        "`f1 score` is null and params.accuracy is null and lr is not null",
        "not `f1 score` = 1 and not `f1 score` != 1 and not `f1 score` in (1)",
        "not params.accuracy != 1 and not params.accuracy not in (1)",
        "not params.accuracy not like 'a' and not (params.accuracy in (1))",
        "lr in (3, 1) and lr not in (3, '1')",
        "optimizer > 'Adam' and optimizer < 'a'",
        "not lr > '0' and not optimizer > 1 and not flag > 0",
        "optimizer like 'Adam%' and optimizer like 'A_am_W' and not optimizer like 'adam%'",
        "optimizer ilike 'aDAM%' and optimizer not like 'Adam' and optimizer not like '%dam'",
        "optimizer ~ 'da' and optimizer ~ '^A' and optimizer not ~ '^W'",
        "not lr ~ '1' and not lr like '1'",
        "layers is not null and layers != 1 and not layers = 1 and model is not null",
        "status = done and status != failed and status in (done, failed)",
        "tag = good and tag = to-show and tag != bad and tag in (bad, good) and tag like 'to%'",
        "tag ~ 'oo' and tag not like 'b%' and tag not in (bad) and tag is not null",
        "not tag != good and not tag is null",
        "baseline = 3f2a and baseline in (0000, 3f2a91) and baseline != 2f2a",
        "baseline like '3%' and baseline is not null and not baseline != 3f2a",
        "inputs = 0b9c and inputs = 'v2:0b9c11aa00' and inputs != 3f2a",
        "started = yesterday and started < today and started > '2 days ago'",
        "started >= 2026-11-24 and not started > 2026-11-24 and started <= 2026-11-24",
        "duration > 1h and duration < 1h1m and duration = 3600.5",
        "message is null and user is null and not user = ada and not user != ada",
    ],
)
def test_what_is_true_of_a_run(text: str) -> None:
    for part in text.split(" and "):
        assert holds(part), part
    assert holds(text)


def test_a_run_without_tags_has_none() -> None:
    run = RunValues({"tag": ()})

    assert holds("tag is null and tag != good and not tag like '%' and tag not in (good)", run)
    assert not holds("tag is not null or tag = good", run)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (r"50\%", "50%", True),
        (r"50\%", "500", False),
        (r"a\_b", "a_b", True),
        (r"a\_b", "axb", False),
        (r"a\\b", r"a\b", True),
        ("a\\", "a\\", True),
        ("a.b", "axb", False),
        ("", "", True),
        ("", "a", False),
        ("%", "a\nb", True),
        ("a", "a\n", False),
    ],
)
def test_like_knows_two_wildcards_and_a_way_around_them(
    pattern: str, text: str, *, fits: bool
) -> None:
    run = RunValues(params={"optimizer": text})

    assert holds(f"optimizer like '{pattern}'", run) is fits


Truth: TypeAlias = Callable[[RunValues], bool]
Said: TypeAlias = tuple[str, Truth]
"""An expression, and what it says in plain Python."""

NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([0.5, 1.0, -1.5, math.inf, -math.inf, math.nan, 2**63, 10**30]),
)
TEXTS = st.text("aB%_\\'é", max_size=3)
SCALARS = st.one_of(NUMBERS, TEXTS, st.booleans())
VALUES: st.SearchStrategy[Value] = st.one_of(
    SCALARS, st.none(), st.lists(NUMBERS, max_size=2), st.just({})
)
MOMENTS = st.integers(-60, 60).map(lambda hours: NOW + timedelta(hours=hours))
TAGS = ("good", "bad", "Bad", "x y")
OPERATORS = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@st.composite
def runs(draw: st.DrawFn) -> RunValues:
    return RunValues(
        {
            "status": draw(st.sampled_from(["done", "failed", "interrupted"])),
            "user": draw(st.one_of(st.none(), TEXTS)),
            "tag": tuple(sorted(draw(st.sets(st.sampled_from(TAGS))))),
            "started": time_text(draw(MOMENTS)),
            "duration": draw(st.sampled_from([0.0, 59.5, 60.0, 3600.0, 7200.25])),
        },
        metrics=draw(st.dictionaries(st.sampled_from(METRICS), VALUES)),
        params=draw(st.dictionaries(st.sampled_from(PARAMS), VALUES)),
    )


def kind(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def is_equal(left: Any, right: Any) -> bool:
    if kind(left) != kind(right):
        return False
    return bool(left == right) or (left != left and right != right)  # noqa: PLR0124 - NaN


def compares(left: Any, op: str, right: Any) -> bool:
    if left is None:
        return False
    if op in ("=", "=="):
        return is_equal(left, right)
    if op in ("!=", "<>"):
        return not is_equal(left, right)
    return kind(left) == kind(right) and kind(left) != "list" and OPERATORS[op](left, right)


@st.composite
def columns(draw: st.DrawFn) -> tuple[str, Callable[[RunValues], Any]]:
    """A column as it may be written, and how its value is found."""
    text, get = draw(
        st.sampled_from(
            [
                ("metrics.accuracy", lambda run: run.metrics.get("accuracy")),
                ("params.accuracy", lambda run: run.params.get("accuracy")),
                ("loss", lambda run: run.metrics.get("val.loss")),
                ("val.loss", lambda run: run.metrics.get("val.loss")),
                ("metrics.`f1 score`", lambda run: run.metrics.get("f1 score")),
                ("`f1 score`", lambda run: run.metrics.get("f1 score")),
                ("lr", lambda run: run.params.get("train.lr")),
                ("params.train.lr", lambda run: run.params.get("train.lr")),
                ("optimizer", lambda run: run.params.get("optimizer")),
                ("flag", lambda run: run.params.get("flag")),
            ]
        )
    )
    return text, get


@st.composite
def comparisons(draw: st.DrawFn) -> Said:
    text, get = draw(columns())
    value = draw(SCALARS)
    op = draw(st.sampled_from(sorted({"=", "!="} if isinstance(value, bool) else OPERATORS)))
    if draw(st.booleans()):
        flipped = FLIPPED.get(op, op)
        return f"{constant_text(value)} {flipped} {text}", lambda run: compares(get(run), op, value)
    return f"{text} {op} {constant_text(value)}", lambda run: compares(get(run), op, value)


@st.composite
def chains(draw: st.DrawFn) -> Said:
    text, get = draw(columns())
    low, high = draw(NUMBERS), draw(NUMBERS)
    return (
        f"{constant_text(low)} < {text} <= {constant_text(high)}",
        lambda run: compares(get(run), ">", low) and compares(get(run), "<=", high),
    )


@st.composite
def memberships(draw: st.DrawFn) -> Said:
    text, get = draw(columns())
    values = draw(st.lists(SCALARS, min_size=1, max_size=3))
    listed = ", ".join(map(constant_text, values))
    if draw(st.booleans()):
        return f"{text} in ({listed})", lambda run: any(is_equal(get(run), one) for one in values)
    return (
        f"{text} not in ({listed})",
        lambda run: get(run) is not None and not any(is_equal(get(run), one) for one in values),
    )


@st.composite
def nullities(draw: st.DrawFn) -> Said:
    text, get = draw(columns())
    if draw(st.booleans()):
        return f"{text} is null", lambda run: get(run) is None
    return f"{text} IS NOT NULL", lambda run: get(run) is not None


def is_like(text: str, pattern: str) -> bool:
    """Tell whether a pattern of literals, `%`, `_` and escapes fits, letter by letter."""
    if not pattern:
        return not text
    first, rest = pattern[0], pattern[1:]
    if first == "%":
        return any(is_like(text[at:], rest) for at in range(len(text) + 1))
    if first == "\\" and rest:
        return text[:1] == rest[0] and is_like(text[1:], rest[1:])
    return bool(text) and first in ("_", text[0]) and is_like(text[1:], rest)


@st.composite
def patterns(draw: st.DrawFn) -> Said:
    text, get = draw(columns())
    word, pattern = draw(st.sampled_from(["like", "ilike", "~"])), draw(TEXTS)
    pattern = pattern.replace("\\", "") if word == "~" else pattern

    def fits(run: RunValues) -> bool:
        value = get(run)
        if not isinstance(value, str):
            return False
        if word == "~":
            return re.search(pattern, value) is not None
        if word == "ilike":
            return is_like(value.lower(), pattern.lower())
        return is_like(value, pattern)

    return f"{text} {word} {constant_text(pattern)}", fits


@st.composite
def attributes(draw: st.DrawFn) -> Said:
    status, tag = draw(st.sampled_from(["done", "failed"])), draw(st.sampled_from(TAGS))
    user, moment = draw(TEXTS), draw(MOMENTS)
    day = moment.date().isoformat()
    said: list[tuple[str, Callable[[Any], bool]]] = [
        (f"status = {status}", lambda a: a["status"] == status),
        (f"status != '{status}'", lambda a: a["status"] != status),
        (f"status in ({status}, interrupted)", lambda a: a["status"] in (status, "interrupted")),
        (f"tag = '{tag}'", lambda a: tag in a["tag"]),
        (f"tag != '{tag}'", lambda a: tag not in a["tag"]),
        (f"tag in ('{tag}', 'good')", lambda a: bool({tag, "good"} & {*a["tag"]})),
        (f"tag not in ('{tag}', 'good')", lambda a: not {tag, "good"} & {*a["tag"]}),
        ("tag like '_ad'", lambda a: bool({"bad", "Bad"} & {*a["tag"]})),
        ("tag is null", lambda a: not a["tag"]),
        (f"user = {constant_text(user)}", lambda a: a["user"] == user),
        (f"user != {constant_text(user)}", lambda a: a["user"] is not None and a["user"] != user),
        (f"started < '{time_text(moment)}'", lambda a: a["started"] < time_text(moment)),
        (f"started = {day}", lambda a: a["started"][:10] == day),
        (f"started != {day}", lambda a: a["started"][:10] != day),
        (f"started > {day}", lambda a: a["started"][:10] > day),
        (f"started <= '{day}'", lambda a: a["started"][:10] <= day),
        (f"started in ({day}, today)", lambda a: a["started"][:10] in (day, "2026-11-25")),
        ("started > '5 hours ago'", lambda a: a["started"] > "2026-11-25T07:00:00.000Z"),
        ("duration > 1h", lambda a: a["duration"] > 3600),
        ("duration <= 1 min", lambda a: a["duration"] <= 60),
        ("duration in (1m, 3600)", lambda a: a["duration"] in (60, 3600)),
    ]
    text, true = draw(st.sampled_from(said))
    return text, lambda run: true(run.attributes)


def joined(parts: st.SearchStrategy[Said]) -> st.SearchStrategy[Said]:
    def both(pair: tuple[Said, Said]) -> Said:
        (left, left_holds), (right, right_holds) = pair
        return f"({left}) and ({right})", lambda run: left_holds(run) and right_holds(run)

    def either(pair: tuple[Said, Said]) -> Said:
        (left, left_holds), (right, right_holds) = pair
        return f"({left}) or ({right})", lambda run: left_holds(run) or right_holds(run)

    def neither(part: Said) -> Said:
        text, part_holds = part
        return f"not ({text})", lambda run: not part_holds(run)

    pairs = st.tuples(parts, parts)
    return st.one_of(pairs.map(both), pairs.map(either), parts.map(neither))


LEAVES = st.one_of(comparisons(), chains(), memberships(), nullities(), patterns(), attributes())
EXPRESSIONS = st.recursive(LEAVES, joined, max_leaves=6)


@given(EXPRESSIONS, st.lists(runs(), min_size=1, max_size=4))
@settings(max_examples=300)
def test_an_expression_is_true_where_plain_python_says_so(
    said: Said, several: list[RunValues]
) -> None:
    text, truth = said

    expression = meant(text)

    assert [matches(expression, run) for run in several] == [truth(run) for run in several]


@given(st.lists(LEAVES, min_size=3, max_size=3), runs())
def test_and_binds_tighter_than_or_and_not_tighter_than_both(
    parts: list[Said], run: RunValues
) -> None:
    (a, is_a), (b, is_b), (c, is_c) = parts

    assert holds(f"{a} or not {b} and {c}", run) == (is_a(run) or (not is_b(run) and is_c(run)))


@pytest.mark.parametrize(
    ("status", "reason", "shown", "others"),
    [
        ("done", None, "done", ["lost", "'timed out'", "interrupted"]),
        ("interrupted", "lost", "lost", ["'timed out'", "done"]),
        ("interrupted", "timeout", "'timed out'", ["lost", "failed"]),
        ("interrupted", "signal", "interrupted", ["lost", "'timed out'"]),
    ],
)
def test_a_status_is_asked_for_as_people_see_it(
    status: str, reason: str | None, shown: str, others: list[str]
) -> None:
    run = RunValues({"status": status, "reason": reason})

    assert holds(f"status = {shown} and status in (failed, {shown})", run)
    assert not holds(f"status != {shown} or status not in ({shown})", run)
    assert holds(f"status = {status}", run)
    for other in others:
        assert holds(f"status != {other} and status not in ({other})", run)
        assert not holds(f"status = {other} or status in ({other})", run)
