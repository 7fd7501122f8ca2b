from __future__ import annotations

import math
from datetime import datetime, timezone

import pytest

from gitexp.comparison.query.expression import (
    And,
    Column,
    Comparison,
    Expression,
    In,
    IsNull,
    Match,
    Not,
    Or,
)
from gitexp.comparison.query.parse import parse, parse_column
from gitexp.comparison.query.place import QueryError

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=timezone.utc)
ACCURACY = Column("metrics", "accuracy")
LR = Column("bare", "lr")
LOW, HIGH = Comparison(LR, ">", 0.1), Comparison(LR, "<", 0.2)
STARTED = Column("attribute", "started")
DAY = ("2026-11-01T00:00:00.000Z", "2026-11-02T00:00:00.000Z")


def read(text: str) -> Expression:
    return parse(text, now=NOW, zone=timezone.utc)


def attribute(name: str) -> Column:
    return Column("attribute", name)


def there_and(positive: Expression, column: Column) -> Expression:
    return And((Not(IsNull(column)), Not(positive)))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("metrics.accuracy > 0.9", Comparison(ACCURACY, ">", 0.9)),
        ("lr>0.1", LOW),
        ("0.1 < lr", LOW),
        ("0.2 >= lr", Comparison(LR, "<=", 0.2)),
        ("1 <> lr", Comparison(LR, "!=", 1)),
        ("params.train.lr <= 1e-3", Comparison(Column("params", "train.lr"), "<=", 0.001)),
        ("lr = 1", Comparison(LR, "==", 1)),
        ("lr == 1", Comparison(LR, "==", 1)),
        ("lr != 1", Comparison(LR, "!=", 1)),
        ("lr <> 1", Comparison(LR, "!=", 1)),
        ("val-loss < 1", Comparison(Column("bare", "val-loss"), "<", 1)),
        ("val/loss < 1", Comparison(Column("bare", "val/loss"), "<", 1)),
        ("a.yaml:lr < 1", Comparison(Column("bare", "a.yaml:lr"), "<", 1)),
        ("`a b`.c < 1", Comparison(Column("bare", "a b.c"), "<", 1)),
        ("metrics.`val loss` < 1", Comparison(Column("metrics", "val loss"), "<", 1)),
        ("params.`a.yaml:x``y` = 1", Comparison(Column("params", "a.yaml:x`y"), "==", 1)),
        ("`status` = 'x'", Comparison(Column("bare", "status"), "==", "x")),
        ("params.status = 'x'", Comparison(Column("params", "status"), "==", "x")),
        ("`metrics.x` = 1", Comparison(Column("bare", "metrics.x"), "==", 1)),
        ("`and` = 1", Comparison(Column("bare", "and"), "==", 1)),
        ("größe = 1", Comparison(Column("bare", "größe"), "==", 1)),
    ],
)
def test_comparisons_and_names(text: str, meaning: Expression) -> None:
    assert read(text) == meaning


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1_000", 1000),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1", -1),
        ("+1", 1),
        ("1E3", 1000.0),
        ("1e999", math.inf),
        ("inf", math.inf),
        ("-Inf", -math.inf),
        ("true", True),
        ("FALSE", False),
        ("'adam'", "adam"),
        ('"adam"', "adam"),
        ("'it''s'", "it's"),
        ('"say ""no"""', 'say "no"'),
        (r"'a\n'", r"a\n"),
        ("''", ""),
        ("2026-11-01", "2026-11-01"),
    ],
)
def test_values(text: str, value: object) -> None:
    [found] = [one.value for one in [read(f"lr = {text}")] if isinstance(one, Comparison)]

    assert (found, type(found)) == (value, type(value))


