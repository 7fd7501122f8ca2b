from __future__ import annotations

from pathlib import Path

from gitexp.git.listings import TreeReader
from gitexp.git.repository import Repository
from gitexp.git.trees import tree_entries

from tests.workshop import Git


def test_a_tree_is_listed_as_git_lists_it(
    repository: Repository, work_tree: Path, git: Git
) -> None:
    for path in ("a/b/c.txt", "a/d.txt", "ü/\n.txt", "run.sh"):
        (work_tree / path).parent.mkdir(parents=True, exist_ok=True)
        (work_tree / path).write_text(path)
    (work_tree / "run.sh").chmod(0o755)
    (work_tree / "link").symlink_to("run.sh")
    git("add", "--all", cwd=work_tree)
    tree = git("write-tree", cwd=work_tree).strip()

    found = TreeReader(repository).entries(tree)

    assert found == tree_entries(repository, tree)
    assert {found["run.sh"].mode, found["link"].mode} == {"100755", "120000"}


def test_a_tree_that_is_not_there_has_no_files(repository: Repository) -> None:
    assert TreeReader(repository).entries("0" * 40) == {}
