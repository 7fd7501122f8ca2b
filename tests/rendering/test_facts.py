from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from gitexp.model.record import DataPointer, Exit, Resources
from gitexp.model.record_json import to_json
from gitexp.model.values import dumps
from gitexp.rendering.facts import ago_text, known_facts, record_data, status_text

from tests.rendering.workshop import MakeRun


@pytest.mark.parametrize(
    ("status", "ending", "text"),
    [
        ("done", Exit(0), "done"),
        ("failed", Exit(2), "failed (2)"),
        ("failed", Exit(None, "SIGKILL"), "failed (SIGKILL)"),
        ("failed", Exit(None), "failed"),
        ("interrupted", Exit(None, "SIGINT"), "interrupted"),
        ("interrupted", Exit(None, "SIGTERM", "timeout"), "timed out"),
        ("interrupted", Exit(None, None, "lost"), "lost"),
    ],
)
def test_status_text(run: MakeRun, status: str, ending: Exit, text: str) -> None:
    assert status_text(run(status=status, exit=ending)) == text


@pytest.mark.parametrize(
    ("past", "text"),
    [
        (timedelta(0), "0 s ago"),
        (timedelta(seconds=59.9), "59 s ago"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=23), "23 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=30), "2025-12-03"),
        (timedelta(days=-1), "2026-01-03"),
    ],
)
def test_times_are_told_from_now(now: datetime, past: timedelta, text: str) -> None:
    assert ago_text(now - past, now) == text


def test_the_json_of_a_record_is_that_of_its_commit(run: MakeRun) -> None:
    record = run(
        pointers=(DataPointer("model", "m" * 32, 5, role="output"),),
        resources=Resources(1.5, 1000),
        tags=("good",),
        metrics={"m.json": {"loss": float("nan"), "deep": {"x": [1]}}},
        extra={"machine": {"gpu": 2}},
    )

    shown = json.loads(dumps(record_data("d" * 40, record)))

    assert shown.pop("oid") == "d" * 40
    assert shown.pop("comments") == []
    assert shown == json.loads(to_json(record))
    assert list(shown) == list(json.loads(to_json(record)))


def test_facts_that_there_are_not_are_left_out() -> None:
    assert known_facts({"exit": {"code": 0, "signal": None}, "host": None, "tags": []}) == {
        "exit.code": 0,
        "tags": [],
    }
