"""Runs whose branch cannot be moved wait, and are filed once it can."""

from __future__ import annotations

import pytest

from gitexp.git.refs import ABSENT, Move, list_refs
from gitexp.git.repository import Repository
from gitexp.store.own import PENDING, RUNNING
from gitexp.store.pending import file_pending, is_any_waiting

from tests.store.workshop import RecordRun
from tests.workshop import Git


def subjects(git: Git) -> list[str]:
    """Return how the subjects on the branch begin, oldest first."""
    lines = git("log", "--reverse", "--format=%s", "experiments").splitlines()
    return [line.partition(":")[0] for line in lines]


@pytest.mark.parametrize("in_the_way", ["checked out", "folder"])
def test_a_run_whose_branch_cannot_be_moved_waits_and_is_filed_later(
    repository: Repository, record_run: RecordRun, git: Git, in_the_way: str
) -> None:
    if in_the_way == "checked out":
        record_run(repository, "first")
        git("switch", "--quiet", "experiments")
    else:
        git("branch", "experiments/old")

    waiting = record_run(repository, "waiting", message="Why: é\n\nmore", id="abc123")
    before = git("for-each-ref", "--format=%(refname)", PENDING)
    if in_the_way == "checked out":
        git("switch", "--quiet", "main")
    else:
        git("branch", "--delete", "experiments/old")
    filed = file_pending(repository, "experiments", list_refs(repository, PENDING))

    assert "the run waits" in waiting.warnings[0]
    assert before == f"{PENDING}abc123\n"
    assert filed == ["abc123"]
    assert git("for-each-ref", PENDING) == ""
    assert subjects(git)[-1] == "waiting"
    message = git("log", "-1", "--format=%B", "experiments")
    assert message.strip() == git("log", "-1", "--format=%B", waiting.oid).strip()
    assert git("rev-parse", "experiments^{tree}", f"{waiting.oid}^{{tree}}").split()[0] == (
        git("rev-parse", f"{waiting.oid}^{{tree}}").strip()
    )


def test_runs_that_wait_go_on_waiting_while_the_branch_cannot_be_moved(
    repository: Repository, record_run: RecordRun, git: Git
) -> None:
    record_run(repository, "first")
    git("switch", "--quiet", "experiments")
    record_run(repository, "waiting", id="abc123")

    filed = file_pending(repository, "experiments", list_refs(repository, PENDING))

    assert filed == []
    assert git("for-each-ref", "--format=%(refname)", PENDING) == f"{PENDING}abc123\n"


def test_a_run_that_waits_is_noted_with_its_own_branch_until_it_is_filed(
    repository: Repository, record_run: RecordRun, git: Git
) -> None:
    record_run(repository, "first", branch="runs")
    git("switch", "--quiet", "runs")
    record_run(repository, "waiting", id="abc123", branch="runs")
    during = is_any_waiting(repository)
    git("switch", "--quiet", "main")

    file_pending(repository, "experiments", list_refs(repository, PENDING))

    assert during
    assert not is_any_waiting(repository)
    assert git("log", "-1", "--format=%s", "runs") == "waiting: done in 1 s\n"
    assert git("branch", "--list", "experiments") == ""


def test_two_commands_that_file_the_same_waiting_run_file_it_once(
    repository: Repository, record_run: RecordRun, git: Git
) -> None:
    record_run(repository, "first")
    git("switch", "--quiet", "experiments")
    record_run(repository, "waiting", id="abc123")
    git("switch", "--quiet", "main")
    seen = list_refs(repository, PENDING)

    file_pending(repository, "experiments", seen)
    filed = file_pending(repository, "experiments", seen)

    assert filed == []
    assert subjects(git)[1:] == ["first", "waiting"]


@pytest.mark.parametrize("lock", ["refs/heads/experiments.lock", "packed-refs.lock"])
def test_a_run_waits_for_a_lock_that_a_killed_git_has_left(
    repository: Repository, record_run: RecordRun, git: Git, lock: str
) -> None:
    record_run(repository, "first")
    git("update-ref", f"{RUNNING}abc123", "HEAD")
    git("pack-refs", "--all")
    kept = Move(f"{RUNNING}abc123", new=ABSENT, old=git("rev-parse", "HEAD").strip())
    (repository.common_dir / lock).touch()

    waiting = record_run(repository, "waiting", id="abc123", done=(kept,))
    during = file_pending(repository, "experiments", list_refs(repository, PENDING))
    (repository.common_dir / lock).unlink()
    filed = file_pending(repository, "experiments", list_refs(repository, PENDING))

    assert waiting.warnings[0].startswith("git cannot move 'experiments': ")
    assert f"{lock}': File exists; the run waits" in waiting.warnings[0]
    assert (during, filed) == ([], ["abc123"])
    assert subjects(git)[1:] == ["first", "waiting"]
    assert git("for-each-ref", "refs/gitexp") == ""
