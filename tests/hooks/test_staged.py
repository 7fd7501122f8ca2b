"""`pre-commit`: what is staged is what counts, whichever way git commits it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.hooks.workshop import Track
from tests.workshop import Git, GitEnded, Gitexp, dvc

BROKEN = "lr: [1\n"
POINTER = "outs:\n- md5: {md5}\n  size: 3\n  hash: md5\n  path: data.csv\n"
HINT = "gitexp: hint: `git commit --no-verify` commits anyway.\n"


def said(ended: subprocess.CompletedProcess[str]) -> str:
    """Return what the hook said; git itself must not have complained."""
    return "".join(
        line
        for line in ended.stderr.splitlines(keepends=True)
        if line.startswith(("gitexp: ", "  "))
    )


def test_a_sound_commit_is_made_without_a_word(hooked: Path, git_ended: GitEnded) -> None:
    (hooked / "params.yaml").write_text("lr: 0.2\nseed: 1\n")

    ended = git_ended("commit", "--all", "--quiet", "-m", "next")

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("params.yaml", BROKEN, "'params.yaml' is not valid YAML"),
        ("metrics.json", "{", "'metrics.json' is not valid JSON"),
        ("data.csv.dvc", "outs: [", "'data.csv.dvc' line 2 is not valid YAML"),
        ("gitexp.yaml", "polcy: {}\n", "gitexp.yaml, line 1: unknown setting 'polcy'"),
        ("metrics.json", "<<<<<<< ours\n{}\n", "'metrics.json' has conflict markers in line 1"),
        ("model.pt", "small\n", "'model.pt' is a model: put it behind a pointer with"),
        pytest.param(
            "big.bin",
            "x" * 5_000_001,
            "'big.bin' is 5.0 MB: put it behind a pointer with",
            id="big.bin",
        ),
        ("data.csv.dvc", POINTER.format(md5="a" * 32), "the data of 'data.csv' is nowhere"),
    ],
)
def test_what_could_not_be_used_is_refused(
    hooked: Path, git: Git, git_ended: GitEnded, name: str, content: str, words: str
) -> None:
    (hooked / name).write_text(content)
    git("add", "--force", name)

    ended = git_ended("commit", "-m", "next")

    assert ended.returncode == 1
    assert said(ended).startswith(f"gitexp: not committed:\n  {words}")
    assert said(ended).endswith(HINT)
    assert git_ended("commit", "--no-verify", "-m", "next").returncode == 0


def test_many_pointers_without_data_are_one_line(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    outs = (f"- md5: {n:032}\n  size: 3\n  hash: md5\n  path: {n}.csv\n" for n in range(50))
    (hooked / "all.dvc").write_text(f"outs:\n{''.join(outs)}")
    git("add", "all.dvc")

    assert said(git_ended("commit", "-m", "next")) == (
        "gitexp: not committed:\n"
        "  the data of '0.csv', '1.csv', '2.csv' and 47 more is nowhere: "
        "neither in the DVC cache nor on a remote\n" + HINT
    )


def test_a_name_cannot_command_the_terminal(hooked: Path, git: Git, git_ended: GitEnded) -> None:
    (hooked / "a\x1b[2J.pt").write_text("weights\n")
    git("add", "--all")

    assert "'a\\x1b[2J.pt' is a model" in git_ended("commit", "-m", "next").stderr


def told_commands(ended: subprocess.CompletedProcess[str]) -> str:
    """Return the commands that the first line of the refusal names."""
    return said(ended).split("`")[1]


@pytest.mark.parametrize("ignored", ["", "*.pt\n"])
def test_a_model_is_behind_a_pointer_after_the_commands_that_are_told(
    hooked: Path, git: Git, git_ended: GitEnded, ignored: str
) -> None:
    if ignored:
        (hooked / ".gitignore").write_text(ignored)
    (hooked / "my models").mkdir()
    (hooked / "my models/big.pt").write_text("weights\n")
    git("add", "--all", "--force", "--", "my models")
    refused = git_ended("commit", "-m", "model")

    subprocess.run(told_commands(refused), shell=True, check=True, capture_output=True)

    assert git_ended("commit", "-m", "model").returncode == 0
    assert (hooked / "my models/big.pt").read_text() == "weights\n"
    assert "my models/big.pt.dvc" in git("ls-files").splitlines()
    assert git("status", "--porcelain", "--", "my models") == ""


def test_a_model_that_has_a_pointer_only_leaves_git(
    hooked: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    (hooked / "big.pt").write_text("weights\n")
    gitexp("track", "big.pt")
    git("add", "--all", "--force")
    refused = git_ended("commit", "-m", "model")

    assert told_commands(refused) == "git rm --cached big.pt"
    subprocess.run(told_commands(refused), shell=True, check=True, capture_output=True)
    assert git_ended("commit", "-m", "model").returncode == 0
    assert (hooked / "big.pt").read_text() == "weights\n"


def test_data_that_only_the_work_tree_has_is_in_the_cache_after_the_commands_that_are_told(
    hooked: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    (hooked / "vision").mkdir()
    (hooked / "vision/gitexp.yaml").touch()
    (hooked / "vision/big.pt").write_text("weights\n")
    gitexp("track", "vision/big.pt")
    git("add", "--all")
    shutil.rmtree(hooked / ".dvc/cache")
    refused = git_ended("commit", "-m", "model")
    assert "` in 'vision' takes what lies in the work tree\n" in said(refused)

    subprocess.run(
        told_commands(refused), cwd="vision", shell=True, check=True, capture_output=True
    )

    assert git_ended("commit", "-m", "model").returncode == 0


def test_what_is_staged_counts_and_not_the_work_tree(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    (hooked / "params.yaml").write_text(BROKEN)
    git("add", "params.yaml")
    (hooked / "params.yaml").write_text("lr: 0.3\n")
    assert git_ended("commit", "-m", "broken").returncode == 1

    git("add", "params.yaml")
    (hooked / "params.yaml").write_text(BROKEN)
    assert git_ended("commit", "-m", "sound").returncode == 0


@pytest.mark.parametrize("how", [("--all",), ("params.yaml",), ("--include", "params.yaml")])
def test_every_way_to_commit_is_checked(
    hooked: Path, git_ended: GitEnded, how: tuple[str, ...]
) -> None:
    (hooked / "params.yaml").write_text(BROKEN)

    ended = git_ended("commit", "-m", "next", *how)

    assert (ended.returncode, "'params.yaml' is not valid" in ended.stderr) == (1, True)


def test_a_path_that_is_not_committed_keeps_nobody(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    (hooked / "params.yaml").write_text(BROKEN)
    (hooked / "train.py").write_text("print(2)\n")
    git("add", "params.yaml")

    assert git_ended("commit", "-m", "only code", "train.py").returncode == 0
    assert git_ended("commit", "--amend", "-m", "both").returncode == 1


def test_what_was_broken_before_keeps_nobody(hooked: Path, git: Git, git_ended: GitEnded) -> None:
    (hooked / "params.yaml").write_text(BROKEN)
    git("commit", "--all", "--no-verify", "-m", "broken")
    (hooked / "metrics.json").write_text('{"accuracy": 0.91}\n')

    assert git_ended("commit", "--all", "-m", "other").returncode == 0


def test_a_merge_that_left_markers_is_refused(hooked: Path, git: Git, git_ended: GitEnded) -> None:
    for branch, value in (("one", "0.5"), ("two", "0.6")):
        git("checkout", "--quiet", "-b", branch, "main")
        (hooked / "metrics.json").write_text(f'{{"accuracy": {value}}}\n')
        assert git_ended("commit", "--all", "-m", branch).returncode == 0
    assert git_ended("merge", "one").returncode == 1

    ended = git_ended("commit", "--all", "--no-edit")

    assert "'metrics.json' has conflict markers in line 1" in said(ended)
    (hooked / "metrics.json").write_text('{"accuracy": 0.6}\n')
    assert git_ended("commit", "--all", "--no-edit").returncode == 0


def test_stale_metrics_are_a_warning(hooked: Path, git_ended: GitEnded, gitexp: Gitexp) -> None:
    assert gitexp("save", "-n", "first-run").code == 0
    (hooked / "params.yaml").write_text("lr: 0.2\nseed: 1\n")

    ended = git_ended("commit", "--all", "-m", "next")

    assert ended.returncode == 0
    assert said(ended).startswith("gitexp: warning: ")
    assert "after first-run" in said(ended)


def test_data_in_the_cache_or_on_the_remote_is_somewhere(
    hooked: Path, git: Git, git_ended: GitEnded, track: Track, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    (hooked / ".dvc/config").write_text(
        f"[core]\n    remote = store\n['remote \"store\"']\n    url = {store}\n"
    )
    track("one\n")
    dvc("push", "--quiet")
    git("reset", "--soft", "HEAD~1")
    subprocess.run(["rm", "-r", hooked / ".dvc/cache"], check=True)

    assert git_ended("commit", "-m", "pointer").returncode == 0


def test_a_large_file_behind_git_lfs_is_nobodys_business(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    (hooked / "model.pt").write_text("version https://git-lfs.github.com/spec/v1\noid x\n")
    git("add", "--all")

    assert git_ended("commit", "-m", "lfs").returncode == 0


def test_a_file_that_was_large_before_is_there_on_purpose(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    (hooked / "table.csv").write_text("x" * 5_000_001)
    git("add", "--all")
    git("commit", "--no-verify", "-m", "on purpose")
    (hooked / "table.csv").write_text("y" * 5_000_002)

    assert git_ended("commit", "--all", "-m", "again").returncode == 0


def test_a_file_that_was_large_before_may_have_another_name(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    (hooked / "big.bin").write_text("x" * 5_000_001)
    git("add", "big.bin")
    git("commit", "--quiet", "--no-verify", "-m", "on purpose")

    git("mv", "big.bin", "large.bin")

    assert git_ended("commit", "--quiet", "-m", "better name").returncode == 0


def test_what_a_merge_brings_from_the_other_side_keeps_nobody(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    (hooked / "big.bin").write_text("x" * 5_000_001)
    (hooked / "train.py").write_text("print(2)\n")
    git("checkout", "--quiet", "-b", "side")
    git("add", "--all")
    git("commit", "--quiet", "--no-verify", "-m", "on purpose")
    git("checkout", "--quiet", "main")
    (hooked / "train.py").write_text("print(3)\n")
    git("commit", "--quiet", "--all", "-m", "conflict")
    assert git_ended("merge", "side").returncode == 1

    (hooked / "train.py").write_text("print(2 + 3)\n")
    (hooked / "params.yaml").write_text(BROKEN)
    broken = git_ended("commit", "--all", "--no-edit")
    git("checkout", "HEAD", "params.yaml")
    merged = git_ended("commit", "--all", "--no-edit")

    assert (broken.returncode, merged.returncode, merged.stderr) == (1, 0, "")


@pytest.mark.parametrize("how", ["cherry-pick", "rebase"])
def test_what_a_replayed_commit_brings_keeps_nobody(
    hooked: Path, git: Git, git_ended: GitEnded, how: str
) -> None:
    (hooked / "big.bin").write_text("x" * 5_000_001)
    (hooked / "train.py").write_text("print(2)\n")
    git("checkout", "--quiet", "-b", "side")
    git("add", "--all")
    git("commit", "--quiet", "--no-verify", "-m", "on purpose")
    git("checkout", "--quiet", "main")
    (hooked / "train.py").write_text("print(3)\n")
    git("commit", "--quiet", "--all", "-m", "conflict")
    assert git_ended(how, *(["side"] if how == "cherry-pick" else ["main", "side"])).returncode == 1
    (hooked / "train.py").write_text("print(2 + 3)\n")
    git("add", "train.py")

    ended = git_ended(how, "--continue", env={"GIT_EDITOR": "true"})

    assert (ended.returncode, "gitexp" in ended.stderr) == (0, False)
    assert git("log", "-1", "--format=%s") == "on purpose\n"


def test_before_a_merge_commit_only_what_it_makes_itself_is_checked(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    """As the pre-commit framework calls it, and git's own sample of a hook."""
    hook = hooked / ".git/hooks/pre-merge-commit"
    hook.write_text('#!/bin/sh\nexec "${0%/*}/pre-commit"\n')
    hook.chmod(0o755)
    (hooked / "big.bin").write_text("x" * 5_000_001)
    git("checkout", "--quiet", "-b", "side")
    git("add", "--all")
    git("commit", "--quiet", "--no-verify", "-m", "on purpose")
    git("checkout", "--quiet", "main")

    merged = git_ended("merge", "--quiet", "--no-ff", "--no-edit", "side")

    assert (merged.returncode, merged.stderr) == (0, "")


