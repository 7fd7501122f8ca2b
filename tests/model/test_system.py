"""What a run used of its machine: rows that are few, however long it takes."""

from __future__ import annotations

import pytest

from gitexp.model.system import Row, Usage, line_of, row_length, rows_in, summed_up


def test_a_run_of_any_length_has_few_rows_and_the_first_ones_are_of_a_second() -> None:
    counts = {}
    for name, length in (("minute", 60), ("hour", 3600), ("day", 86_400), ("month", 2_592_000)):
        at, counts[name] = 0.0, 0
        while at < length:
            at += row_length(at)
            counts[name] += 1

    assert counts == {"minute": 48, "hour": 152, "day": 233, "month": 320}
    assert row_length(0) == row_length(25) == 1.0


def test_rows_are_read_back_and_half_a_line_is_passed_over() -> None:
    rows = [Row(1.0, 1.0, {"cpu": 1.5, "memory": 10_000}, {"memory": 12_000}), Row(3.0, 2.0)]
    content = b"".join(map(line_of, rows))

    found = rows_in(content + b'{"at": 4.0, "sec')

    assert found == rows
    assert rows_in(b"\xff\n[]\n{}\nnull\n") == []


@pytest.mark.parametrize("things", [{}, {"gpu.0": 0.5}])
def test_means_are_by_time_and_peaks_those_of_any_row(things: dict[str, float]) -> None:
    rows = [
        Row(1.0, 1.0, {"cpu": 4.0, "memory": 100, **things}),
        Row(5.0, 4.0, {"cpu": 0.0, "memory": 200}, {"memory": 900}),
    ]

    found = summed_up(rows)

    assert found["cpu"] == Usage(0.8, 4)
    assert found["memory"] == Usage(180, 900)
    assert ("gpu.0" in found) == bool(things)
    assert summed_up([]) == {}
