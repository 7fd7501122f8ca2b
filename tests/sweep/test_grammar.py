"""Axes in the grammar of Hydra's sweeps, read and refused."""

from __future__ import annotations

import math

import pytest

from gitexp.errors import GitexpError
from gitexp.model.values import Value, same
from gitexp.sweep.grammar import parse_axis
from gitexp.sweep.space import Axis, Choices, Interval

_SHUFFLE = (
    "Leave `shuffle` out; `--sampler random` tries points in an order of its own, the same each "
    "time."
)
_AS = "Write `depth='range(2,10,2)'`, say."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lr=0.1,0.01", Axis("lr", Choices((0.1, 0.01)))),
        ("depth=range(2,10,2)", Axis("depth", Choices((2, 4, 6, 8), ordered=True))),
        ("depth=range(3,0,-1)", Axis("depth", Choices((3, 2, 1), ordered=True))),
        ("x=range(0.1,0.35,0.1)", Axis("x", Choices((0.1, 0.2, 0.3), ordered=True))),
        ("x=float(range(1,3))", Axis("x", Choices((1.0, 2.0), ordered=True))),
        ("model=choice(rf,'a b')", Axis("model", Choices(("rf", "a b")))),
        ("x=sort(3,1,2)", Axis("x", Choices((1, 2, 3)))),
        ("x=['1',2],[3]", Axis("x", Choices((["1", 2], [3])))),
        ("x={a:'1'},{a:2}", Axis("x", Choices(({"a": "1"}, {"a": 2})))),
        ("x=1", Axis("x", Choices((1,)))),
        ("x='shuffle(a)','glob(b)'", Axis("x", Choices(("shuffle(a)", "glob(b)")))),
        ("lr=interval(1e-4,1e-1)", Axis("lr", Interval(1e-4, 1e-1))),
        ("lr=tag(log, interval(1e-4,1e-1))", Axis("lr", Interval(1e-4, 1e-1, log=True))),
        ("n=int(interval(1,100))", Axis("n", Interval(1, 100, integer=True))),
        ("conf/a.yaml:lr=1,2", Axis("lr", Choices((1, 2)), "conf/a.yaml")),
        ("conf/a.yaml:+lr=1,2", Axis("lr", Choices((1, 2)), "conf/a.yaml", "+")),
        ("++train.lr=1,2", Axis("train.lr", Choices((1, 2)), sign="++")),
    ],
)
def test_an_axis_is_what_hydra_makes_of_it_and_never_shuffled(text: str, expected: Axis) -> None:
    found, notes = parse_axis(text)

    assert (found, notes) == (expected, [])
    assert repr(found) == repr(expected)  # 1 and 1.0 are equal


@pytest.mark.parametrize(
    ("text", "values", "twice"),
    [("x=1,1", (1,), "1"), ("x=b,a,b", ("b", "a"), '"b"'), ("x=nan,nan", (math.nan,), "NaN")],
)
def test_a_value_that_is_listed_twice_counts_once_with_a_note(
    text: str, values: tuple[Value, ...], twice: str
) -> None:
    axis, notes = parse_axis(text)

    assert isinstance(axis.domain, Choices)
    assert same(axis.domain.values, values)
    shown = '{"$float":"nan"}' if twice == "NaN" else twice
    assert notes == [f"note: 'x' has {shown} more than once: it counts once"]


