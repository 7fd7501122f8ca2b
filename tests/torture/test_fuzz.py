"""A little of `python -m tests.torture.fuzz`, which tries a million inputs of each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.fuzz import SUBJECTS, fuzz

FEW = {"line": 15, "override": 60, "toml": 25, "merge": 25, "record": 80, "yaml": 80}
"""Of what takes milliseconds."""


@pytest.mark.parametrize("name", SUBJECTS)
def test_inputs_by_lot_are_understood_or_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    number = FEW.get(name, 150)

    outcome = fuzz(SUBJECTS[name](), iter(range(number)), 20261130)

    assert outcome.faults == []
    assert outcome.words.total() == outcome.tried == number
