"""Where the search index is kept when the git directory cannot take it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitexp.git.repository import Repository
from gitexp.store.index.file import IN_MEMORY
from gitexp.store.index.place import file_system, index_places, takes_index
from gitexp.store.runs import RunStore

from tests.store.workshop import RecordRun
from tests.workshop import Git


@pytest.fixture
def no_index_in_git(repository: Repository) -> Path:
    """A git directory where no folder can be made: a file has its name."""
    place = repository.common_dir / "gitexp"

    place.write_text("")
    return place


def test_the_git_directory_is_the_first_place_the_cache_of_the_user_the_next(
    repository: Repository, tmp_path: Path
) -> None:
    ours, cached, memory = index_places(repository)

    assert ours == repository.common_dir / "gitexp" / "index.sqlite"
    assert cached.parent == tmp_path / "home" / ".cache" / "gitexp" / "indexes"
    assert memory == IN_MEMORY


def test_a_reader_of_a_repository_without_runs_makes_no_folder(
    repository: Repository, tmp_path: Path
) -> None:
    assert list(index_places(repository, may_write=False)) == [IN_MEMORY]
    assert not (repository.common_dir / "gitexp").exists()
    assert not (tmp_path / "home" / ".cache").exists()


def test_runs_are_found_through_an_index_in_the_cache_and_the_next_time_again(
    repository: Repository, record_run: RecordRun, no_index_in_git: Path, tmp_path: Path
) -> None:
    no_index_in_git.unlink()
    record_run(repository, "one")
    no_index_in_git.parent.joinpath("gitexp").rename(no_index_in_git.with_name("kept"))
    no_index_in_git.write_text("")

    for _ in range(2):
        store = RunStore(repository, "experiments", "")
        assert [run.name for run in store.newest()] == ["one"]
        store.close()

    (database,) = (tmp_path / "home" / ".cache" / "gitexp" / "indexes").glob("*.sqlite")
    assert database.stat().st_size > 0


def test_two_repositories_do_not_share_a_place_in_the_cache(
    repository: Repository, git: Git, no_index_in_git: Path, tmp_path: Path
) -> None:
    assert no_index_in_git.is_file()
    git("init", "--quiet", tmp_path / "other")
    with Repository.open(tmp_path / "other") as other:
        (other.common_dir / "gitexp").write_text("")

        assert next(index_places(repository)) != next(index_places(other))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_cannot_be_written_takes_no_index(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)

    assert not takes_index(tmp_path / "locked")


def test_the_file_system_of_a_folder_is_known_where_the_system_tells() -> None:
    assert file_system(Path("/proc")) == ("proc" if Path("/proc/self").exists() else "")
