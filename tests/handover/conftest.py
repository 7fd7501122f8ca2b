"""Projects whose runs are made by a DVC pipeline, or in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.handover.workshop import Make
from tests.workshop import NewRepository


@pytest.fixture
def make(new_repository: NewRepository, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Make a repository of files, committed, and go there."""

    def make(files: Mapping[str, str], folder: str = "") -> Path:
        top = new_repository("work", files)
        monkeypatch.chdir(top / folder)
        return top

    return make
