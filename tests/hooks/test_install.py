"""Installing hooks beside those of others, and taking them away without a trace."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gitexp.git.repository import Repository
from gitexp.hooks.install import hook_states
from gitexp.hooks.names import HOOKS

from tests.workshop import Git, GitEnded, Gitexp

THEIRS = '#!/bin/sh\necho "theirs $(basename "$0")" >&2\n'
BROKEN = "lr: [1\n"


def script(path: Path, text: str = THEIRS) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return all that git's directory holds of hooks and settings, with modes."""
    paths = [folder / "config", *sorted((folder / "hooks").rglob("*"))]
    found = {str(path): (path.read_bytes(), path.stat().st_mode) for path in paths}
    assert not (folder / "gitexp" / "hooks").exists()
    return found


def states(work_tree: Path) -> dict[str, tuple[str, str | None]]:
    with Repository.open(work_tree) as repository:
        return {one.name: (one.state, one.chained) for one in hook_states(repository)}


def refuses(work_tree: Path, git_ended: GitEnded) -> bool:
    """Return whether a commit of a broken file is refused; the file is as before then."""
    (work_tree / "params.yaml").write_text(BROKEN)
    ended = git_ended("commit", "--all", "-m", "broken")
    git_ended("checkout", "HEAD", "--", "params.yaml")
    return ended.returncode == 1 and "gitexp: not committed" in ended.stderr


@pytest.mark.parametrize("with_others", [True, False])
def test_uninstalling_restores_every_byte(
    work_tree: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp, *, with_others: bool
) -> None:
    if with_others:
        script(work_tree / ".git/hooks/pre-commit")
        script(work_tree / ".git/hooks/pre-push", "#!/bin/sh\nexit 0")
    before, status = contents(work_tree / ".git"), git("status", "--porcelain")

    assert gitexp("hooks", "install").code == 0
    assert gitexp("hooks", "install").code == 0
    assert refuses(work_tree, git_ended)
    assert gitexp("hooks", "uninstall").code == 0

    assert contents(work_tree / ".git") == before
    assert git("status", "--porcelain") == status


def test_each_hook_comes_and_goes_alone(work_tree: Path, gitexp: Gitexp) -> None:
    gitexp("hooks", "install", "pre-push", "post-merge")
    gitexp("hooks", "uninstall", "post-merge")

    found = {name for name, (state, _) in states(work_tree).items() if state == "installed"}
    assert found == {"pre-push"}
    assert gitexp("hooks", "status", "pre-push").code == 0
    assert gitexp("hooks", "status", "pre-push", "drivers").code == 1
    assert gitexp("hooks", "install", "pre-comit").code == 2


