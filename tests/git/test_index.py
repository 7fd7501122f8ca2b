"""An index of our own beside the user's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry, tree_entries

from tests.workshop import Git


@pytest.fixture
def index(repository: Repository, tmp_path: Path) -> PrivateIndex:
    """A copy of the user's index."""
    return PrivateIndex.copied(repository, tmp_path / "private.index")


def test_a_copy_keeps_the_time_of_the_users_index(
    repository: Repository, index: PrivateIndex
) -> None:
    users = repository.git_dir / "index"

    assert index.path.stat().st_mtime_ns == users.stat().st_mtime_ns
    assert index.path.read_bytes() == users.read_bytes()


def test_whatever_is_done_to_it_the_users_index_stays(
    repository: Repository, index: PrivateIndex, work_tree: Path
) -> None:
    users = repository.git_dir / "index"
    before = (users.read_bytes(), users.stat().st_mtime_ns)
    (work_tree / "train.py").write_text("changed\n")
    (work_tree / "new.py").write_text("new\n")

    index.bring_up(index.differing() or {})
    index.add(["new.py"])
    index.remove(["conf/params.yaml", "not there"])

    assert sorted(tree_entries(repository, index.write_tree())) == ["new.py", "train.py"]
    assert (users.read_bytes(), users.stat().st_mtime_ns) == before


def test_a_repository_without_an_index_has_an_empty_one(tmp_path: Path, git: Git) -> None:
    git("init", "--quiet", tmp_path / "new")

    with Repository.open(tmp_path / "new") as repository:
        index = PrivateIndex.copied(repository, tmp_path / "index")

        assert index.entries() == {}
        assert index.differing() == {}
        assert index.write_tree() == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def test_tracked_files_come_as_they_are_in_the_work_tree(
    repository: Repository, index: PrivateIndex, work_tree: Path
) -> None:
    (work_tree / "train.py").write_text("changed\n")
    (work_tree / "conf" / "params.yaml").unlink()
    (work_tree / "untracked.py").write_text("untracked\n")

    assert index.bring_up(index.differing() or {}) == []

    assert list(index.entries()) == ["train.py"]
    assert repository.objects.blob(index.entries()["train.py"].oid) == b"changed\n"


def test_what_git_cannot_add_is_dropped_and_told_and_the_rest_is_added(
    repository: Repository, index: PrivateIndex, work_tree: Path, git: Git
) -> None:
    (work_tree / ".gitattributes").write_text("*.big filter=missing\n")
    git("config", "filter.missing.clean", "no-such-program")
    git("config", "filter.missing.required", "true")
    names = [f"{number}.txt" for number in range(9)]
    for name in [*names, "a.big", "b.big"]:
        (work_tree / name).write_text(f"{name}\n")

    refused = index.add(["0.txt", "a.big", *names[1:], "b.big", "gone.txt"])

    assert refused == ["a.big", "b.big"]
    assert set(names) <= index.entries().keys()
    assert index.entries().keys().isdisjoint({"a.big", "b.big", "gone.txt"})
    assert repository.objects.blob(index.entries()["8.txt"].oid) == b"8.txt\n"


def test_names_are_names_and_not_patterns(
    repository: Repository, index: PrivateIndex, work_tree: Path
) -> None:
    odd = ["*", ":(top)x", "-A", "new\nline", '"quoted"', os.fsdecode(b"\xff"), "sp ace", "#x"]
    for name in odd:
        (work_tree / name).write_text("odd\n")
    (work_tree / "other").write_text("not asked for\n")

    assert index.add(odd) == []

    assert index.entries().keys() == {*odd, "train.py", "conf/params.yaml"}
    assert tree_entries(repository, index.write_tree()).keys() == index.entries().keys()


def test_ignored_files_are_added_when_asked_for(index: PrivateIndex, work_tree: Path) -> None:
    (work_tree / ".gitignore").write_text("*.log\n")
    (work_tree / "a.log").write_text("ignored\n")

    assert index.untracked("--exclude-standard").paths == [".gitignore"]
    assert index.add(["a.log"]) == []
    assert "a.log" in index.entries()


def test_untracked_paths_below_folders_are_listed_a_new_folder_as_one(
    index: PrivateIndex, work_tree: Path
) -> None:
    for name in ("conf/new.yaml", "new/a.txt", "new/b.txt", "conf [x]/c.txt"):
        (work_tree / name).parent.mkdir(exist_ok=True)
        (work_tree / name).write_text("x\n")

    assert index.untracked("--directory").paths == ["conf [x]/", "conf/new.yaml", "new/"]
    assert index.untracked(below=["conf [x]"]).paths == ["conf [x]/c.txt"]
    assert index.untracked(below=["conf", "new"]).paths == [
        "conf/new.yaml",
        "new/a.txt",
        "new/b.txt",
    ]


def test_what_differs_from_a_commit_is_listed_without_what_is_gone(
    index: PrivateIndex, work_tree: Path
) -> None:
    (work_tree / "train.py").unlink()
    (work_tree / "conf" / "params.yaml").write_text("rate: 0.2\n")
    (work_tree / "moved.py").write_text("print('training')\n")
    index.bring_up(index.differing() or {})
    index.add(["moved.py"])

    assert index.changed_since("HEAD") == ["conf/params.yaml", "moved.py"]


def test_an_entry_that_is_put_replaces_a_file_or_folder_in_its_way(
    repository: Repository, index: PrivateIndex
) -> None:
    blob = repository.line("hash-object", "-w", "--stdin", stdin=b"x")

    index.put({"train.py": Entry("100755", blob), "a/b": Entry("120000", blob)})

    assert index.entries()["train.py"] == Entry("100755", blob)
    assert index.entries()["a/b"] == Entry("120000", blob)


def test_files_with_conflicts_are_listed(
    repository: Repository, work_tree: Path, tmp_path: Path, git: Git
) -> None:
    for branch in ("other", "main"):
        git("switch", "--quiet", *(["-c"] if branch == "other" else []), branch)
        (work_tree / "train.py").write_text(f"{branch}\n")
        git("commit", "--quiet", "-am", branch)
    assert repository.attempt("merge", "other").returncode == 1
    repository.git("update-index", "--assume-unchanged", "conf/params.yaml")

    listing = PrivateIndex.copied(repository, tmp_path / "private.index").listing()

    assert list(listing.unmerged) == ["train.py"]
    assert list(listing.assumed) == ["conf/params.yaml"]
    assert set(listing.entries) == {"train.py", "conf/params.yaml"}
