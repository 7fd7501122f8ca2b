"""What is said of conflicts, after each command that leaves some."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.git.conflicts import check_merged
from gitexp.git.repository import Repository

from tests.workshop import Git, GitEnded


def test_the_command_that_left_conflicts_is_the_one_to_abort(
    work_tree: Path, git: Git, git_ended: GitEnded
) -> None:
    for text in ("old\n", "middle\n", "new\n"):
        (work_tree / "train.py").write_text(text)
        git("commit", "--quiet", "-am", text.strip())
    git("branch", "side", "HEAD~2")
    commands = {
        "merge": ("merge", "side"),
        "revert": ("revert", "--no-edit", "HEAD~1"),
        "cherry-pick": ("cherry-pick", "side"),
        "rebase": ("rebase", "--onto", "side~1", "HEAD~1"),
    }
    git("switch", "--quiet", "-c", "theirs", "side")
    (work_tree / "train.py").write_text("theirs\n")
    git("commit", "--quiet", "-am", "theirs")
    git("branch", "--force", "side", "theirs")
    git("switch", "--quiet", "main")
    repository = Repository.open(work_tree)

    for name, command in commands.items():
        git_ended(*command)
        with pytest.raises(GitexpError) as caught:
            check_merged(repository, git("diff", "--name-only", "--diff-filter=U").split())
        git(name, "--abort")

        assert str(caught.value) == "'train.py' has conflicts that are not resolved"
        hint = f"Resolve them and `git add` the files, or `git {name} --abort`."
        assert caught.value.hint == hint

    (work_tree / "train.py").write_text("put aside\n")
    git("stash")
    (work_tree / "train.py").write_text("other\n")
    git("commit", "--quiet", "-am", "other")
    git_ended("stash", "pop")
    with pytest.raises(GitexpError) as caught:
        check_merged(repository, ["train.py"])
    assert caught.value.hint == "Resolve them and `git add` the files."
