"""A project with runs to look at, and a browser that looks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.workshop import Browser, write_project
from tests.workshop import PROJECT, make_repository, sealed


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two runs that are well and one that means no good."""
    patch = pytest.MonkeyPatch()
    for name, value in sealed(tmp_path_factory.mktemp("home")).items():
        patch.setenv(name, value)
    top = make_repository(tmp_path_factory.mktemp("original") / "work", PROJECT)
    write_project(top)
    patch.undo()
    return top


@pytest.fixture
def project(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it; the current directory."""
    top = tmp_path / "work"
    shutil.copytree(original, top, symlinks=True)
    monkeypatch.chdir(top)
    return top


@pytest.fixture(scope="module")
def browser(original: Path) -> Iterator[Browser]:
    """A browser at the page of the original, for those who only read."""
    with Browser.at(original) as found:
        yield found


@pytest.fixture
def own_browser(project: Path) -> Iterator[Browser]:
    """A browser at the page of the copy."""
    with Browser.at(project) as found:
        yield found
