"""Locks of another git: waited for while it may be at work."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from gitexp.git import locked
from gitexp.git.failing import GitCommandFailed
from gitexp.git.refs import ABSENT, Move, RefMoved, move
from gitexp.git.repository import Repository

from tests.workshop import DEADLINE, Git

REF = "refs/gitexp/one"


@pytest.fixture
def lock(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock that another git has just taken."""
    monkeypatch.setattr(locked, "PATIENCE", DEADLINE)
    place = repository.common_dir / f"{REF}.lock"
    place.parent.mkdir(parents=True)
    place.touch()
    return place


def test_a_ref_that_another_git_has_locked_is_moved_once_that_is_done(
    repository: Repository, git: Git, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = git("rev-parse", "HEAD").strip()
    paused: list[float] = []

    def pause(seconds: float) -> None:
        lock.unlink()
        paused.append(seconds)

    monkeypatch.setattr(time, "sleep", pause)
    move(repository, [Move(REF, head, ABSENT)], reason="gitexp: a test")

    assert len(paused) == 1
    assert git("rev-parse", REF).strip() == head


def test_what_the_other_git_has_moved_meanwhile_is_not_moved_again(
    repository: Repository, git: Git, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = git("rev-parse", "HEAD").strip()

    def pause(_: float) -> None:
        lock.write_text(f"{head}\n")
        lock.rename(lock.with_suffix(""))

    monkeypatch.setattr(time, "sleep", pause)
    with pytest.raises(RefMoved):
        move(repository, [Move(REF, head, ABSENT)], reason="gitexp: a test")


@pytest.mark.parametrize("ahead", [-86400.0, 86400.0])  # the clock may have been set since
def test_a_lock_that_a_killed_git_has_left_is_not_waited_for(
    repository: Repository, git: Git, lock: Path, ahead: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(lock, (time.time() + ahead,) * 2)
    monkeypatch.delattr(time, "sleep")

    with pytest.raises(GitCommandFailed, match="File exists"):
        move(repository, [Move(REF, git("rev-parse", "HEAD").strip(), ABSENT)], reason="a test")
