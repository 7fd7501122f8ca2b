"""Changes from a pinned run: what is better is green, whichever way that goes."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timezone

import pytest
from msgspec.structs import replace

from gitexp.model.policy import Policy, Rule
from gitexp.model.record import RunRecord
from gitexp.rendering.against import Pinned
from gitexp.rendering.formats import pieces
from gitexp.rendering.ls import Shown, ls_document

from tests.model import workshop

RECORD = replace(
    workshop.RUN,
    id="a" * 10,
    name="a",
    started="2026-01-01T00:00:00.000Z",
    ended="2026-01-01T00:00:04.000Z",
)
NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
POLICY = Policy((("loss", Rule("min")), ("f1", Rule("max", tolerance=0.01))))


def run(name: str, **metrics: float) -> tuple[str, RunRecord]:
    record = replace(RECORD, id=name * 10, name=name, metrics={"metrics.json": dict(metrics)})
    return name * 40, record


def in_files(name: str, **files: float) -> tuple[str, RunRecord]:
    metrics = {f"{file}.json": {"loss": loss} for file, loss in files.items()}
    return name * 40, replace(RECORD, id=name * 10, name=name, metrics=metrics)


def test_a_metric_of_two_files_is_held_against_that_of_the_same_file() -> None:
    pinned = in_files("a", one=0.5, two=0.9)
    rows = [in_files("b", one=0.4, two=0.9), in_files("c", one=0.6), pinned]
    shown = Shown(pinned=Pinned(*pinned, POLICY))
    document = ls_document(rows, policy=POLICY, now=NOON, shown=shown)

    found = [one["change"] for one in json.loads("".join(pieces("json", document)))]
    table = list(csv.DictReader("".join(pieces("csv", document)).splitlines()))

    first, second, none = ({name: one["delta"] for name, one in run.items()} for run in found)
    assert first == {"one.json:loss": pytest.approx(-0.1), "two.json:loss": 0}
    assert second == {"one.json:loss": pytest.approx(0.1)}
    assert none == {}
    assert found[1]["one.json:loss"]["mark"] == "worse"
    assert float(table[0]["change.one.json:loss"]) == pytest.approx(-0.1)
    assert {name for name in table[0] if name.startswith("change.")} == {
        "change.one.json:loss",
        "change.two.json:loss",
    }


def test_better_is_green_and_worse_is_red_by_the_goal_of_each_metric() -> None:
    pinned = run("a", loss=0.5, f1=0.8, size=3)
    rows = [run("b", loss=0.4, f1=0.7, size=4), run("c", loss=0.6, f1=0.805), pinned]
    shown = Shown(pinned=Pinned(*pinned, POLICY))
    document = ls_document(rows, policy=POLICY, now=NOON, shown=shown)

    text = "".join(pieces("text", document, width=100, colour=True))

    head, first, second, third, *_ = text.splitlines()
    assert head.count("change") == 3
    assert first.split()[0] == "a"
    assert "\x1b[" not in first
    assert "\x1b[32m  -0.1\x1b[0m" in second  # a lower loss
    assert "\x1b[31m-0.1" in second  # a lower f1
    assert "+1" in second
    assert "\x1b[31m  +0.1\x1b[0m" in third
    assert "+0.005" in third
    assert "\x1b[32m+0.005" not in third  # within tolerance