def test_a_project_in_a_folder_is_checked_by_its_own_settings(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    (hooked / "vision").mkdir()
    (hooked / "vision/gitexp.yaml").write_text("params: [conf.yaml]\n")
    (hooked / "vision/conf.yaml").write_text(BROKEN)
    (hooked / "vision/params.yaml").write_text(BROKEN)
    git("add", "--all")

    ended = git_ended("commit", "-m", "vision")

    assert said(ended).count("is not valid YAML") == 1
    assert "vision: 'conf.yaml' is not valid YAML" in said(ended)


def test_a_warning_says_which_project_it_is_about(
    hooked: Path, git: Git, git_ended: GitEnded
) -> None:
    (hooked / "vision").mkdir()
    (hooked / "vision/gitexp.yaml").write_text("policy:\n  f1: {min: 0.9}\n")
    (hooked / "vision/metrics.json").write_text('{"f1": 0.5}\n')
    git("add", "--all")

    assert said(git_ended("commit", "-m", "vision")).startswith(
        "gitexp: warning: vision: f1 is 0.5"
    )


def test_a_branch_without_gitexp_is_left_alone(hooked: Path, git: Git, git_ended: GitEnded) -> None:
    git("checkout", "--quiet", "--orphan", "plain")
    git("rm", "--quiet", "-r", "--cached", ".")
    (hooked / "params.yaml").write_text(BROKEN)
    git("add", "params.yaml")

    assert git_ended("commit", "-m", "plain").returncode == 0
