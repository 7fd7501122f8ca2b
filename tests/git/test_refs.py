"""Refs that several processes move."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.git.failing import GitCommandFailed
from gitexp.git.refs import ABSENT, Move, RefMoved, create, list_branch, list_refs, move
from gitexp.git.repository import Repository

from tests.workshop import Git


def test_refs_are_listed_with_the_work_tree_that_has_them_checked_out(
    repository: Repository, work_tree: Path, tmp_path: Path, git: Git
) -> None:
    head = git("rev-parse", "HEAD").strip()
    git("branch", "ünï/côde")
    git("worktree", "add", "--quiet", "-b", "linked", tmp_path / "linked tree")

    found = {ref.name: (ref.oid, ref.work_tree) for ref in list_refs(repository, "refs/heads/")}

    assert found == {
        "refs/heads/linked": (head, tmp_path / "linked tree"),
        "refs/heads/main": (head, work_tree),
        "refs/heads/ünï/côde": (head, None),
    }
    assert list_refs(repository, "refs/heads/none") == []


def test_a_branch_and_what_is_below_it_answer_to_one_pattern(
    repository: Repository, git: Git
) -> None:
    git("branch", "runs/old")
    git("branch", "runsome")

    found = [ref.name for ref in list_refs(repository, "refs/heads/runs")]

    assert found == ["refs/heads/runs/old"]


def test_several_refs_move_together_with_a_reason(repository: Repository, git: Git) -> None:
    head = git("rev-parse", "HEAD").strip()
    git("update-ref", "refs/gitexp/old", "HEAD")

    moves = [Move("refs/heads/new", head, ABSENT), Move("refs/gitexp/old", ABSENT, head)]
    move(repository, moves, reason="gitexp: a test")

    assert git("for-each-ref", "--format=%(refname)").split() == [
        "refs/heads/main",
        "refs/heads/new",
    ]
    assert git("reflog", "refs/heads/new", "--format=%gs").strip() == "gitexp: a test"


@pytest.mark.parametrize("old", ["other", "absent", "gone"])
def test_move_refuses_to_move_a_ref_somebody_else_moved(
    repository: Repository, git: Git, old: str
) -> None:
    head = git("rev-parse", "HEAD").strip()
    git("commit", "--quiet", "--allow-empty", "-m", "second")
    second = git("rev-parse", "HEAD").strip()
    git("update-ref", "refs/gitexp/one", second)
    expected = {"other": head, "absent": ABSENT, "gone": head}[old]
    ref = "refs/gitexp/none" if old == "gone" else "refs/gitexp/one"

    moves = [Move("refs/gitexp/two", head, ABSENT), Move(ref, head, expected)]
    with pytest.raises(RefMoved, match="moved while it was being updated"):
        move(repository, moves, reason="gitexp: a test")

    assert git("for-each-ref", "--format=%(objectname)", "refs/gitexp/") == f"{second}\n"


def test_a_move_that_fails_for_another_reason_says_gits(repository: Repository, git: Git) -> None:
    head = git("rev-parse", "HEAD").strip()

    with pytest.raises(GitCommandFailed) as got:
        move(repository, [Move("refs/heads/main/below", head, ABSENT)], reason="gitexp: a test")

    assert not isinstance(got.value, RefMoved)
    assert "refs/heads/main" in str(got.value)


def test_a_ref_of_our_own_is_made_whole_or_not_at_all(repository: Repository, git: Git) -> None:
    head = git("rev-parse", "HEAD").strip()

    create(repository, "refs/gitexp/running/one", head, reason="made")

    assert git("rev-parse", "refs/gitexp/running/one").strip() == head
    assert git("for-each-ref", "--format=%(refname)", "refs/gitexp") == "refs/gitexp/running/one\n"
    assert [path.name for path in (repository.git_dir / "refs/gitexp/running").iterdir()] == ["one"]
    with pytest.raises(RefMoved):
        create(repository, "refs/gitexp/running/one", head, reason="made")
    move(repository, [Move("refs/gitexp/running/one", new=ABSENT, old=head)], reason="gone")
    assert git("for-each-ref", "refs/gitexp") == ""


def test_where_refs_are_no_files_git_makes_them(
    repository: Repository, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("os.O_TMPFILE")
    head = git("rev-parse", "HEAD").strip()

    create(repository, "refs/gitexp/running/two", head, reason="made")

    assert git("rev-parse", "refs/gitexp/running/two").strip() == head


def test_a_branch_is_found_without_git_just_as_with_it(
    repository: Repository, tmp_path: Path, git: Git
) -> None:
    git("branch", "runs")
    git("branch", "other/old")
    git("worktree", "add", "--quiet", "-b", "linked", tmp_path / "linked")

    for branch in ("runs", "main", "linked", "other", "none"):
        expected = list_refs(repository, f"refs/heads/{branch}")
        assert list_branch(repository, branch) == expected, branch
    git("pack-refs", "--all")
    assert list_branch(repository, "runs") == list_refs(repository, "refs/heads/runs")