def test_equal_values_of_other_types_stay_apart() -> None:
    axis, notes = parse_axis("x=1,1.0,true,'1','true'")

    assert isinstance(axis.domain, Choices)
    assert [repr(value) for value in axis.domain.values] == ["1", "1.0", "True", "'1'", "'true'"]
    assert notes == []


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "x=interval(5,1)",
            "'x' has an interval that ends before it begins, from 5 to 1",
            "Turn it round: `x=interval(1,5)`.",
        ),
        ("x=int(interval(3,3))", "'x' has an interval with one value", "Write `x=3` to set it."),
        ("x=interval(0,inf)", "'x' has an interval without an end", "Give two finite numbers."),
        (
            "x=tag(log,interval(0,1))",
            "'x' has a logarithmic interval that begins at 0",
            "Begin above 0, or leave out `log`.",
        ),
        (
            "x=sort(shuffle(1,2))",
            "'x=sort(shuffle(1,2))' is in another order each time",
            _SHUFFLE,
        ),
        (
            "x=glob(*)",
            "'x=glob(*)' asks for config groups, which params files do not have",
            "List the values: `key=a,b,c`.",
        ),
        (
            "x@pkg=1,2",
            "'x@pkg=1,2' names a package",
            "Leave out `@`: params files have no config groups.",
        ),
        (
            "~x",
            "'~x' gives no values to try",
            "To delete the key in every point: `-S '~x'`.",
        ),
        (
            "x=range(5,1)",
            "'x' has a range without values, from 5 to 1 by 1",
            "The end does not count: `x=range(1,6)`.",
        ),
        (
            "x=range(0,true,0.1)",
            "'x' has a range of true or false",
            "List them: `x=true,false`.",
        ),
        (
            "x" + ".y" * 100 + "=1,2",
            "'x" + ".y" * 19 + ".…' has 101 parts",
            "At most 100 can be set.",
        ),
        (
            "x=range(1,5,0)",
            "'x' has a range that never ends",
            "Write `x=range(START,END,STEP)` with numbers, and a step other than 0.",
        ),
        (
            "x=range(0,20000)",
            "'x' has 20,000 values; an axis lists at most 10,000",
            "Take an interval: `x=interval(1,100)`, with `int(...)` around it for whole numbers.",
        ),
        (
            "x=tag(foo,choice(1,2))",
            "'x=tag(foo,choice(1,2))' has an unknown tag 'foo'",
            "The only one is `log`.",
        ),
        (
            "x=tag(log,choice(1,2))",
            "'x=tag(log,choice(1,2))' has a tag that only intervals have",
            "Write `tag(log, interval(1e-4,1e-1))`, or leave it out.",
        ),
        (
            r"x={a\:b:1},{c:2}",
            "'x' has a mapping with the key 'a:b', which cannot be set",
            "Set its values one by one, or choose among files by their names.",
        ),
    ],
)
def test_what_cannot_be_tried_is_refused_with_a_way_out(text: str, message: str, hint: str) -> None:
    with pytest.raises(GitexpError) as refused:
        parse_axis(text)

    assert (str(refused.value), refused.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "x=intervall(0.1,1)",
            "'x=intervall(0.1,1)' calls 'intervall', which there is not",
            "Did you mean `x=interval(0.1,1)`?",
        ),
        (
            "x=loguniform(1e-4, 1)",
            "'x=loguniform(1e-4, 1)' calls 'loguniform', which there is not",
            "Did you mean `x=tag(log,interval(1e-4,1))`?",
        ),
        (
            "x=int(uniform(1,9))",
            "'x=int(uniform(1,9))' calls 'uniform', which there is not",
            "Did you mean `interval(…)`?",
        ),
        (
            "x=model(a)",
            "'x=model(a)' calls 'model', which there is not",
            "There are `interval(…)`, `range(…)`, `choice(…)`; quote what is a text: `x='\"…\"'`.",
        ),
        ("x=range(0,10", "'x=range(0,10' has a '(' that is not closed", _AS),
        ("x=range(0,10))", "'x=range(0,10))' has a ')' that closes nothing", _AS),
        ("model.eta0", "'model.eta0' gives no values to try", "Write `model.eta0=1,2`, say."),
    ],
)
def test_what_hydra_cannot_read_is_said_in_plain_words(text: str, message: str, hint: str) -> None:
    with pytest.raises(GitexpError) as refused:
        parse_axis(text)

    assert (str(refused.value), refused.value.hint) == (message, hint)
    with pytest.raises(GitexpError, match="missing a required argument: 'end'"):
        parse_axis("x=interval(1)")
