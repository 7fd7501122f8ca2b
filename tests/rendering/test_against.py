"""Changes from a pinned run: what is better is green, whichever way that goes."""

from __future__ import annotations

from datetime import datetime, timezone

from msgspec.structs import replace

from gitexp.model.policy import Policy, Rule
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.rendering.against import Pinned
from gitexp.rendering.formats import pieces
from gitexp.rendering.ls import Shown, ls_document

RECORD = RunRecord(
    id="a" * 10,
    name="a",
    status="done",
    exit=Exit(0),
    command=("python", "train.py"),
    baseline="b" * 40,
    inputs=Inputs("c" * 40),
    started="2026-01-01T00:00:00.000Z",
    ended="2026-01-01T00:00:04.000Z",
)
NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
POLICY = Policy((("loss", Rule("min")), ("f1", Rule("max", tolerance=0.01))))


def run(name: str, **metrics: float) -> tuple[str, RunRecord]:
    record = replace(RECORD, id=name * 10, name=name, metrics={"metrics.json": dict(metrics)})
    return name * 40, record


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
