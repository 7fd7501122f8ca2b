from __future__ import annotations

from pathlib import Path

from gitexp.execution.record.tree import unlocked_index


def test_a_lock_of_a_git_that_was_killed_keeps_no_run_from_being_recorded(tmp_path: Path) -> None:
    assert unlocked_index(tmp_path).name == "run-1.index"
    for name in ("run-1.index", "run-1.index.lock", "run-2.index.lock"):
        (tmp_path / name).touch()

    assert unlocked_index(tmp_path).name == "run-3.index"
