"""Which stages of a pipeline count, given those that are up to date."""

from __future__ import annotations

import pytest

from gitexp.data.pipelines import Pipeline
from gitexp.data.pointers import Pointer
from gitexp.data.stages import Stage, Stages


@pytest.mark.parametrize(
    ("current", "confirmed"),
    [("abc", "abc"), ("bc", ""), ("ac", "a"), ("ab", "ab")],
)
def test_a_stage_counts_only_with_those_that_it_builds_on(current: str, confirmed: str) -> None:
    pointers = {name: Pointer(name, md5=name) for name in "abc"}
    stages = [
        Stage("c", (pointers["b"],), (pointers["c"],), "c" in current),
        Stage("b", (pointers["a"],), (pointers["b"],), "b" in current),
        Stage("a", (Pointer("raw", "0"),), (pointers["a"],), "a" in current),
    ]

    found = Stages(Pipeline(), tuple(stages)).confirmed()

    assert {stage.name for stage in found} == set(confirmed)
