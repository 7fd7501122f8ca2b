"""A run for the tests of what is made of one."""

from __future__ import annotations

from gitexp.model.record import Exit, Inputs, RunRecord

RUN = RunRecord(
    id="7fk2m9q4ab",
    name="brave-otter-7f",
    status="done",
    exit=Exit(0),
    command=("python", "train.py"),
    baseline="b" * 40,
    inputs=Inputs("c" * 40),
    started="2026-01-02T03:04:05.000Z",
    ended="2026-01-02T03:04:08.400Z",
)
