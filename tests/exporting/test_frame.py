"""Runs as a table with typed columns: what type a column gets, and what becomes of each value."""

from __future__ import annotations

import math
from datetime import datetime, timezone

import pytest
from msgspec.structs import replace

from gitexp.exporting.frame import Type, frame_of
from gitexp.model.values import Value
from gitexp.rendering.run_rows import RunRow, UnreadableRun

from tests.model import workshop

RUN = replace(
    workshop.RUN,
    id="1" * 10,
    name="one",
    started="2026-01-02T03:04:05.678Z",
    ended="2026-01-02T03:04:06.678Z",
)


def runs_with(values: list[Value]) -> list[RunRow]:
    """Return a run for each value of param `x`; an absent one for ..."""
    return [
        (f"{at:040}", replace(RUN, params={"p.yaml": {"x": value}}))
        for at, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("values", "wanted", "kept"),
    [
        ([True, False, None], Type.TRUTH, [True, False, None]),
        ([1, -(2**63) + 1, 2**63 - 1], Type.INTEGER, [1, -(2**63) + 1, 2**63 - 1]),
        ([1, 2**63], Type.TEXT, ["1", str(2**63)]),
        ([1, 0.5, math.inf], Type.NUMBER, [1.0, 0.5, math.inf]),
        ([2**53 + 1, 0.5], Type.TEXT, [str(2**53 + 1), "0.5"]),
        (["a", "1", None], Type.TEXT, ["a", "1", None]),
        (["auto", 1, True], Type.TEXT, ["auto", "1", "true"]),
        ([[1, 2], None], Type.TEXT, ["[1,2]", None]),
        ([None, None], Type.TEXT, [None, None]),
    ],
)
def test_a_column_has_the_type_that_holds_all_its_values(
    values: list[Value], wanted: Type, kept: list[object]
) -> None:
    frame = frame_of(runs_with(values))
    at, column = next((at, one) for at, one in enumerate(frame.columns) if one.name == "params.x")

    assert column.type is wanted
    assert [row[at] for row in frame.rows()] == kept
    assert [row[at] for row in frame.rows()] == kept, "it can be read again"


def test_moments_are_moments_and_what_a_run_lacks_is_none() -> None:
    unread = UnreadableRun("9" * 40, "needs gitexp ≥ 9.0")

    frame = frame_of([("1" * 40, RUN), unread])

    names = [column.name for column in frame.columns]
    first, second = [dict(zip(names, row, strict=True)) for row in frame.rows()]
    assert first["started"] == datetime(2026, 1, 2, 3, 4, 5, 678000, timezone.utc)
    assert (first["status"], second["status"]) == ("done", "unreadable")
    assert (second["started"], second["duration"]) == (None, None)
