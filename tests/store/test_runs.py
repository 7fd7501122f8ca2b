"""The runs of a project, as commands ask for them."""

from __future__ import annotations

import pytest

from gitexp.git.repository import Repository
from gitexp.store.branch import BranchUnusable

from tests.store.workshop import OpenStore, RecordRun
from tests.workshop import Git


def test_a_repository_without_runs_has_none_and_nothing_is_written(
    repository: Repository, open_store: OpenStore
) -> None:
    store = open_store()

    assert store.tip is None
    assert store.newest() == []
    assert not (repository.common_dir / "gitexp").exists()


def test_the_newest_come_first_of_this_project_or_of_all(
    repository: Repository, record_run: RecordRun, open_store: OpenStore
) -> None:
    for number, project in enumerate(("", "app", "", "app")):
        ended = f"2026-01-02T03:04:1{number}.000Z"
        record_run(repository, f"run-{number}", project=project, ended=ended)

    assert [run.name for run in open_store().newest()] == ["run-2", "run-0"]
    assert [run.name for run in open_store("app").newest(limit=1)] == ["run-3"]
    assert len(open_store().newest(all_projects=True)) == 4


def test_two_branches_are_told_apart(
    repository: Repository, record_run: RecordRun, open_store: OpenStore
) -> None:
    record_run(repository, "one", branch="runs")
    record_run(repository, "two", branch="experiments")

    for branch, name in (("runs", "one"), ("experiments", "two"), ("runs", "one")):
        assert [run.name for run in open_store(branch=branch).newest()] == [name]


@pytest.mark.parametrize("indexed", [False, True], ids=["first", "with an index"])
def test_an_ordinary_branch_of_that_name_is_refused(
    repository: Repository, record_run: RecordRun, open_store: OpenStore, git: Git, indexed: bool
) -> None:
    if indexed:
        record_run(repository, "one", branch="runs")
        open_store(branch="runs").newest()
    git("branch", "experiments")

    with pytest.raises(BranchUnusable, match="'experiments' holds things other than runs"):
        open_store().newest()
