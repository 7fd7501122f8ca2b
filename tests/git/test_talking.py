from __future__ import annotations

import gc
from pathlib import Path

import pytest

from gitexp.git.talking import Talk


def test_a_git_that_cannot_be_started_leaves_nothing_to_end(tmp_path: Path) -> None:
    """What fails in `__del__` would be printed as a traceback, and is a failure of this test."""
    with pytest.raises(FileNotFoundError):
        Talk(tmp_path / "gone", {}, "ls-remote")
    gc.collect()
