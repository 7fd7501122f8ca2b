"""Every table at five widths with few and many metrics, as it is shown; kept in `golden/`.

`python tests/rendering/test_widths.py` writes the files anew, to be looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from gitexp.comparison.changes import CodeChange, Side
from gitexp.comparison.diff import diff_sides
from gitexp.comparison.differences import differences
from gitexp.comparison.trend import MeasuredRun, trend
from gitexp.model.policy import Policy, Rule
from gitexp.model.record import DataPointer, Exit, Inputs, RunRecord, time_text
from gitexp.model.text import text_width
from gitexp.model.values import Value, is_number
from gitexp.rendering.diff import diff_document
from gitexp.rendering.differences import differences_document
from gitexp.rendering.formats import FORMATS
from gitexp.rendering.ls import ls_document
from gitexp.rendering.run_around import RunAround
from gitexp.rendering.show import show_document
from gitexp.rendering.table import Document
from gitexp.rendering.trend import trend_document

GOLDEN = Path(__file__).parent / "golden"
WIDTHS = (60, 80, 100, 120, 200)
METRICS = (3, 60)
NOW = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)
POLICY = Policy((("accuracy", Rule("max", tolerance=0.002)), ("loss", Rule("min"))))
NAMES = "brave-otter-7f calm-heron-c1 keen-wren-9x 損失-test sober-linnet-qj lofty-hare-wk".split()
ACCURACIES = (0.961, 0.955, 0.0, 0.958123, 0.92, 0.91)
MESSAGES = ("Does a larger rate help when the batch is small?", "", "more trees", "損失", "", "")


def metrics_of(at: int, count: int) -> dict[str, Value]:
    """Return metrics as training scripts write them: a few on top, the rest nested."""
    found: dict[str, Value] = {"accuracy": ACCURACIES[at], "loss": round(12.5 / (at + 1), 4)}
    if count == 3:
        return {**found, "auc": 0.5 + at / 10}
    names = ("f1", "auc", "precision", "recall", "map", "ece")
    for split in ("train", "val", "test"):
        scores: dict[str, Value] = {
            name: round((at + 1) / (by + 3), 5) for by, name in enumerate(names)
        }
        classes: dict[str, Value] = {
            f"class_{one}": {"recall": round((at + one) / 37, 4)} for one in range(13)
        }
        found[split] = {**scores, "per_class": classes}
    return found


def run(at: int, count: int) -> RunRecord:
    """Make the run at a place in the list; the third failed."""
    started = NOW - timedelta(hours=2 + 5 * at**3)
    failed = at == 2
    return RunRecord(
        id=f"{at}fk2m9q4ab",
        name=NAMES[at],
        status="failed" if failed else "done",
        exit=Exit(2 if failed else 0),
        command=("python", "train.py", "--config", "configs/a long name of a file.yaml"),
        baseline="b" * 40,
        inputs=Inputs("c" * 40),
        started=time_text(started),
        ended=time_text(started + timedelta(seconds=3 * 7**at)),
        message=MESSAGES[at],
        metrics={} if failed else {"metrics.json": metrics_of(at, count)},
        params={
            "params.yaml": {
                "train": {"lr": 0.1 / (at + 1), "batch_size": 2**at, "seed": 1},
                "model": {
                    "name": ("mlp", "forest")[at % 2],
                    "encoder": {"layers": {"dropout": 0.1 * at}},
                    "decoder": {"layers": {"dropout": 0.2 * at}},
                },
            }
        },
        pointers=(
            DataPointer("data/images", "d" * 32, 12_000_000_000, 70_000),
            DataPointer("models/encoder/model.joblib", f"{at}" * 32, 1_200_000, role="output"),
        ),
        python="3.11.7",
    )


def side(at: int, count: int) -> Side:
    """Return a run as a side of a comparison."""
    record = run(at, count)
    return Side(
        record.name,
        record.params,
        record.metrics,
        {pointer.path: pointer for pointer in record.pointers},
        {"python": "3.11.7", "numpy": f"{1 + at % 2}.26.4", "scikit-learn": "1.5.1"},
    )


def code(at: int) -> tuple[CodeChange, ...]:
    """Return what a side changed from the first."""
    changes = (CodeChange("src/models/encoder.py", "modified", 12 * at, at),)
    return (*changes, CodeChange("src/new.py", "added", 5, 0)) if at == 2 else changes


def runs(count: int) -> list[tuple[str, RunRecord]]:
    """Return all runs with the oids of their commits."""
    return [(f"{at:040x}", run(at, count)) for at in range(len(NAMES))]


def _best(count: int) -> Document:
    best = sorted(runs(count), key=lambda one: -one[1].duration)[:3]
    return ls_document(best, policy=POLICY, now=NOW)


def _show(count: int) -> Document:
    around = RunAround(side(0, count), {"python": "3.11.7", "numpy": "2.26.4"}, "epoch 1\n" * 3)
    return show_document("d" * 40, run(3, count), policy=POLICY, now=NOW, around=around)


def _diff(count: int) -> Document:
    return diff_document(diff_sides(side(0, count), side(3, count), code(2), POLICY))


def _several(count: int) -> Document:
    sides = [side(at, count) for at in range(len(NAMES))]
    changes = [code(at) for at in range(1, len(NAMES))]
    return differences_document(differences(sides, changes, POLICY), [None] * len(NAMES))


def _trend(count: int) -> Document:
    measured = []
    for oid, record in sorted(runs(count), key=lambda one: one[1].started):
        value = record.metrics.get("metrics.json", {}).get("accuracy")
        if is_number(value):
            measured.append(MeasuredRun(oid, record.id, record.name, record.started, value))
    found = trend("accuracy", measured, POLICY, without=1, failed=1)
    return trend_document(found, now=NOW)


VIEWS: Mapping[str, Callable[[int], Document]] = {
    "ls": lambda count: ls_document(runs(count), policy=POLICY, now=NOW),
    "best": _best,
    "show": _show,
    "diff": _diff,
    "diff-of-several": _several,
    "trend": _trend,
}


def shown(view: str) -> str:
    """Return a view at every width with few and many metrics."""
    return "\n".join(
        f"--- {count} metrics, {width} columns\n{FORMATS['text'](VIEWS[view](count), width=width)}"
        for count in METRICS
        for width in WIDTHS
    )


@pytest.mark.parametrize("view", VIEWS)
def test_tables_look_as_they_were_looked_at(view: str) -> None:
    assert shown(view) == (GOLDEN / f"{view}.txt").read_text()


@pytest.mark.parametrize("count", METRICS)
@pytest.mark.parametrize("view", ["ls", "best", "diff", "diff-of-several", "trend"])
def test_no_line_of_a_table_exceeds_the_width(view: str, count: int) -> None:
    for width in range(40, 201, 9):
        lines = FORMATS["text"](VIEWS[view](count), width=width).splitlines()

        assert max(map(text_width, lines)) <= width


@pytest.mark.parametrize("view", VIEWS)
def test_without_a_width_nothing_is_left_out(view: str) -> None:
    text = FORMATS["text"](VIEWS[view](60))

    assert "Too wide to show" not in text


if __name__ == "__main__":
    for name in sys.argv[1:] or VIEWS:
        (GOLDEN / f"{name}.txt").write_text(shown(name))
