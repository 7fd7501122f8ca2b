"""Files that look like metrics, and the settings that would record them."""

from __future__ import annotations

import pytest

from gitexp.metrics.likeness import likeliest, pattern_of, setting_for


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["a/metrics.csv", "metrics.json"], "metrics.json"),
        (["out/eval_results.json", "out/all_results.json"], "out/all_results.json"),
        (["out/checkpoint-5/trainer_state.json", "out/trainer_state.json"],
         "out/trainer_state.json"),
        (["predictions.csv", "model.pt", "config.json"], None),
        (["wandb/run-1/files/metrics.json"], None),
        ([], None),
    ],
)  # fmt: skip
def test_the_most_telling_name_is_taken(paths: list[str], expected: str | None) -> None:
    assert likeliest(paths) == expected


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("metrics.json", "metrics.json"),
        ("lightning_logs/version_12/metrics.csv", "lightning_logs/*/metrics.csv"),
        ("outputs/2026-11-29/14-30-12/m.json", "outputs/*/*/m.json"),
        ("logs/runs/2026-11-29_14-30-12/csv/metrics.csv", "logs/runs/*/csv/metrics.csv"),
        ("runs/detect/train/results.csv", "runs/detect/*/results.csv"),
        ("runs/Nov29_14-30-12_box/events.out.tfevents.17.box.1.0",
         "runs/*/events.out.tfevents.*"),
        ("exp-3/results.csv", "*/results.csv"),
        ("eval/scores.json", "eval/scores.json"),
    ],
)  # fmt: skip
def test_folders_that_each_run_has_for_itself_become_stars(path: str, pattern: str) -> None:
    assert pattern_of(path) == pattern


def test_the_setting_gives_a_name_to_what_has_a_pattern() -> None:
    assert setting_for("runs/a/events.out.tfevents.1.b.2.0") == (
        'metrics: {tensorboard: "runs/*/events.out.tfevents.*"}'
    )
    assert setting_for("eval/scores.json") == "metrics: [eval/scores.json]"