def test_equal_expressions_are_equal_with_nan_too() -> None:
    assert read("lr = nan") == read("lr=NaN")
    assert math.isnan(getattr(read("lr = -nan"), "value", 0))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("lr > 0.1 and lr < 0.2", And((LOW, HIGH))),
        ("0.1 < lr < 0.2", And((LOW, HIGH))),
        ("0.1 < lr < 0.2 < momentum", And((LOW, HIGH, read("momentum > 0.2")))),
        ("lr > 0.1 AND lr < 0.2 or not lr > 0.1", Or((And((LOW, HIGH)), Not(LOW)))),
        ("lr > 0.1 and (lr < 0.2 OR lr > 0.1)", And((LOW, Or((HIGH, LOW))))),
        ("(lr > 0.1 and lr < 0.2) and lr > 0.1", And((And((LOW, HIGH)), LOW))),
        ("not lr > 0.1 and lr < 0.2", And((Not(LOW), HIGH))),
        ("Not Not ((lr > 0.1))", Not(Not(LOW))),
    ],
)
def test_precedence(text: str, meaning: Expression) -> None:
    assert read(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("lr is null", IsNull(LR)),
        ("lr IS NOT NULL", Not(IsNull(LR))),
        ("lr in (1, 'a', true)", In(LR, (1, "a", True))),
        ("lr not in (1)", there_and(In(LR, (1,)), LR)),
        ("lr like 'a%'", Match(LR, "a%", "like")),
        ("lr ILIKE 'a%'", Match(LR, "a%", "ilike")),
        ("lr ~ '[[a]'", Match(LR, "[[a]", "regex")),
        ("lr not ~ 'a'", there_and(Match(LR, "a", "regex"), LR)),
        ("lr not like 'a'", there_and(Match(LR, "a", "like"), LR)),
    ],
)
def test_predicates(text: str, meaning: Expression) -> None:
    assert read(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("status = done", Comparison(attribute("status"), "==", "done")),
        ("failed != status", Comparison(attribute("status"), "!=", "failed")),
        ("status in (failed, 'done')", In(attribute("status"), ("failed", "done"))),
        ("attributes.status = 'done'", Comparison(attribute("status"), "==", "done")),
        ("attr.name = x", Comparison(attribute("name"), "==", "x")),
        ("name = brave-otter-7f", Comparison(attribute("name"), "==", "brave-otter-7f")),
        ("name = 007", Comparison(attribute("name"), "==", "007")),
        ("user = true", Comparison(attribute("user"), "==", "true")),
        ("tag = x", Comparison(attribute("tag"), "==", "x")),
        ("tag != x", Not(Comparison(attribute("tag"), "==", "x"))),
        ("tag in (x, y)", In(attribute("tag"), ("x", "y"))),
        ("tag not in (x)", Not(In(attribute("tag"), ("x",)))),
        ("baseline = 12E4567", Comparison(attribute("baseline"), "==", "12e4567")),
        ("baseline = '3F2A'", Comparison(attribute("baseline"), "==", "3f2a")),
        ("inputs = 'v2:3F2A'", Comparison(attribute("inputs"), "==", "3f2a")),
        (
            "baseline != 3f2a",
            there_and(Comparison(attribute("baseline"), "==", "3f2a"), attribute("baseline")),
        ),
        (
            "baseline in (3f2a, 1234)",
            Or(
                (
                    Comparison(attribute("baseline"), "==", "3f2a"),
                    Comparison(attribute("baseline"), "==", "1234"),
                )
            ),
        ),
        ("duration > 1h30m", Comparison(attribute("duration"), ">", 5400)),
        ("duration > 2 days", Comparison(attribute("duration"), ">", 172_800)),
        ("duration > '500 ms'", Comparison(attribute("duration"), ">", 0.5)),
        ("duration < 90", Comparison(attribute("duration"), "<", 90)),
        ("duration in (1h, 2h)", In(attribute("duration"), (3600, 7200))),
    ],
)
def test_attributes(text: str, meaning: Expression) -> None:
    assert read(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("started > '2 days ago'", Comparison(STARTED, ">", "2026-11-23T12:30:00.000Z")),
        ("started > 2 days ago", Comparison(STARTED, ">", "2026-11-23T12:30:00.000Z")),
        ("started >= yesterday", Comparison(STARTED, ">=", "2026-11-24T00:00:00.000Z")),
        ("started < 2026-11-01", Comparison(STARTED, "<", DAY[0])),
        ("started <= 2026-11-01", Comparison(STARTED, "<", DAY[1])),
        ("started > 2026-11-01", Comparison(STARTED, ">=", DAY[1])),
        ("2026-11-01 < started", Comparison(STARTED, ">=", DAY[1])),
        ("started >= 2026-11-01 12:30", Comparison(STARTED, ">=", "2026-11-01T12:30:00.000Z")),
        (
            "started = 2026-11-01",
            And((Comparison(STARTED, ">=", DAY[0]), Comparison(STARTED, "<", DAY[1]))),
        ),
        (
            "started != '2026-11-01'",
            Or((Comparison(STARTED, "<", DAY[0]), Comparison(STARTED, ">=", DAY[1]))),
        ),
        ("started in (2026-11-01)", read("started = 2026-11-01")),
        (
            "started in (2026-11-01, today)",
            Or((read("started = 2026-11-01"), read("started = today"))),
        ),
        (
            "started not in (2026-11-01)",
            there_and(read("started = 2026-11-01"), STARTED),
        ),
        (
            "ended = 2026-11-01T12:30:05.250Z",
            Comparison(attribute("ended"), "==", "2026-11-01T12:30:05.250Z"),
        ),
    ],
)
def test_times(text: str, meaning: Expression) -> None:
    assert read(text) == meaning


