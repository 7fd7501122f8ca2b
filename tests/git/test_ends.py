"""Refs that are absent, on their way, or damaged."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from gitexp.git.damage import Damaged
from gitexp.git.ends import end_of
from gitexp.git.repository import Repository

from tests.workshop import Git

REF = "refs/notes/gitexp"


def test_a_ref_that_was_deleted_is_absent(repository: Repository, git: Git) -> None:
    git("update-ref", "--create-reflog", REF, "HEAD")
    assert end_of(repository, REF) == git("rev-parse", "HEAD").strip()
    git("update-ref", "-d", REF)

    assert end_of(repository, REF) is None


def test_a_ref_that_another_git_is_about_to_write_is_waited_for(
    repository: Repository, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that stands still for longer than a ref without a lock is looked at."""
    head = git("rev-parse", "HEAD").strip()
    log = repository.common_dir / "logs" / REF
    log.parent.mkdir(parents=True)
    log.write_text(f"{'0' * 40} {head} Ada <ada@example.com> 1 +0000\tnotes\n")
    place = repository.common_dir / REF
    place.parent.mkdir(parents=True)
    lock = place.with_name(f"{place.name}.lock")
    lock.write_text(f"{head}\n")
    left = iter(range(30))

    def sleep(_: float) -> None:
        if next(left, None) is None and lock.exists():
            lock.rename(place)

    monkeypatch.setattr("gitexp.git.ends.time", SimpleNamespace(sleep=sleep))

    assert end_of(repository, REF) == head


def test_a_ref_whose_lock_was_left_behind_is_not_waited_for_without_end(
    repository: Repository, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("update-ref", "--create-reflog", REF, "HEAD")
    (repository.common_dir / REF).rename(repository.common_dir / f"{REF}.lock")
    monkeypatch.setattr("gitexp.git.ends.time", SimpleNamespace(sleep=lambda _: None))

    with pytest.raises(Damaged, match=f"git cannot read the ref '{REF}'$"):
        end_of(repository, REF)


def test_a_ref_without_a_log_whose_commit_is_missing_is_damaged(repository: Repository) -> None:
    place = repository.common_dir / REF
    place.parent.mkdir(parents=True)
    Path(place).write_text("12" * 20 + "\n")

    with pytest.raises(Damaged, match="or the commit at its end") as caught:
        end_of(repository, REF)

    assert "git fsck" in str(caught.value.hint)
