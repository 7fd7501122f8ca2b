"""Sealed git and DVC for every test, and the repositories that tests talk about."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("gitexp", deadline=None, derandomize=True)  # the cores are slow
settings.load_profile("gitexp")

EPOCH = "2026-01-02T03:04:05+00:00"


@pytest.fixture(autouse=True)
def _sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut git and DVC off from the developer's settings, hooks, caches and clock."""
    for name in [
        name
        for name in os.environ
        if name.startswith(("GIT_", "GITEXP_", "DVC_", "GITHUB_", "GITLAB_", "CI_"))
    ]:
        monkeypatch.delenv(name)  # git sets GIT_DIR for us when a hook runs the tests
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_EDITOR", "false")
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(home / "dvc-site"))
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n"
    )
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_DATE", EPOCH)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let what takes long take as long as one likes; a little of it is part of every test run."""
    parser.addoption("--torture-rounds", type=int, default=8, help="how often a run is killed")
    parser.addoption(
        "--dvc-experiments", type=int, default=12, help="how many DVC makes to be imported"
    )