def test_every_node_knows_its_place() -> None:
    found = read("0.1 < lr and not name like 'a' or (status in (done))")

    assert isinstance(found, Or)
    both, status = found.parts
    assert isinstance(both, And)
    assert [str(part.place) for part in (found, both, *both.parts, status)] == [
        "0.1 < lr and not name like 'a' or (status in (done)",
        "0.1 < lr and not name like 'a'",
        "0.1 < lr",
        "not name like 'a'",
        "status in (done)",
    ]


MISTAKES = [
    (
        "lr = = 1",
        "expected a name or a value, found '='",
        "     ^",
        None,
    ),
    (
        "lr >",
        "expected a name or a value, found the end",
        "    ^",
        "A comparison has two sides, as `depth > 2`.",
    ),
    ("lr > and", "expected a name or a value, found 'and'", "     ^^^", None),
    (
        "flag and lr > 1",
        "expected a comparison, found 'and'",
        "     ^^^",
        "Write, say, `flag > 0.9` or `flag = true`.",
    ),
    (
        "lr between 1 and 2",
        "expected a comparison, found 'between'",
        "   ^^^^^^^",
        "Write, say, `0.1 <= lr <= 0.2`.",
    ),
    ("lr > 1 lr < 2", "expected 'and' or 'or', found 'lr'", "       ^^", None),
    ("lr > 1)", "expected 'and' or 'or', found ')'", "      ^", None),
    ("(lr > 1", "the parenthesis is not closed", "^", "Add a `)`."),
    ("(lr > 1 lr", "expected 'and', 'or' or ')', found 'lr'", "        ^^", None),
    ("lr not 1", "expected 'in', 'like', 'ilike' or '~', found '1'", "       ^", None),
    (
        "lr is 1",
        "expected 'null', found '1'",
        "      ^",
        "Other values are compared with `=`.",
    ),
    (
        "lr in 1",
        "expected '(', found '1'",
        "      ^",
        "Write, say, `lr in (0.1, 0.01)`.",
    ),
    ("lr in ()", "expected a name or a value, found ')'", "       ^", None),
    ("lr in (1 2)", "expected ',' or ')', found '2'", "         ^", None),
    ("1 is null", "'1' is not a column", "^", "Odd names go in backticks."),
    (
        "1 < 2",
        "no column is compared",
        "^^^^^",
        "Name a metric, a param or an attribute; odd names go in backticks.",
    ),
    (
        "optimizer = adam",
        "two columns cannot be compared",
        "^^^^^^^^^^^^^^^^",
        "Text goes in quotes: `optimizer = 'adam'`.",
    ),
    (
        "user = host",
        "two columns cannot be compared",
        "^^^^^^^^^^^",
        "Text goes in quotes: `user = 'host'`.",
    ),
    (
        "x = NULL",
        "nothing is equal to null",
        "    ^^^^",
        "Write `x is null`.",
    ),
    ("x != null", "nothing is equal to null", "     ^^^^", "Write `x is not null`."),
    ("x in (null)", "nothing is equal to null", "      ^^^^", "Write `x is null`."),
    (
        "x in (adam)",
        "'adam' is neither a number nor a text in quotes",
        "      ^^^^",
        "Text goes in quotes: `x = 'adam'`.",
    ),
    (
        "x < 3f2a",
        "'3f2a' is neither a number nor a text in quotes",
        "    ^^^^",
        "Text goes in quotes: `x = '3f2a'`.",
    ),
    (
        "x < 1h",
        "'1h' is not a number",
        "    ^^",
        "Only `duration`, `started` and `ended` are compared with times.",
    ),
    ("x < True", "'True' has no order", "    ^^^^", "Compare it with `=` or `!=`."),
    (
        "status > done",
        "'status' has no order",
        "^^^^^^",
        "Compare it with `=`, `!=` or `in`: `status = 'done'`.",
    ),
    ("status = finished", "no status 'finished'", "         ^^^^^^^^", "Did you mean 'done'?"),
    ("status = timeout", "no status 'timeout'", "         ^^^^^^^", "Did you mean 'timed out'?"),
    ("status = 'Fail'", "no status 'Fail'", "         ^^^^^^", "Did you mean 'failed'?"),
    (
        "status = 'x'",
        "no status 'x'",
        "         ^^^",
        (
            "A run is done, failed or interrupted; "
            "of the last, some are lost, pruned, stopped or 'timed out'."
        ),
    ),
    (
        "baseline = main",
        "'main' is not the start of an oid",
        "           ^^^^",
        "Write at least four digits of it; `git rev-parse main` prints that of a rev.",
    ),
    (
        "duration > soon",
        "'soon' is not a duration",
        "           ^^^^",
        "Write `90s`, `1h30m`, `2 days` or a number of seconds.",
    ),
    (
        "started > soon",
        "'soon' is not a time",
        "          ^^^^",
        "Write `2026-11-01`, `'2026-11-01 12:30'`, `yesterday`, `'2 days ago'` or `'last week'`.",
    ),
    (
        "started > 2026-02-30",
        "'2026-02-30' is not a time",
        "          ^^^^^^^^^^",
        "Write `2026-11-01`, `'2026-11-01 12:30'`, `yesterday`, `'2 days ago'` or `'last week'`.",
    ),
    (
        "started = '2 days ago'",
        "'2 days ago' is a moment, which no run hits exactly",
        "          ^^^^^^^^^^^^",
        "Ask for before or after: `started > '2 days ago'`.",
    ),
    (
        "started like '2026%'",
        "'started' is not text",
        "^^^^^^^",
        "Compare it with `<` and `>`.",
    ),
    ("name like a", "a pattern must be in quotes", "          ^", "Write `'a'`."),
    (
        "name ~ 'a(b'",
        "not a regular expression: missing ), unterminated subpattern",
        "         ^",
        None,
    ),
    (
        "name ~ 'a''(b'",
        "not a regular expression: missing ), unterminated subpattern",
        "       ^^^^^^^",
        None,
    ),
    (
        "name ~ 'a{99999999999}'",
        "not a regular expression: too large",
        "       ^^^^^^^^^^^^^^^^",
        None,
    ),
    ("a && b", "'&&' is not an operator", "  ^^", "Write `and`."),
    ("!a", "'!' is not an operator", "^", "Write `not`."),
    ("a =~ 'b'", "'=~' is not an operator", "  ^^", "Write `~`."),
    ("a === 1", "'===' is not an operator", "  ^^^", "Write `=`."),
    (
        "a <<>> 1",
        "'<<>>' is not an operator",
        "  ^^^^",
        "The operators are `=`, `!=`, `<`, `<=`, `>`, `>=`, `~`, `like`, `in` and `is null`.",
    ),
    ("a = 'b", "the quote ' is not closed", "    ^^", "Add another '."),
    ("`a = 1", "the quote ` is not closed", "^^^^^^", "Add another `."),
    (
        "a = \u201cb\u201d",
        "'\u201c' means nothing here",
        "    ^",
        "Quotes are straight here: ' or \".",
    ),
    (
        "lr in [1]",
        "'[' means nothing here",
        "      ^",
        "Lists go in parentheses: `lr in (0.1, 0.01)`.",
    ),
    ("a > 90%", "'%' means nothing here", "      ^", "Write `0.9` for 90 %."),
    (
        "a ? 1",
        "'?' means nothing here",
        "  ^",
        "Names with odd characters go in backticks, texts in quotes.",
    ),
]


