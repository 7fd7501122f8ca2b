"""The curves in files of other tools, whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitexp.metrics.curves import joined_curves, read_curves
from gitexp.series.series import Series

from tests.metrics.tracker_stores import write_events

LIGHTNING = "epoch,step,train_loss,val_loss\n0,4,0.5,\n0,9,,0.25\n1,14,0.4,\n1,19,,0.2\n"
KERAS = "epoch,accuracy,loss\n0,0.5,1.0\n1,0.75,0.5\n"
STATE = {
    "log_history": [
        {"loss": 0.9, "epoch": 0.5, "step": 10},
        {"eval_loss": 0.8, "epoch": 1.0, "step": 20},
        {"loss": 0.7, "epoch": 1.0, "step": 20},
    ],
    "global_step": 20,
}
LINES = '{"step": 1, "val": {"loss": 1}}\n{"step": 2, "val": {"loss": 0.5}, "note": "x"}\n{"step"'


@pytest.mark.parametrize(
    ("name", "content", "key", "steps", "values"),
    [
        ("logs/version_0/metrics.csv", LIGHTNING, "val_loss", [9, 19], [0.25, 0.2]),
        ("logs/version_0/metrics.csv", LIGHTNING, "train_loss", [4, 14], [0.5, 0.4]),
        ("training.csv", KERAS, "accuracy", [0, 1], [0.5, 0.75]),
        ("trainer_state.json", json.dumps(STATE), "loss", [10, 20], [0.9, 0.7]),
        ("trainer_state.json", json.dumps(STATE), "eval_loss", [20], [0.8]),
        ("log.jsonl", LINES, "val.loss", [1, 2], [1, 0.5]),
        ("results.csv", "loss\n3\n2\n", "loss", [0, 1], [3, 2]),
        (
            "dvclive/plots/metrics/train/acc.tsv",
            "step\tacc\n0\t0.1\n1\t0.2\n",
            "train/acc",
            [0, 1],
            [0.1, 0.2],
        ),
    ],
)
def test_columns_are_curves_by_what_counts_in_them(
    name: str, content: str, key: str, steps: list[float], values: list[float]
) -> None:
    assert read_curves(content.encode(), name)[key] == Series(key, steps, values)


def test_event_files_are_read_as_curves_with_times(tmp_path: Path) -> None:
    file = write_events(tmp_path / "runs", {"val/loss": [3.0, 1.0, 2.0], "lr": [0.5]})

    found = read_curves(file.read_bytes(), f"runs/{file.name}")

    assert {key: (one.steps, one.values) for key, one in found.items()} == {
        "val/loss": ([0, 1, 2], [3.0, 1.0, 2.0]),
        "lr": ([0], [0.5]),
    }
    assert found["val/loss"].times is not None


@pytest.mark.parametrize("name", ["metrics.json", "params.yaml", "trainer_state.json", "m.db"])
def test_files_with_one_value_of_each_have_no_curves(name: str) -> None:
    assert read_curves(b'{"loss": 1}', name) == {}


def test_curves_of_one_name_in_several_files_are_told_apart() -> None:
    def curves(key: str, *steps: int) -> dict[str, Series]:
        return {key: Series(key, [*steps], [float(one) for one in steps])}

    found = joined_curves(
        {
            "a.csv": curves("loss", 0, 1),
            "b.csv": curves("loss", 5),
            "tb/train/events.out.tfevents.1": curves("acc", 0, 1),
            "tb/train/events.out.tfevents.2": curves("acc", 2),
            "tb/val/events.out.tfevents.3": curves("acc", 7),
        }
    )

    assert {key: one.steps for key, one in found.items()} == {
        "loss": [0, 1],
        "b.csv:loss": [5],
        "train/acc": [0, 1, 2],
        "val/acc": [7],
    }
    assert all(key == one.key for key, one in found.items())