def test_what_was_there_runs_first_and_its_answer_counts(
    work_tree: Path, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    script(work_tree / ".git/hooks/pre-commit", f"{THEIRS}exit $ANSWER\n")
    gitexp("hooks", "install")

    refused = git_ended("commit", "--allow-empty", "-m", "one", env={"ANSWER": "3"})
    made = git_ended("commit", "--allow-empty", "-m", "one", env={"ANSWER": "0"})

    assert (refused.returncode, "theirs" in refused.stderr) == (1, True)
    assert (made.returncode, "theirs" in made.stderr) == (0, True)
    assert states(work_tree)["pre-commit"] == ("installed", "hooks/pre-commit.before-gitexp")
    shim = work_tree / ".git/hooks/pre-commit"
    env = {**os.environ, "ANSWER": "3"}
    assert subprocess.run([shim], env=env, check=False, capture_output=True).returncode == 3


def test_both_read_what_git_says_on_stdin(
    work_tree: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp, tmp_path: Path
) -> None:
    script(
        work_tree / ".git/hooks/pre-push",
        f'#!/bin/sh\necho "$1" >{tmp_path}/said\ncat >>{tmp_path}/said\n',
    )
    gitexp("hooks", "install", "pre-push")
    git("init", "--quiet", "--bare", tmp_path / "hub")
    git("remote", "add", "origin", tmp_path / "hub")
    (work_tree / "metrics.json").write_text("<<<<<<< ours\n")
    git("commit", "--all", "--no-verify", "-m", "broken")

    pushed = git_ended("push", "origin", "main")

    head = git("rev-parse", "HEAD").strip()
    expected = f"origin\nrefs/heads/main {head} refs/heads/main {'0' * 40}\n"
    assert (tmp_path / "said").read_text() == expected
    assert (pushed.returncode, "gitexp: not pushed" in pushed.stderr) == (1, True)


@pytest.mark.parametrize("scope", ["--local", "--global"])
@pytest.mark.parametrize("named", [".husky/_", "/hooks-of-all"])
def test_another_folder_of_hooks_is_passed_on_to_and_never_written(
    work_tree: Path,
    git: Git,
    git_ended: GitEnded,
    gitexp: Gitexp,
    tmp_path: Path,
    scope: str,
    named: str,
) -> None:
    named = named if named.startswith(".") else f"{tmp_path}{named}"
    others = work_tree / named
    script(others / "pre-commit")
    script(others / "commit-msg")
    git("config", scope, "core.hooksPath", named)
    git("add", "--all")
    git_ended("commit", "--quiet", "-m", "husky")  # nothing to commit if they lie elsewhere
    before, theirs = contents(work_tree / ".git"), sorted(path.name for path in others.iterdir())

    gitexp("hooks", "install")

    made = git_ended("commit", "--allow-empty", "-m", "one")
    assert made.stderr.splitlines() == ["theirs pre-commit", "theirs commit-msg"]
    assert refuses(work_tree, git_ended)
    assert states(work_tree)["pre-commit"] == ("installed", str(Path(named) / "pre-commit"))
    gitexp("hooks", "uninstall", "pre-commit")
    assert not refuses(work_tree, git_ended)
    git("reset", "--hard", "HEAD~1")
    gitexp("hooks", "uninstall")
    assert contents(work_tree / ".git") == before
    assert sorted(path.name for path in others.iterdir()) == theirs


def test_a_repository_that_was_moved_finds_the_hooks_of_others_again(
    work_tree: Path,
    git: Git,
    git_ended: GitEnded,
    gitexp: Gitexp,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script(work_tree / ".husky/pre-commit")
    git("config", "core.hooksPath", ".husky")
    before = (work_tree / ".git/config").read_bytes()
    gitexp("hooks", "install")
    moved = work_tree.rename(tmp_path / "moved")
    monkeypatch.chdir(moved)

    assert states(moved)["pre-commit"] == ("outdated", ".husky/pre-commit")
    gitexp("hooks", "install")

    assert states(moved)["pre-commit"] == ("installed", ".husky/pre-commit")
    assert "theirs pre-commit" in git_ended("commit", "--allow-empty", "-m", "one").stderr
    moved = moved.rename(tmp_path / "moved again")
    monkeypatch.chdir(moved)
    gitexp("hooks", "uninstall")
    assert (moved / ".git/config").read_bytes() == before


def test_a_folder_of_hooks_from_an_included_file_is_passed_on_to_each_time(
    work_tree: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp, tmp_path: Path
) -> None:
    script(tmp_path / "of-all/pre-commit")
    (tmp_path / "work.config").write_text(f"[core]\n\thooksPath = {tmp_path}/of-all\n")
    git("config", "--global", "include.path", tmp_path / "work.config")

    gitexp("hooks", "install")
    gitexp("hooks", "install")

    assert "theirs pre-commit" in git_ended("commit", "--allow-empty", "-m", "one").stderr
    assert refuses(work_tree, git_ended)


def test_a_folder_for_one_work_tree_alone_is_refused_rather_than_ignored(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    git("config", "extensions.worktreeConfig", "true")
    git("config", "--worktree", "core.hooksPath", "hooks of mine")

    refused = gitexp("hooks", "install")

    assert refused.code == 2
    said = "error: 'core.hooksPath' is set for this work tree alone, to 'hooks of mine'\n"
    assert refused.err.startswith(said)
    assert states(work_tree)["pre-commit"] == ("not installed", None)


def test_a_linked_folder_of_hooks_is_passed_on_to_and_never_written(
    work_tree: Path, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    script(work_tree / "githooks/pre-commit")
    (work_tree / ".git/hooks").symlink_to("../githooks")
    before = contents(work_tree / ".git")

    gitexp("hooks", "install")

    assert [path.name for path in (work_tree / "githooks").iterdir()] == ["pre-commit"]
    assert "theirs pre-commit" in git_ended("commit", "--allow-empty", "-m", "one").stderr
    assert refuses(work_tree, git_ended)
    gitexp("hooks", "uninstall")
    assert contents(work_tree / ".git") == before


@pytest.mark.parametrize("then", [("core.hooksPath", ".husky/_"), ("--unset", "core.hooksPath")])
def test_nothing_of_ours_stays_where_somebody_has_set_the_folder_anew(
    work_tree: Path, git: Git, gitexp: Gitexp, then: tuple[str, str]
) -> None:
    git("config", "core.hooksPath", ".husky")
    gitexp("hooks", "install")
    git("config", *then)

    gitexp("hooks", "uninstall")

    assert "gitexp" not in (work_tree / ".git/config").read_text()
    assert not (work_tree / ".git/gitexp/hooks").exists()


def test_hooks_do_nothing_where_gitexp_is_gone(
    work_tree: Path, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    gitexp("hooks", "install")
    for name in HOOKS:
        path = work_tree / ".git/hooks" / name
        path.write_text(
            path.read_text()
            .replace("python='", "python='/gone")
            .replace("python=/", "python=/gone/")
        )
    bare = {"PATH": "/usr/bin:/bin"}

    (work_tree / "params.yaml").write_text(BROKEN)
    ended = git_ended("commit", "--all", "-m", "broken", env=bare)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert states(work_tree)["pre-commit"][0] == "outdated"


def test_hooks_do_nothing_where_gitexp_cannot_be_imported(
    work_tree: Path, git_ended: GitEnded, gitexp: Gitexp, tmp_path: Path
) -> None:
    gitexp("hooks", "install")
    script(tmp_path / "gitexp/__init__.py", "raise RuntimeError('half an upgrade')\n")
    (work_tree / "params.yaml").write_text(BROKEN)

    ended = git_ended("commit", "--all", "-m", "broken", env={"PYTHONPATH": str(tmp_path)})

    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_bare_path_is_enough(work_tree: Path, git_ended: GitEnded, gitexp: Gitexp) -> None:
    gitexp("hooks", "install")

    (work_tree / "params.yaml").write_text(BROKEN)
    ended = git_ended("commit", "--all", "-m", "broken", env={"PATH": "/usr/bin:/bin"})

    assert (ended.returncode, "gitexp: not committed" in ended.stderr) == (1, True)


def test_a_linked_work_tree_has_the_same_hooks(
    work_tree: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp, tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    git("worktree", "add", "--quiet", linked, "-b", "side")

    gitexp("hooks", "install", cwd=linked)

    (linked / "params.yaml").write_text(BROKEN)
    ended = git_ended("commit", "--all", "-m", "broken", cwd=linked)
    assert (ended.returncode, "gitexp: not committed" in ended.stderr) == (1, True)
    assert refuses(work_tree, git_ended)