@pytest.mark.parametrize(
    ("text", "message", "mark", "hint"), MISTAKES, ids=[text for text, *_ in MISTAKES]
)
def test_mistakes_are_shown_with_their_place(
    text: str, message: str, mark: str, hint: str | None
) -> None:
    with pytest.raises(QueryError) as caught:
        read(text)

    assert str(caught.value) == f"{message}\n  {text.rstrip()}\n  {mark}"
    assert caught.value.hint == hint


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_expression_is_a_mistake(text: str) -> None:
    with pytest.raises(QueryError, match=r"^the expression is empty$") as caught:
        read(text)

    assert caught.value.hint == "Write, say, `accuracy > 0.9`."


@pytest.mark.parametrize("text", ["(" * 100 + "lr > 1", "not " * 100 + "lr > 1"])
def test_an_expression_nested_too_deep_is_a_mistake(text: str) -> None:
    with pytest.raises(QueryError, match=r"^the expression is nested too deeply\n"):
        read(text)


@pytest.mark.parametrize("text", ["lr > " + "9" * 5000, "duration > " + "9" * 5000 + "h"])
def test_a_number_that_python_cannot_read_is_a_mistake(text: str) -> None:
    with pytest.raises(QueryError):
        read(text)


def test_a_long_expression_takes_no_longer_than_its_length() -> None:
    text = " and ".join(["lr > 1"] * 5000)

    assert len(getattr(read(text), "parts", ())) == 5000


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("started", attribute("started")),
        ("attributes.started", attribute("started")),
        ("metrics.val.loss", Column("metrics", "val.loss")),
        ("params.`a b`", Column("params", "a b")),
        ("params.a b", Column("params", "a b")),
        ("accuracy@5", Column("bare", "accuracy@5")),
        ("`x", Column("bare", "`x")),
        ("2x", Column("bare", "2x")),
        ("and", Column("bare", "and")),
        ("", Column("bare", "")),
    ],
)
def test_a_column_by_itself_needs_no_backticks(text: str, column: Column) -> None:
    assert parse_column(text) == column
