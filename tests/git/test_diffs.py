"""Differences between commits, or a commit and the work tree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitexp.git.diffs import (
    EntryPair,
    FileChange,
    TreeDiff,
    differing_entries,
    differing_from_index,
    differing_from_work_tree,
    merge_base,
)
from gitexp.git.repository import Repository
from gitexp.model.paths import TopPath

from tests.workshop import Git, shell


@pytest.fixture
def second(work_tree: Path) -> Path:
    """The work tree with a second commit: a change, a rename, a link, new and binary files."""
    history = """
        seq -f 'line %g' 0 29 > long.txt
        git add long.txt
        git commit --quiet -m long

        git mv long.txt "$(printf 'ünï\\nname.txt')"
        echo "print('more')" >> train.py
        rm conf/params.yaml
        printf '\\0\\1\\2' > model.bin
        git add --all
        git commit --quiet -m second
    """
    shell(history, work_tree)
    return work_tree


@pytest.mark.usefixtures("second")
def test_the_changes_between_two_commits_are_told_with_their_line_counts(
    repository: Repository,
) -> None:
    found = TreeDiff.between(repository, "HEAD~1", "HEAD").changes()

    assert found == [
        FileChange(TopPath("conf/params.yaml"), "D", 0, 1),
        FileChange(TopPath("model.bin"), "A", None, None),
        FileChange(TopPath("train.py"), "M", 1, 0),
        FileChange(TopPath("ünï\nname.txt"), "R", 0, 0, TopPath("long.txt")),
    ]


def test_of_a_binary_file_that_only_moved_no_line_differs(
    repository: Repository, work_tree: Path
) -> None:
    made = "printf '\\0\\1\\2' > a.bin; git add a.bin; git commit --quiet -m a; git mv a.bin b.bin"
    shell(f"{made}; git commit --quiet -m b", work_tree)

    [found] = TreeDiff.between(repository, "HEAD~1", "HEAD").changes()

    assert found == FileChange(TopPath("b.bin"), "R", 0, 0, TopPath("a.bin"))


@pytest.mark.usefixtures("second")
def test_only_the_folders_asked_for_count(repository: Repository) -> None:
    diff = TreeDiff.between(repository, "HEAD~1", "HEAD")

    assert [change.path for change in diff.changes(["conf"])] == ["conf/params.yaml"]
    assert [change.path for change in diff.changes(["co*"])] == []
    assert b"print('more')" in diff.patch(["train.py"])
    assert b"params" not in diff.patch(["train.py"])


def test_an_inverse_patch_undoes_the_change(
    repository: Repository, second: Path, git: Git, tmp_path: Path
) -> None:
    patch = TreeDiff.between(repository, "HEAD~1", "HEAD").patch(["train.py"], inverse=True)
    (tmp_path / "undo.patch").write_bytes(patch)

    git("apply", tmp_path / "undo.patch")

    assert (second / "train.py").read_text() == "print('training')\n"


def test_the_work_tree_is_compared_as_it_is_with_untracked_files_that_the_commit_has(
    repository: Repository, second: Path, git: Git, tmp_path: Path
) -> None:
    git("rm", "--quiet", "--cached", "model.bin")
    (second / "model.bin").write_bytes(b"\0\1\3")
    (second / "train.py").write_text("print('training')\n")
    (second / "unknown.txt").write_text("not in the commit\n")
    before = (repository.git_dir / "index").read_bytes()

    found = TreeDiff.to_work_tree(repository, "HEAD", tmp_path).changes()

    assert {(change.path, change.status) for change in found} == {
        ("model.bin", "M"),
        ("train.py", "M"),
    }
    assert (repository.git_dir / "index").read_bytes() == before


def test_settings_of_the_users_diff_do_not_matter(
    repository: Repository, second: Path, git: Git, tmp_path: Path
) -> None:
    for name, value in {
        "diff.external": "false",
        "diff.mnemonicPrefix": "true",
        "diff.renames": "false",
        "diff.relative": "true",
        "color.ui": "always",
        "core.pager": "false",
        "diff.py.textconv": "false",
    }.items():
        git("config", name, value)
    (second / ".git" / "info" / "attributes").write_text("*.py diff=py\n")
    diff = TreeDiff.between(repository, "HEAD~1", "HEAD")

    assert [change.status for change in diff.changes()] == ["D", "A", "M", "R"]
    patch = diff.patch(["train.py"])
    assert b"\033" not in patch
    (tmp_path / "one.patch").write_bytes(patch)
    git("apply", "--reverse", tmp_path / "one.patch")


@pytest.mark.usefixtures("second")
def test_the_merge_base_is_found_if_there_is_one(repository: Repository, git: Git) -> None:
    git("switch", "--quiet", "--orphan", "elsewhere")
    git("commit", "--quiet", "--allow-empty", "-m", "elsewhere")

    assert merge_base(repository, "main", "main~1") == git("rev-parse", "main~1").strip()
    assert merge_base(repository, "main", "elsewhere") is None


def differing_paths(pairs: dict[str, EntryPair]) -> dict[str, str]:
    """Return what became of each path, in git's letters."""
    return {
        path: "A" if old is None else "D" if new is None else "M"
        for path, (old, new) in pairs.items()
    }


@pytest.mark.usefixtures("second")
def test_the_entries_of_two_commits_that_differ(repository: Repository) -> None:
    found = differing_entries(repository, "HEAD~1", "HEAD")

    assert differing_paths(found) == {
        "conf/params.yaml": "D",
        "long.txt": "D",
        "model.bin": "A",
        "train.py": "M",
        "ünï\nname.txt": "A",
    }
    assert found["long.txt"][0] == found["ünï\nname.txt"][1]
    assert differing_paths(differing_entries(repository, "HEAD~1", "HEAD", ["conf"])) == {
        "conf/params.yaml": "D"
    }


def test_the_entries_of_the_index_that_differ(
    repository: Repository, second: Path, git: Git
) -> None:
    (second / "train.py").write_text("staged\n")
    git("add", "--all")
    (second / "model.bin").write_text("not staged")

    assert differing_paths(differing_from_index(repository, "HEAD")) == {"train.py": "M"}


def test_the_entries_of_the_work_tree_that_differ(
    repository: Repository, second: Path, git: Git, tmp_path: Path
) -> None:
    git("rm", "--quiet", "--cached", "model.bin")
    (second / "train.py").write_text("changed\n")
    (second / "ünï\nname.txt").write_text("changed too\n")
    (second / "untracked.txt").write_text("not of the commit\n")

    found = differing_from_work_tree(repository, "HEAD", tmp_path)

    assert differing_paths(found) == {"train.py": "M", "ünï\nname.txt": "M"}
    new = found["train.py"][1]
    assert new is not None
    assert new.oid == git("hash-object", "train.py").strip()


def test_a_file_that_was_only_touched_does_not_differ(
    repository: Repository, second: Path, tmp_path: Path
) -> None:
    for file in second.glob("*.*"):
        os.utime(file, (1, 1))

    assert differing_from_work_tree(repository, "HEAD", tmp_path) == {}
