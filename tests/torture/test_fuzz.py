"""A little of `python -m tests.torture.fuzz`, which tries a million inputs of each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.fuzz import SUBJECTS, fuzz

FEW = {"line": 40, "toml": 60, "merge": 60}
"""Of what takes milliseconds."""


@pytest.mark.parametrize("name", SUBJECTS)
def test_inputs_by_lot_are_understood_or_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    outcome = fuzz(SUBJECTS[name](), iter(range(FEW.get(name, 150))), 20261130)

    assert outcome.faults == []
    assert len(outcome.words) > 1, "all of them came to the same"
