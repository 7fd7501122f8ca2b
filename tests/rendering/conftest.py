"""The runs that tests of rendering talk about."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from gitexp.model.policy import Policy, Rule
from gitexp.model.record import Exit, Inputs, RunRecord, time_text

from tests.rendering.workshop import MakeRun

NOW = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def policy() -> Policy:
    return Policy((("accuracy", Rule("max", tolerance=0.002)), ("loss", Rule("min"))))


@pytest.fixture
def run() -> MakeRun:
    """Make a run that ended well: `run("name", hours_ago=3, seconds=5, **fields)`."""

    def make(
        name: str = "brave-otter-7f", *, hours_ago: float = 3, seconds: float = 5, **fields: object
    ) -> RunRecord:
        started = NOW - timedelta(hours=hours_ago)
        known: dict[str, object] = {
            "id": "7fk2m9q4ab",
            "name": name,
            "status": "done",
            "exit": Exit(0),
            "command": ("python", "train.py"),
            "baseline": "b" * 40,
            "inputs": Inputs("c" * 40),
            "started": time_text(started),
            "ended": time_text(started + timedelta(seconds=seconds)),
            "gitexp": "0.1.0",
            "params": {"params.yaml": {"lr": 0.1}},
            "metrics": {"metrics.json": {"accuracy": 0.9}},
        }
        return RunRecord(**{**known, **fields})  # type: ignore[arg-type]  # tests name real fields

    return make
