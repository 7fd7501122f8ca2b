"""A folder in the work tree, for what goes through trees; a pipe, for what git says."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from io import BufferedReader

import pytest

from gitexp.git import contents


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """Two files, one in a folder."""
    return {"train.py": "print('training')\n", "conf/params.yaml": "rate: 0.1\n"}


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, BufferedReader]]:
    """Where git writes, and where we read."""
    monkeypatch.setattr(contents, "_STALLS", 0.01)
    read, write = os.pipe()
    with os.fdopen(read, "rb") as output:
        yield write, output
    os.close(write)
