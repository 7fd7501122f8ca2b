"""The tutorial from a hypothesis to a model, followed to the letter."""

from __future__ import annotations

import re
from pathlib import Path

from tests.story.page import Reader, Written, steps

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "from-a-hypothesis-to-a-model.md"
REFUSED = "gitexp promote"
"""The one command that fails, the first time."""


def shape(text: str) -> str:
    """Return the text without what differs from machine to machine: oids, ids, numbers, people."""
    text = re.sub(r"\bby `?\w[\w ]*\w`?", "by SOMEBODY", text)
    text = re.sub(r"\([0-9a-z]{10}\)", "(ID)", text)
    text = re.sub(r"\d+ (s|min) ago|`?\d{4}-\d\d-\d\d", "WHEN", text)
    text = re.sub(r"\b[0-9a-f]{7,40}\b", "OID", text)
    text = re.sub(r"(\d+ min )?[+-]?\d+(\.\d+)*( s| min)?", "N", text)
    return re.sub(r"[ \t]+", " ", text).strip()


def test_the_tutorial_is_what_happens(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    stages = []

    for step in steps(PAGE.read_text()):
        if isinstance(step, Written):
            reader.write(step)
            continue
        status, said = reader.type(step.command)
        if step.command.startswith(REFUSED):
            stages.append(status)
        else:
            assert status == 0, f"{step.command}\n{said}"
        if step.prints is not None:
            assert shape(said) == shape(step.prints), step.command

    assert stages == [1, 0]
