from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gitexp.git.fast_import import NewCommit
from gitexp.git.repository import Repository
from gitexp.store.batch import append_all, append_stream
from gitexp.store.branch import BranchUnusable, root_oid
from gitexp.store.reading import runs_between

from tests.workshop import Git

PERSON = b"Ada <ada@example.com> 1700000000 +0000"


@pytest.fixture
def commit(git: Git) -> Callable[[str], NewCommit]:
    """A run that says no more than its id."""

    def make(run_id: str) -> NewCommit:
        tree = git("rev-parse", "HEAD^{tree}").strip()
        record = f'{{"id": "{run_id}"}}'.encode()
        message = f"{run_id}: done\n\nGitexp-Run: {run_id}\n"
        return NewCommit(tree, {".gitexp/run.json": record}, message, PERSON, PERSON)

    return make


def ids(repository: Repository) -> list[str]:
    tip = repository.objects.commit("refs/heads/experiments")
    return [run.id for run in runs_between(repository, None, tip)] if tip else []


def test_runs_arrive_in_order_on_a_branch_that_begins_as_ours(
    repository: Repository, commit: Callable[[str], NewCommit], git: Git
) -> None:
    oids = append_all(
        repository, "experiments", {one: commit(one) for one in ("a", "b", "c")}, seen=None
    )

    assert ids(repository) == ["a", "b", "c"]
    assert git("rev-list", "--max-parents=0", "experiments").split() == [root_oid("sha1")]
    assert git("rev-parse", "experiments").strip() == oids["c"]
    assert git("for-each-ref", "refs/gitexp") == ""


def test_what_came_since_the_branch_was_looked_at_is_left_out(
    repository: Repository, commit: Callable[[str], NewCommit]
) -> None:
    append_all(repository, "experiments", {"a": commit("a")}, seen=None)

    added = append_all(repository, "experiments", {"a": commit("a"), "b": commit("b")}, seen=None)

    assert (set(added), ids(repository)) == ({"b"}, ["a", "b"])


def test_many_at_once_lose_nothing(
    repository: Repository, work_tree: Path, commit: Callable[[str], NewCommit]
) -> None:
    def add(number: int) -> None:
        with Repository.open(work_tree) as mine:
            runs = {f"{number}x{k}": commits[f"{number}x{k}"] for k in range(3)}
            append_all(mine, "experiments", runs, seen=None)

    commits = {f"{n}x{k}": commit(f"{n}x{k}") for n in range(6) for k in range(3)}
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(6)))

    assert sorted(ids(repository)) == sorted(commits)


def test_an_ordinary_branch_takes_no_runs(
    repository: Repository, commit: Callable[[str], NewCommit], git: Git
) -> None:
    git("branch", "experiments")

    with pytest.raises(BranchUnusable):
        append_all(repository, "experiments", {"a": commit("a")}, seen=None)


def test_what_a_killed_import_has_left_is_removed(
    repository: Repository, commit: Callable[[str], NewCommit], git: Git
) -> None:
    git("update-ref", "refs/gitexp/importing/0123", "HEAD")

    append_all(repository, "experiments", {"a": commit("a")}, seen=None)

    assert git("for-each-ref", "refs/gitexp") == ""


def test_runs_that_are_made_one_by_one_meet_what_came_meanwhile(
    repository: Repository, commit: Callable[[str], NewCommit], git: Git
) -> None:
    def runs() -> Iterator[tuple[str, NewCommit]]:
        yield "a", commit("a")
        append_all(repository, "experiments", {"b": commit("b"), "x": commit("x")}, seen=None)
        yield from (("b", commit("b")), ("c", commit("c")))

    added = append_stream(repository, "experiments", runs())

    assert (set(added), ids(repository)) == ({"a", "c"}, ["b", "x", "a", "c"])
    assert git("for-each-ref", "refs/gitexp") == ""


def test_if_making_one_fails_none_arrives(
    repository: Repository, commit: Callable[[str], NewCommit], git: Git
) -> None:
    def runs() -> Iterator[tuple[str, NewCommit]]:
        yield "a", commit("a")
        raise ValueError("a damaged store")

    with pytest.raises(ValueError, match="a damaged store"):
        append_stream(repository, "experiments", runs())

    assert ids(repository) == []
    assert git("for-each-ref", "refs/gitexp") == ""
    assert not [*repository.git_dir.glob("fast_import_crash_*")]
