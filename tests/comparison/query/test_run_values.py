from __future__ import annotations

import pytest
from msgspec.structs import replace

from gitexp.comparison.query.attributes import ATTRIBUTES
from gitexp.comparison.query.run_values import attributes_of, flat_values
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.model.sweep_point import SweepPoint

RECORD = RunRecord(
    id="7fk2m9q4ab",
    name="brave-otter-7f",
    status="done",
    exit=Exit(0),
    command=("python", "train.py"),
    baseline="3f2a91c",
    inputs=Inputs("0" * 40),
    started="2026-11-01T10:00:00.000Z",
    ended="2026-11-01T11:00:00.500Z",
    message="a try\n",
    user="ada",
    params={"params.yaml": {"train": {"lr": 0.1}}},
    metrics={"a.json": {"loss": 1, "x": [1]}, "b.json": {"loss": 2}},
    tags=("good",),
    sweep="7fk2m9q4ab",
    point=SweepPoint(17, sweep="scan"),
)


def test_a_record_gives_every_attribute_and_flat_values() -> None:
    assert attributes_of(RECORD) == {
        "name": "brave-otter-7f",
        "id": "7fk2m9q4ab",
        "status": "done",
        "reason": None,
        "tag": ("good",),
        "verified": None,
        "started": "2026-11-01T10:00:00.000Z",
        "ended": "2026-11-01T11:00:00.500Z",
        "duration": 3600.5,
        "command": "python train.py",
        "message": "a try",
        "hypothesis": None,
        "baseline": "3f2a91c",
        "user": "ada",
        "host": None,
        "project": "",
        "sweep": ("7fk2m9q4ab", "scan"),
        "point": 17,
        "repeat": 1,
    }
    assert flat_values(RECORD.metrics) == {"a.json:loss": 1, "x": [1], "b.json:loss": 2}
    assert flat_values(RECORD.params) == {"train.lr": 0.1}


def test_there_is_a_value_for_each_attribute() -> None:
    assert attributes_of(RECORD).keys() == ATTRIBUTES.keys()


def test_a_run_of_no_sweep_has_no_point() -> None:
    alone = attributes_of(replace(RECORD, sweep=None, point=None))

    assert (alone["sweep"], alone["point"], alone["repeat"]) == (None, None, None)


def test_what_is_empty_is_null() -> None:
    saved = attributes_of(replace(RECORD, command=(), message=" \n", baseline=""))

    assert (saved["command"], saved["message"], saved["baseline"]) == (None, None, None)


@pytest.mark.parametrize("text", ["2026-11-01T10:00:00Z", "2026-11-01T12:00:00.0+02:00"])
def test_moments_are_all_written_in_one_way(text: str) -> None:
    attributes = attributes_of(replace(RECORD, started=text))

    assert attributes["started"] == "2026-11-01T10:00:00.000Z"


def test_a_name_in_two_files_names_its_file() -> None:
    assert flat_values({"a.yaml": {"lr": 1, "b": {"c": 2}}, "b.yaml": {"lr": 3}}) == {
        "a.yaml:lr": 1,
        "b.c": 2,
        "b.yaml:lr": 3,
    }
