"""The lines that scripts log, as values."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from gitexp.series import growing
from gitexp.series.logged import Reader, read_logged
from gitexp.series.series import Series


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def _add(folder: Path, *lines: object, rank: int = 0, began: int = 1000, end: str = "\n") -> Path:
    file = folder / f"{began:013d}-{rank}-77.jsonl"
    texts = (one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in lines)
    with file.open("a") as opened:
        opened.write("\n".join(texts) + end)
    return file


def test_values_are_curves_with_times_since_the_first(folder: Path) -> None:
    _add(
        folder,
        {"step": 0, "time": 100.0, "log": {"loss": 0.5, "val": {"acc": 1}}},
        {"step": 1, "time": 102.5, "log": {"loss": "nan", "val.acc": True, "val": {"x": "-inf"}}},
        {"param": {"lr": 0.1}},
        {"summary": {"acc": 0.9, "worst": {"$float": "inf"}}},
        {"figure": "confusion", "file": "confusion.png"},
        {"artifact": "/a/model.pt"},
    )

    found = read_logged(folder)

    assert found.series["val.acc"] == Series("val.acc", [0, 1], [1, 1], [0.0, 2.5])
    assert found.series["val.x"].values == [float("-inf")]
    assert str(found.series["loss"].values) == "[0.5, nan]"
    assert (found.params, found.summary) == ({"lr": 0.1}, {"acc": 0.9, "worst": float("inf")})
    assert (found.figures, found.artifacts) == ({"confusion": "confusion.png"}, ("/a/model.pt",))
    assert (found.began, found.last_step, found.ignored) == (100.0, 1, ())
    assert [*found.metrics] == ["loss", "val.acc", "val.x", "acc", "worst"]


def test_reading_goes_on_where_it_stopped_and_waits_for_the_end_of_a_line(folder: Path) -> None:
    reader = Reader(folder)
    assert reader.read().is_empty
    _add(folder, {"step": 0, "log": {"a": 1}}, '{"step":1,"log":{"a"', end="")

    first = reader.read()
    _add(folder, ":2}}")
    second = reader.read()

    assert first.series["a"].values == [1]
    assert second.series["a"].values == [1, 2]


def test_a_line_that_is_none_is_passed_over_and_said(folder: Path) -> None:
    _add(
        folder,
        {"step": 0, "log": {"a": 1}},
        '{"step":',
        "[]",
        {"step": 1, "log": {"a": 2, "b": "x", "c": [1]}},
    )

    found = read_logged(folder)

    assert found.series == {"a": Series("a", [0, 1], [1, 2])}
    assert found.ignored == (
        "a line that is not whole",
        "'b': a text is not a number",
        "'c': a list is not a number",
    )


def test_a_key_is_that_of_the_lowest_rank_that_logged_it(folder: Path) -> None:
    _add(folder, {"step": 0, "log": {"loss": 3}}, rank=3, began=1)
    _add(folder, {"step": 0, "log": {"loss": 1}}, rank=1, began=2)
    _add(folder, {"step": 0, "log": {"eval": 3}}, rank=3, began=3)

    found = read_logged(folder)

    assert {key: one.values for key, one in found.series.items()} == {"loss": [1], "eval": [3]}
    assert found.ranks == (1, 3)
    assert found.of_ranks[3]["loss"].values == [3]


def test_a_param_or_summary_is_that_of_the_lowest_rank_and_its_latest_process(folder: Path) -> None:
    _add(folder, {"param": {"lr": 0.1}}, {"summary": {"acc": 0.5}}, rank=1, began=1)
    _add(folder, {"param": {"lr": 0.2}}, {"summary": {"acc": 0.6}}, rank=1, began=2)
    _add(folder, {"param": {"lr": 0.9}}, {"summary": {"acc": 0.9, "own": 3}}, rank=3, began=3)

    found = read_logged(folder)

    assert found.params == {"lr": 0.2}
    assert found.summary == {"acc": 0.6, "own": 3}


def test_what_a_later_process_logs_at_the_same_step_counts(folder: Path) -> None:
    _add(folder, *({"step": at, "log": {"a": at}} for at in range(5)), began=1)
    _add(folder, *({"step": at, "log": {"a": 10 * at}} for at in (3, 4, 5)), began=2)

    assert read_logged(folder).series["a"] == Series("a", [0, 1, 2, 3, 4, 5], [0, 1, 2, 30, 40, 50])


def test_other_files_in_the_folder_do_not_count(folder: Path) -> None:
    (folder / "figures").mkdir()
    (folder / "notes.jsonl").write_text('{"step":1,"log":{"a":1}}\n')

    assert read_logged(folder).is_empty
    assert read_logged(folder / "none").is_empty


def test_integers_that_no_float_holds_are_left_out_and_said(folder: Path) -> None:
    endless = "9" * 400
    _add(
        folder,
        f'{{"step":0,"log":{{"a":{endless},"b":1}}}}',
        f'{{"step":{endless},"log":{{"b":2}}}}',
    )

    found = read_logged(folder)

    assert [*found.series] == ["b"]
    assert found.series["b"].summary.last == 1
    assert found.ignored == (
        "'a': an endless integer is not a number",
        "a step of more than 300 digits",
    )


def test_of_very_many_values_peaks_and_the_last_are_held(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "MOST_POINTS", 1_000)
    values = [float(step * 7919 % 10_007) for step in range(10_000)]
    values[4321], values[8765] = -5.0, 20_000.0
    _add(folder, *({"step": at, "log": {"a": one, "b": 1}} for at, one in enumerate(values)))

    found = Reader(folder).read()

    curve = found.series["a"]
    assert len(curve.steps) <= 1_000
    assert (curve.minimum, curve.at(4321)) == (-5.0, -5.0)
    assert (curve.maximum, curve.at(8765)) == (20_000.0, 20_000.0)
    assert (curve.steps[0], curve.steps[-1], curve.last) == (0, 9_999, values[-1])
    assert found.ignored == ("of more than 1,000 values, some between the peaks",)
