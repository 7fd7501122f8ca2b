"""Refs that are absent, on their way, or damaged."""

from __future__ import annotations

import itertools
import os
import time
from pathlib import Path

import pytest

from gitexp.git import ends, locked
from gitexp.git.damage import Damaged
from gitexp.git.ends import end_of
from gitexp.git.repository import Repository

from tests.workshop import DEADLINE, Git

REF = "refs/notes/gitexp"


def test_a_ref_that_was_deleted_is_absent(repository: Repository, git: Git) -> None:
    git("update-ref", "--create-reflog", REF, "HEAD")
    assert end_of(repository, REF) == git("rev-parse", "HEAD").strip()
    git("update-ref", "-d", REF)

    assert end_of(repository, REF) is None


def test_a_ref_that_another_git_is_about_to_write_is_waited_for(
    repository: Repository, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long a busy machine stops it: it holds the lock until the ref is there."""
    head = git("rev-parse", "HEAD").strip()
    log = repository.common_dir / "logs" / REF
    log.parent.mkdir(parents=True)
    log.write_text(f"{'0' * 40} {head} Ada <ada@example.com> 1 +0000\tnotes\n")
    place = repository.common_dir / REF
    place.parent.mkdir(parents=True)
    lock = place.with_name(f"{place.name}.lock")
    lock.write_text(f"{head}\n")
    looks = itertools.count(1)

    def pause(_: float) -> None:
        if next(looks) == 2 * ends._LOOKS:
            lock.rename(place)

    monkeypatch.setattr(locked, "PATIENCE", DEADLINE)
    monkeypatch.setattr(time, "sleep", pause)

    assert end_of(repository, REF) == head


def test_a_ref_without_a_log_whose_commit_is_missing_is_damaged(repository: Repository) -> None:
    place = repository.common_dir / REF
    place.parent.mkdir(parents=True)
    Path(place).write_text("12" * 20 + "\n")

    with pytest.raises(Damaged, match="or the commit at its end") as caught:
        end_of(repository, REF)

    assert "git fsck" in str(caught.value.hint)


def test_a_ref_whose_lock_a_killed_git_has_left_is_damaged(
    repository: Repository, git: Git
) -> None:
    git("update-ref", "--create-reflog", REF, "HEAD")
    lock = (repository.common_dir / REF).rename(repository.common_dir / f"{REF}.lock")
    long_ago = time.time() - 2 * locked.PATIENCE
    os.utime(lock, (long_ago, long_ago))

    with pytest.raises(Damaged, match=f"git cannot read the ref '{REF}'$"):
        end_of(repository, REF)
