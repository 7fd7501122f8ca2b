"""Reading what grows, in many goes, against reading all of it anew."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gitexp.series import growing
from gitexp.series.logged import Reader, read_logged

_VALUES = st.dictionaries(
    st.sampled_from(["a", "b", "val.a"]),
    st.one_of(st.integers(-9, 9), st.floats(-9, 9), st.just("inf"), st.just("text"), st.just([1])),
    max_size=3,
)
_STEPS = st.fixed_dictionaries(
    {"step": st.integers(-2, 12) | st.sampled_from([1.0, 2.5]), "log": _VALUES},
    optional={"time": st.floats(0, 50)},
)
_OTHERS = st.sampled_from(
    [
        {"param": {"lr": 1}},
        {"param": {"lr": 2, "x": 1}},
        {"summary": {"a": 3}},
        {"summary": {"a": {"$float": "inf"}}},
        {"figure": "f", "file": "1.png"},
        {"figure": "f", "file": "2.png"},
        {"artifact": "/m"},
        {"step": 1},
    ]
)
_FILES = st.sampled_from(["1000-0-5.jsonl", "1001-0-6.jsonl", "0999-0-7.jsonl", "1002-1-8.jsonl"])
_WRITES = st.lists(
    st.tuples(_FILES, st.lists(_STEPS | _OTHERS, max_size=6), st.booleans()), max_size=12
)


@settings(max_examples=40, deadline=None)
@given(_WRITES)
def test_read_as_it_grows_says_what_reading_it_anew_says(writes: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        reader = Reader(folder)
        for name, lines, is_cut in writes:
            text = "".join(f"{json.dumps(one)}\n" for one in lines)
            end = len(text) // 2 if is_cut else len(text)
            with (folder / name).open("a") as file:
                file.write(text[:end])
            found = reader.read()
            assert found == read_logged(folder)
            with (folder / name).open("a") as file:
                file.write(text[end:])
        assert reader.read() == read_logged(folder)


def test_what_did_not_grow_is_not_made_again(tmp_path: Path) -> None:
    _add(tmp_path, '{"step":0,"time":1.0,"log":{"a":1,"b":1}}')
    reader = Reader(tmp_path)
    first = reader.read()
    _add(tmp_path, '{"step":1,"time":2.0,"log":{"a":2}}')

    second = reader.read()

    assert second.series["b"] is first.series["b"]
    assert (first.series["a"].values, second.series["a"].values) == ([1], [1, 2])
    assert second.series["a"].times == [0.0, 1.0]


def test_steps_that_fall_take_no_longer_than_those_that_rise() -> None:
    curve = growing.GrowingCurve()
    for step in range(50_000, 0, -1):
        curve.put(step, float(step), None, "file")

    found = curve.series("a", None)

    assert found.steps == found.values == [*range(1, 50_001)]


def _add(folder: Path, line: str) -> None:
    with (folder / "1-0-1.jsonl").open("a") as file:
        file.write(f"{line}\n")
