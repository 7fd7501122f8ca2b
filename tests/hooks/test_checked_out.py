"""`post-checkout`, `post-merge`, `post-rewrite`: data that follows its pointers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.hooks.workshop import Track
from tests.workshop import Git, GitEnded, Gitexp, dvc


def data(work_tree: Path) -> str | None:
    file = work_tree / "data.csv"
    return file.read_text() if file.exists() else None


def test_a_checkout_brings_the_data_along(two: Path, git_ended: GitEnded) -> None:
    for branch, content in (("main", "one\n"), ("side", "two\n"), ("plain", None)):
        ended = git_ended("checkout", "--quiet", branch)

        assert (ended.returncode, ended.stderr) == (0, "")
        if content is not None:
            assert data(two) == content


def test_data_goes_with_the_last_pointer_that_names_it(two: Path, git: Git) -> None:
    git("checkout", "--quiet", "HEAD~2")

    assert data(two) is None
    git("checkout", "--quiet", "side")
    assert data(two) == "two\n"


def test_a_checkout_by_what_the_pre_commit_framework_runs_is_no_exception(
    two: Path, git_ended: GitEnded
) -> None:
    env = {"PRE_COMMIT": "1", "PRE_COMMIT_REMOTE_NAME": "origin"}

    assert git_ended("checkout", "--quiet", "main", env=env).stderr == ""

    assert data(two) == "one\n"


def test_a_merge_brings_the_data_along(two: Path, git: Git, git_ended: GitEnded) -> None:
    git("checkout", "--quiet", "main")

    assert git_ended("merge", "--quiet", "side").returncode == 0
    assert data(two) == "two\n"


def test_a_squashed_merge_brings_the_data_along(two: Path, git: Git) -> None:
    git("checkout", "--quiet", "main")

    git("merge", "--quiet", "--squash", "side")

    assert data(two) == "two\n"


def test_a_rebase_is_silent_until_its_end(two: Path, git: Git, git_ended: GitEnded) -> None:
    git("checkout", "--quiet", "-b", "other", "main~1")
    (two / "train.py").write_text("print(2)\n")
    git("commit", "--quiet", "--all", "-m", "other")
    assert data(two) is None

    ended = git_ended("rebase", "side")

    assert (ended.returncode, "gitexp" in ended.stderr) == (0, False)
    assert data(two) == "two\n"


def other_data(work_tree: Path, git: Git, track: Track, content: str) -> None:
    """Have a branch `other` from before there was data, with data of its own."""
    git("checkout", "--quiet", "-b", "other", "main~1")
    track(content)
    assert data(work_tree) == content


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_data_is_right_after_a_rebase_of_another_branch(
    two: Path, git: Git, git_ended: GitEnded, track: Track, backend: str
) -> None:
    (two / "train.py").write_text("print(2)\n")
    git("commit", "--quiet", "--all", "-m", "code on side")
    other_data(two, git, track, "three\n")

    assert git_ended("rebase", "--quiet", backend, "main", "side").returncode == 0

    assert (git("branch", "--show-current"), data(two)) == ("side\n", "two\n")


def test_data_is_right_after_a_rebase_that_drops_the_last_commit(
    two: Path, git: Git, git_ended: GitEnded, track: Track
) -> None:
    git("checkout", "--quiet", "main")
    (two / "train.py").write_text("print(2)\n")
    git("commit", "--quiet", "--all", "-m", "code")
    track("three\n")
    editor = {"GIT_SEQUENCE_EDITOR": "sed -i -e /three/d -e s/^pick/reword/", "GIT_EDITOR": "true"}

    assert git_ended("rebase", "--quiet", "--interactive", "HEAD~2", env=editor).returncode == 0

    assert data(two) == "one\n"


def test_a_rebase_that_is_a_fast_forward_brings_the_data_along(
    two: Path, git: Git, git_ended: GitEnded
) -> None:
    git("checkout", "--quiet", "main")

    assert git_ended("rebase", "--quiet", "side").returncode == 0

    assert data(two) == "two\n"


def test_what_dvc_ignores_in_a_folder_is_nobodys_to_remove(
    two: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    (two / ".dvcignore").write_text("*.note\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "notes are nobody's")
    git("checkout", "--quiet", "-b", "folders")
    (two / "images").mkdir()
    (two / "images/1.png").write_text("one\n")
    (two / "images/my.note").write_text("mine\n")
    gitexp("track", "images")
    git("add", "--all")
    git("commit", "--quiet", "-m", "images")

    git("checkout", "--quiet", "side")
    assert sorted(path.name for path in (two / "images").iterdir()) == ["my.note"]
    ended = git_ended("checkout", "--quiet", "folders")

    assert ended.stderr == ""
    assert sorted(path.name for path in (two / "images").iterdir()) == ["1.png", "my.note"]


def test_a_bisection_is_passed_by(two: Path, git: Git) -> None:
    git("bisect", "start", "side", "main~1")

    assert data(two) == "two\n"
    git("bisect", "reset")


def test_an_amend_leaves_the_data_alone(two: Path, git_ended: GitEnded) -> None:
    before = (two / "data.csv").stat()

    ended = git_ended("commit", "--amend", "--quiet", "-m", "other words")

    assert (ended.stderr, (two / "data.csv").stat().st_mtime_ns) == ("", before.st_mtime_ns)


def test_what_only_the_work_tree_has_stays(two: Path, git_ended: GitEnded) -> None:
    (two / "data.csv").unlink()
    (two / "data.csv").write_text("mine\n")

    ended = git_ended("checkout", "--quiet", "main")

    assert data(two) == "mine\n"
    assert ended.stderr == (
        "gitexp: 'data.csv' stayed as it is: only the work tree has this version\n"
        "gitexp: hint: `dvc checkout` takes the version of the pointer, `dvc commit` keeps yours.\n"
    )


def test_data_that_is_not_here_is_named_with_the_way_to_get_it(
    two: Path, git: Git, git_ended: GitEnded
) -> None:
    git("checkout", "--quiet", "main~1")
    shutil.rmtree(two / ".dvc/cache")

    ended = git_ended("checkout", "--quiet", "main")

    assert data(two) is None
    assert ended.stderr == (
        "gitexp: the data of 'data.csv' is not in the DVC cache\n"
        "gitexp: hint: `dvc pull data.csv` fetches it.\n"
    )


def test_what_is_too_much_to_be_named_is_all_fetched(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    git("checkout", "--quiet", "-b", "many")
    for number in range(6):
        place = hooked / f"{number}.csv.dvc"
        place.write_text(f"outs:\n- md5: {str(number) * 32}\n  size: 1\n  path: {number}.csv\n")
    git("add", "--all")
    git("commit", "--quiet", "--no-verify", "-m", "many")
    git("checkout", "--quiet", "main")

    ended = git_ended("checkout", "--quiet", "many")

    assert "the data of '0.csv', '1.csv', '2.csv' and 3 more is not in" in ended.stderr
    assert ended.stderr.endswith("gitexp: hint: `dvc pull` fetches it.\n")


def test_a_new_work_tree_gets_its_data(
    two: Path, git: Git, git_ended: GitEnded, tmp_path: Path
) -> None:
    dvc("cache", "dir", "--quiet", two / ".dvc/cache")
    git("commit", "--quiet", "--all", "-m", "one cache")

    git_ended("worktree", "add", "--quiet", tmp_path / "linked", "side")

    assert data(tmp_path / "linked") is None  # checked out twice is refused by git
    ended = git_ended("worktree", "add", "--quiet", "-b", "third", tmp_path / "linked", "side")
    assert (ended.stderr, data(tmp_path / "linked")) == ("", "two\n")


def test_a_branch_without_gitexp_is_left_alone(two: Path, git: Git, git_ended: GitEnded) -> None:
    git("checkout", "--quiet", "--orphan", "bare")
    git("rm", "--quiet", "-r", "--cached", ".")
    git("add", "train.py")
    git("commit", "--quiet", "--no-verify", "-m", "bare")
    git("clean", "--quiet", "-df")

    ended = git_ended("checkout", "--quiet", "bare~0")

    assert (ended.stderr, data(two)) == ("", "two\n")


def test_a_linked_work_tree_is_told_how_to_share_the_cache_of_the_main_one(
    two: Path, git: Git, git_ended: GitEnded
) -> None:
    ended = git_ended("worktree", "add", "--quiet", "-b", "linked", "../linked", "side")

    assert "gitexp: the data of 'data.csv' is not in the DVC cache\n" in ended.stderr
    share = f"dvc cache dir --local {two}/.dvc/cache && dvc checkout"
    linked = two.with_name("linked")
    which = "shares the cache of the main work tree, which has it"
    assert f"gitexp: hint: `{share}` in '{linked}' {which}.\n" in ended.stderr
    subprocess.run(share, cwd=linked, shell=True, check=True, capture_output=True)
    assert (linked / "data.csv").read_text() == "two\n"
    assert git("status", "--porcelain", cwd=linked) == ""
