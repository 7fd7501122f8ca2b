"""Spaces from YAML, and points from CSV and JSON."""

from __future__ import annotations

import json

import pytest

from gitexp.errors import GitexpError
from gitexp.sweep.listed import parse_points
from gitexp.sweep.space import Axis, Choices, Interval
from gitexp.sweep.space_file import parse_space

_FORMS = "An axis is `{values: [1, 2]}` or `{min: 1e-4, max: 0.1, log: true}`."

_OF_OTHERS = (
    "Put what is below `parameters:` into a file of its own; method and metric go onto the "
    "command line, as `--sampler` and `--metric`."
)


def test_a_space_file_has_the_words_of_others() -> None:
    content = (
        b"lr: {min: 1e-4, max: 0.1, log: true}\n"
        b"depth: {values: [2, 4]}\n"
        b"rf.trees: {low: 10, high: 100, when: model = rf}\n"
        b"model: [rf, svm]\n"
        b"conf/a.yaml:+seed: 3\n"
        b"n: {min: 1, max: 5, step: 2}\n"
        b"x: {min: 0.1, max: 0.3, step: 0.1}\n"
    )

    axes, notes = parse_space(content, "space.yaml")

    assert axes == [
        Axis("lr", Interval(1e-4, 0.1, log=True)),
        Axis("depth", Choices((2, 4))),
        Axis("rf.trees", Interval(10, 100, integer=True), when="model = rf"),
        Axis("model", Choices(("rf", "svm"))),
        Axis("seed", Choices((3,)), "conf/a.yaml", "+"),
        Axis("n", Choices((1, 3, 5), ordered=True)),
        Axis("x", Choices((0.1, 0.2, 0.3), ordered=True)),
    ]
    assert notes == []


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ("x: {mim: 1, max: 2}", "'x' in 's.yaml' has an unknown word 'mim'", "Did you mean `min`?"),
        (
            "rf: {trees: {min: 1}}",
            "'rf' in 's.yaml' has an unknown word 'trees'",
            "Write nested keys with dots: `rf.trees: …`.",
        ),
        (
            "x: {min: 1}",
            "'x' in 's.yaml' says neither which values nor from where to where",
            _FORMS,
        ),
        (
            "x: {values: 3}",
            "'x' in 's.yaml' has `values` that are no list",
            "Write `values: [1, 2]`.",
        ),
        (
            "x: {min: 1, max: 3, log: true, step: 1}",
            "'x' in 's.yaml' has a step that cannot be gone",
            "A step is a number above 0, and there is none in orders of magnitude (`log`).",
        ),
        (
            "x: {values: [1], when: 3}",
            "'x' in 's.yaml' has a `when` that is no condition",
            "Write one on an axis before it, as `when: model = rf`.",
        ),
        (
            "method: grid\nparameters: {lr: {min: 1}}",
            "'s.yaml' is a sweep of W&B's, not a space",
            _OF_OTHERS,
        ),
        (
            "",
            "'s.yaml' has no axes",
            "Write a key a line, with `{values: [1, 2]}` or `{min: 1e-4, max: 0.1, log: true}`.",
        ),
    ],
)
def test_a_space_file_that_says_no_space_is_refused(content: str, message: str, hint: str) -> None:
    with pytest.raises(GitexpError) as refused:
        parse_space(content.encode(), "s.yaml")

    assert (str(refused.value), refused.value.hint) == (message, hint)


@pytest.mark.parametrize(
    "content",
    [
        "lr,model\n0.1,rf\n1e-2,\n0.1,rf\n",
        "name,params.lr,metrics.loss,params.model\na,0.1,1,rf\nb,0.01,2,\nc,0.1,3,rf\n",
        json.dumps([{"lr": 0.1, "model": "rf"}, {"lr": 0.01}, {"model": "rf", "lr": 0.1}]),
    ],
)
def test_a_list_of_points_may_be_csv_json_or_what_ls_prints(content: str) -> None:
    space, notes = parse_points(content.encode(), "p.csv")

    assert space.rows == ({"lr": 0.1, "model": "rf"}, {"lr": 0.01})
    assert space.axes == (Axis("lr", Choices((0.1, 0.01))), Axis("model", Choices(("rf",))))
    assert notes == ["note: 'p.csv' has 1 row more than once: each counts once"]


def test_cells_are_read_as_overrides_are_and_json_is_flat() -> None:
    text = 'a,b,c,d\n1,true,"[64, 32]","x, y"\n'

    assert parse_points(text.encode(), "p.csv")[0].rows == (
        {"a": 1, "b": True, "c": [64, 32], "d": "x, y"},
    )
    nested = parse_points(b'{"train": {"lr": 1}, "conf/a.yaml:m": "x"}', "-")[0]
    assert nested.names == ("train.lr", "conf/a.yaml:m")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("lr,lr\n1,2", "'p' has two columns 'lr'"),
        ("a,\n1,2", "column 2 of 'p' has no name"),
        ("a,b\n1\n", "line 2 of 'p' has 1 cells, and the first line 2"),
        ("", "'p' lists no points"),
        ("lr\n", "'p' lists no points"),
        ("[1]", "'p' is not a list of points"),
        ('a\n"x', "line 2 of 'p' is not CSV: unexpected end of data"),
    ],
)
def test_a_list_that_has_no_points_is_refused(content: str, message: str) -> None:
    with pytest.raises(GitexpError) as refused:
        parse_points(content.encode(), "p")

    assert str(refused.value) == message
