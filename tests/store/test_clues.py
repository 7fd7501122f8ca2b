"""What a message says of a run never hides the run from those who look for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gitexp.model.message import message_text
from gitexp.model.policy import Policy
from gitexp.model.record import Inputs
from gitexp.store.clues import Clues

from tests.model.workshop import RUN

names = st.sampled_from(["loss", "val.loss", "val/f1", "a|b", "accuracy"])
numbers = st.integers() | st.floats(allow_nan=False)
metrics = st.dictionaries(names, numbers, min_size=1)


@given(metrics, st.dictionaries(names, numbers))
def test_a_run_is_found_by_its_metrics_however_they_are_rounded(
    own: dict[str, float], before: dict[str, float]
) -> None:
    record = replace(RUN, metrics={"metrics.json": dict(own)})
    message = message_text(record, Policy(), {"metrics.json": dict(before)}).encode()
    clues = Clues("", numbers={name: frozenset({value}) for name, value in own.items()})

    assert clues.search()(message)


@pytest.mark.parametrize(
    ("clues", "is_found"),
    [
        (Clues("", ids=frozenset({RUN.id})), True),
        (Clues("sub", ids=frozenset({RUN.id})), False),
        (Clues("", baselines=frozenset({RUN.baseline})), True),
        (Clues("", inputs=frozenset({f"v2:{RUN.inputs.oid}"})), True),
        (Clues("", inputs=frozenset({RUN.inputs.oid})), False),
        (Clues("", numbers={"loss": frozenset({0.1234567})}), True),
        (Clues("", numbers={"loss": frozenset({0.1234467})}), False),
        (Clues("", numbers={"loss": frozenset({0.1234567}), "f1": frozenset({0.6})}), False),
        (Clues("", numbers={"other": frozenset({0.1234567})}), False),
        (Clues(""), False),
    ],
)
def test_a_clue_is_one_of_these(clues: Clues, is_found: bool) -> None:
    record = replace(RUN, metrics={"metrics.json": {"loss": 0.1234567, "f1": 0.5}})

    assert clues.search()(message_text(record, Policy(), {}).encode()) is is_found


def test_of_many_alike_the_newest_count() -> None:
    def message(number: int, inputs: str) -> bytes:
        record = replace(RUN, id=f"run{number}", inputs=Inputs(inputs))
        return message_text(record, Policy(), {}).encode()

    fits = Clues("", inputs=frozenset({"v2:a", "v2:b"})).search()

    assert [fits(message(number, "a")) for number in range(52)] == [True] * 50 + [False] * 2
    assert fits(message(99, "b"))
    assert not fits(b"no run\n")
