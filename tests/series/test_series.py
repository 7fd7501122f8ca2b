"""Curves as values and as tables."""

from __future__ import annotations

import math
import struct

import pytest

from gitexp.series.series import Series, Summary, series_of_points
from gitexp.series.tables import read_tables, without_scattered, write_tables

NAN = math.nan


def test_of_several_values_at_one_step_the_last_counts_and_steps_are_sorted() -> None:
    made = series_of_points("loss", [(3, 0.3, 9.0), (1, 0.9, 1.0), (3, 0.2, 10.0), (2, 0.5, 2.0)])

    assert made == Series("loss", [1, 2, 3], [0.9, 0.5, 0.2], [1.0, 2.0, 10.0])


def test_a_summary_passes_over_values_that_are_not_numbers() -> None:
    one = Series("loss", [0, 1, 2, 3], [0.5, NAN, 0.1, 0.1])

    assert one.summary == Summary(4, 3, 0.1, 0.1, 0.5, min_step=2, max_step=0, nan=1)


def test_a_curve_without_any_number_has_neither_minimum_nor_maximum() -> None:
    one = Series("loss", [0], [NAN])

    assert (one.minimum, one.maximum, one.summary.min_step) == (None, None, None)


def test_a_family_is_a_table_with_empty_cells_for_what_has_no_value() -> None:
    series = [
        Series("train/loss", [0, 1, 2], [0.9, 0.5, 1e-05], [0.0, 1.5, 3.0]),
        Series("train/lr", [0, 2], [0.1, 3.0], [0.0, 3.0]),
        Series("acc", [1], [math.inf]),
    ]

    texts = write_tables(series)

    assert texts == {
        "metrics.tsv": "step\tacc\n1\tinf\n",
        "train.tsv": (
            "step\ttime\ttrain/loss\ttrain/lr\n0\t0\t0.9\t0.1\n1\t1.5\t0.5\t\n2\t3\t1e-5\t3\n"
        ),
    }
    assert read_tables(texts) == {one.key: one for one in series}


@pytest.mark.parametrize(
    "key", ["", "step", "time", "a\tb\nc\\-", "\\-step", "../../x", "é/ü", "-"]
)
def test_every_key_comes_back_from_its_table(key: str) -> None:
    one = Series(key, [0, 2.5], [1.5, -math.inf])

    texts = write_tables([one])

    assert read_tables(texts) == {key: one}
    assert all("/" not in name and not name.startswith(".") for name in texts)


def test_families_that_a_file_system_may_take_for_one_share_a_table() -> None:
    series = {key: Series(key, [0], [1.0]) for key in ("Val/a", "val.a", "val/b")}

    texts = write_tables(series)

    assert [*texts] == ["val.tsv"]
    assert read_tables(texts) == series


def test_numbers_come_back_as_they_were() -> None:
    values = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 2.0**53, -0.0, 123456789012345678.0]
    values += [
        struct.unpack("<d", struct.pack("<Q", at * 0x3A5B7C9D1E2F4061 % 2**63))[0]
        for at in range(200)
    ]
    finite = [one for one in values if math.isfinite(one)]
    one = Series("x", [*range(len(finite))], finite)

    assert read_tables(write_tables([one])) == {"x": one}


def test_a_table_from_anybody_is_read_as_far_as_it_is_one() -> None:
    text = "step\tloss\tacc\n0\t0.5\nx\t1\t1\nnan\t1\t1\n2\ttext\t0.7\tmore\n3\t0.1"

    found = read_tables({"a.tsv": text, "b.tsv": "x\ty\n1\t2\n", "c.tsv": ""})

    assert found == {"loss": Series("loss", [0], [0.5]), "acc": Series("acc", [2], [0.7])}


def test_a_key_for_each_step_makes_no_table_of_empty_cells() -> None:
    scattered = {f"loss_{at}": Series(f"loss_{at}", [at], [1.0]) for at in range(3_000)}
    dense = {
        f"acc/{at}": Series(f"acc/{at}", [*range(1_001)], [0.5] * 1_001) for at in range(1_000)
    }
    long = {"loss": Series("loss", [*range(500)], [0.5] * 500)}

    kept = without_scattered({**scattered, **dense, **long})

    assert kept.keys() >= {**dense, **long}.keys()
    assert 900 < len(kept.keys() & scattered.keys()) < 1_100
    assert sum(map(len, write_tables({**long, **scattered}).values())) > 9_000_000
    assert sum(map(len, write_tables({**without_scattered(scattered)}).values())) < 1_100_000
