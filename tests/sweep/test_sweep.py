"""The id of a sweep: the same words on the same files have the same one, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.names import is_id
from gitexp.model.values import Value
from gitexp.sweep.space import Axis, Choices, Interval, Space
from gitexp.sweep.sweep import Objective, Sweep, canonical, from_json, to_json

SWEEP = Sweep(
    command=("python", "train.py"),
    space=Space((Axis("lr", Choices((0.1, 0.01))), Axis("depth", Choices((2, 4))))),
    inputs="v2:aa",
)
scalars: st.SearchStrategy[Value] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
)
domains = st.builds(
    lambda values, ordered: Choices(tuple(values), ordered),
    st.lists(scalars | st.lists(scalars, max_size=2), min_size=1, max_size=3),
    st.booleans(),
) | st.builds(Interval, st.floats(-9, 0), st.floats(1, 9), st.booleans(), st.booleans())
axes = st.builds(
    lambda key, domain, file, when: Axis(key, domain, file, when=when),
    st.text("abc.", min_size=1, max_size=4),
    domains,
    st.none() | st.just("conf/a.yaml"),
    st.none() | st.just("a = 1"),
)
sweeps = st.builds(
    lambda found, seed, options: replace(
        SWEEP, space=Space(tuple(found)), seed=seed, options=options
    ),
    st.lists(axes, max_size=3),
    st.integers(0, 3),
    st.dictionaries(st.sampled_from("xyz"), scalars, max_size=3),
)


@given(sweeps)
def test_a_definition_comes_back_with_its_id(sweep: Sweep) -> None:
    found = from_json(to_json(sweep))

    assert canonical(found) == canonical(sweep)
    assert found.id == sweep.id
    assert is_id(sweep.id)


@given(sweeps, sweeps)
def test_two_definitions_have_one_id_only_if_they_say_the_same(one: Sweep, other: Sweep) -> None:
    assert (one.id == other.id) == (canonical(one) == canonical(other))


@given(st.permutations([("a", 1), ("b", 2), ("c", 3)]))
def test_the_order_of_options_does_not_matter(options: list[tuple[str, int]]) -> None:
    in_order = replace(SWEEP, options={"a": 1, "b": 2, "c": 3})

    assert replace(SWEEP, options=dict(options)).id == in_order.id


def test_an_id_is_the_same_for_ever() -> None:
    assert SWEEP.id == "re8x4anypd"


@pytest.mark.parametrize(
    "changed",
    [
        {"command": ("python", "train.py", "-v")},
        {"space": Space(tuple(reversed(SWEEP.space.axes)))},
        {"space": Space((Axis("lr", Choices((0.1, 0.01))), Axis("depth", Choices((2, 4.0)))))},
        {"space": Space((Axis("lr", Choices((0.1, 0.01))), Axis("depth", Choices((2, True)))))},
        {"space": replace(SWEEP.space, such_that="lr < 1")},
        {"inputs": "v2:bb"},
        {"directory": "sub"},
        {"fixed": ("seed=1",)},
        {"sampler": "random"},
        {"seed": 1},
        {"objectives": (Objective("loss", "min"),)},
        {"window": 2},
        {"seeds": (0, 1), "repeat_key": "seed"},
    ],
)
def test_what_decides_points_and_runs_is_in_the_id(changed: dict[str, object]) -> None:
    assert replace(SWEEP, **changed).id != SWEEP.id


def test_names_and_versions_of_libraries_are_not_in_the_id() -> None:
    named = replace(
        SWEEP, name="lr-scan", message="does it?", made_with={"optuna": "5.0.0"}, wanted=9
    )

    assert named.id == SWEEP.id
    assert from_json(to_json(named)) == named


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[]", "the definition of the sweep cannot be read: not a mapping"),
        (b"{", "the definition of the sweep cannot be read: Expecting property name"),
        (b'{"version": 1}', "the definition of the sweep cannot be read: Object missing required"),
        (
            b'{"version": 1, "command": ["a"], "space": {}, "inputs": "v2:aa", "wanted": 0}',
            "the definition of the sweep cannot be read: Expected `int` >= 1",
        ),
        (b'{"version": 2}', "the sweep was defined by another version of gitexp"),
    ],
)
def test_what_is_no_definition_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(GitexpError) as refused:
        from_json(content)

    assert str(refused.value).startswith(message)
