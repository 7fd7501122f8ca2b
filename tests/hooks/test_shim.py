"""Which hooks start Python at all: the shell asks git first whether anything concerns us."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gitexp.hooks.names import HOOKS
from gitexp.hooks.shim import shim_text

from tests.workshop import Git, write

Started = Callable[..., bool]


@pytest.fixture
def started(hooked: Path, tmp_path: Path) -> Started:
    """Call a hook as git does, and return whether it started Python."""
    mark, python = tmp_path / "started", tmp_path / "python"
    python.write_text(f'#!/bin/sh\ntouch {shlex.quote(str(mark))}\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)

    def call(name: str, *args: str, said: str = "") -> bool:
        hook = hooked / ".git" / "hooks" / name
        hook.write_text(shim_text(name, str(python)))
        mark.unlink(missing_ok=True)
        ended = subprocess.run(
            [hook, *args], cwd=hooked, input=said, text=True, capture_output=True, check=False
        )
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
        return mark.exists()

    return call


@pytest.fixture
def head(hooked: Path, git: Git) -> str:
    assert hooked.exists()
    return git("rev-parse", "HEAD").strip()


def pushed(oid: str, theirs: str) -> str:
    return f"refs/heads/main {oid} refs/heads/main {theirs}\n"


def test_nothing_to_do_starts_no_python(started: Started, git: Git, head: str) -> None:
    git("update-ref", "ORIG_HEAD", head)
    Path(".git/message").write_text("a step\n")
    calls = {
        "pre-commit": started("pre-commit"),
        "prepare-commit-msg": started("prepare-commit-msg", ".git/message"),
        "of a merge": started("prepare-commit-msg", ".git/message", "merge"),
        "post-checkout": started("post-checkout", head, head, "1"),
        "of a file": started("post-checkout", head, head, "0"),
        "post-merge": started("post-merge", "0"),
        "of a squash": started("post-merge", "1"),
        "post-rewrite": started("post-rewrite", "amend", said=f"{head} {head}\n"),
        "of nothing": started("post-rewrite", "amend"),
        "pre-push": started("pre-push", "origin", "hub", said=pushed(head, head) * 2),
        "of a deletion": started("pre-push", "origin", "hub", said=pushed("0" * 40, head)),
        "of nothing at all": started("pre-push", "origin", "hub"),
    }

    assert [name for name, python in calls.items() if python] == []
    assert set(HOOKS) <= set(calls)


def test_what_differs_starts_it(started: Started, git: Git, head: str) -> None:
    write(Path(), {"a b/data.csv.dvc": "outs:\n- path: data.csv\n", "Notes.JSON": "{}\n"})
    git("add", "--all")
    git("commit", "--quiet", "--no-verify", "-m", "a pointer")
    git("update-ref", "ORIG_HEAD", head)
    Path(".git/message").write_text("a step\n")

    assert started("post-checkout", head, "HEAD", "1")
    assert started("post-merge", "0")
    assert not started("post-merge", "1")
    assert started("post-rewrite", "amend", said=f"{'1' * 40} {head}\n{head} HEAD\n")
    assert started("pre-push", "origin", "hub", said=pushed(head, head) + pushed(head, "0" * 40))
    assert started("prepare-commit-msg", ".git/message", "message")  # perhaps of `--amend`
    assert not started("prepare-commit-msg", ".git/message")
    git("rm", "-q", "--cached", "Notes.JSON")
    assert started("prepare-commit-msg", ".git/message")
    assert not started("pre-commit")  # it only removes
    git("reset", "-q")
    write(Path(), {"train.py": "print(2)\n"})
    assert not started("pre-commit")  # it is not staged
    git("add", "train.py")
    assert started("pre-commit")


def test_where_git_cannot_say_the_hook_is_called(
    started: Started, git: Git, head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    assert not started("post-checkout", head, head, "1")

    assert started("post-checkout", "0" * 40, head, "1")
    Path(".git/rebase-merge").mkdir()
    assert started("post-checkout", head, head, "1")
    shutil.rmtree(".git/rebase-merge")  # with what the hook keeps there
    git("checkout", "--quiet", "--orphan", "new")
    Path(".git/message").write_text("a step\n")
    assert started("pre-commit")
    assert started("prepare-commit-msg", ".git/message")
