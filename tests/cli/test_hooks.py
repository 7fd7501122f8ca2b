"""`gitexp hooks`: what it says, and two branches with runs of their own that are merged."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Git, GitEnded, Gitexp, dvc

ALL = "pre-commit, prepare-commit-msg, post-checkout, post-merge, post-rewrite, pre-push, drivers"


def test_status_shows_what_is_installed_and_what_runs_besides(
    gitexp: Gitexp, work_tree: Path
) -> None:
    hook = work_tree / ".git/hooks/pre-push"
    hook.write_text("#!/bin/sh\n")

    installed = gitexp("hooks", "install", "pre-push", "pre-commit")

    assert installed == (ExitCode.OK, "", "installed: pre-commit, pre-push\n")
    assert gitexp("hooks", "status") == (
        ExitCode.OK,
        dedent("""\
            pre-commit           installed
            prepare-commit-msg   not installed
            post-checkout        not installed
            post-merge           not installed
            post-rewrite         not installed
            pre-push             installed       hooks/pre-push.before-gitexp
            drivers              not installed
        """),
        "",
    )
    assert gitexp("hooks", "status", "drivers", "--json") == (
        ExitCode.NO,
        '[{"name":"drivers","state":"not installed","chained":null}]\n',
        "",
    )


def test_a_hook_of_ones_own_is_there_though_ours_is_not(gitexp: Gitexp, work_tree: Path) -> None:
    (work_tree / ".git/hooks/pre-push").write_text("#!/bin/sh\n")

    said = "pre-push   not installed   there is hooks/pre-push\n"
    assert gitexp("hooks", "status", "pre-push")[1] == said


@pytest.mark.usefixtures("work_tree")
def test_drivers_of_another_interpreter_are_outdated(gitexp: Gitexp, git: Git) -> None:
    gitexp("hooks", "install", "drivers")
    assert gitexp("hooks", "status", "drivers")[1] == "drivers   installed\n"

    git("config", "merge.gitexp.driver", "elsewhere")

    assert gitexp("hooks", "status", "drivers")[1] == "drivers   outdated\n"


@pytest.mark.usefixtures("work_tree")
def test_install_and_uninstall_say_what_they_did(gitexp: Gitexp) -> None:
    assert gitexp("hooks", "install")[2] == f"installed: {ALL}\n"
    assert gitexp("hooks", "uninstall")[2] == f"uninstalled: {ALL}\n"
    assert gitexp("hooks", "uninstall")[2] == "nothing was installed\n"


@pytest.fixture
def committed(gitexp: Gitexp, git: Git, work_tree: Path) -> Path:
    """The work tree, with the lines for the drivers committed by somebody else."""
    (work_tree / "vision").mkdir()
    (work_tree / "vision/gitexp.yaml").touch()
    gitexp("-C", "vision", "hooks", "install", "drivers")
    git("add", "vision")
    git("commit", "--quiet", "-m", "the team's")
    for section in ("diff.gitexp", "merge.gitexp", "merge.gitexp-ancestors"):
        git("config", "--remove-section", section)
    return work_tree


def test_uninstalling_leaves_what_the_team_has_committed(
    committed: Path, gitexp: Gitexp, git: Git
) -> None:
    before = git("config", "--list", "--local")
    gitexp("-C", "vision", "hooks", "install", "pre-push", "pre-commit")
    said = gitexp("-C", "vision", "hooks", "uninstall")[2]
    assert said == "uninstalled: pre-commit, pre-push\n"

    gitexp("-C", "vision", "hooks", "install")
    said = gitexp("-C", "vision", "hooks", "uninstall")[2]
    note = "note: vision/.gitattributes: the lines of the drivers are committed, and stay\n"
    hint = "hint: In a project's folder, `gitexp hooks uninstall drivers` takes them out.\n"
    assert said == f"{note}{hint}uninstalled: {ALL}\n"

    assert git("status", "--porcelain", "--", "vision") == ""
    assert git("config", "--list", "--local") == before
    assert "drivers" in gitexp("-C", "vision", "hooks", "uninstall", "drivers")[2]
    assert not (committed / "vision/.gitattributes").exists()


def test_uninstalling_in_a_folder_takes_away_what_was_installed_at_the_top(
    committed: Path, gitexp: Gitexp, git: Git
) -> None:
    gitexp("hooks", "install")
    assert (committed / ".gitattributes").exists()

    gitexp("-C", "vision", "hooks", "uninstall")

    assert git("status", "--porcelain") == ""


@pytest.mark.usefixtures("work_tree")
def test_a_hook_that_there_is_none_of_is_refused_with_those_there_are(gitexp: Gitexp) -> None:
    assert gitexp("hooks", "install", "commit-msg") == (
        ExitCode.ERROR,
        "",
        f"error: no hook 'commit-msg'\nhint: The hooks are {ALL}.\n",
    )


@pytest.fixture
def overwritten(gitexp: Gitexp, work_tree: Path) -> Path:
    """The folder of hooks, where another tool has overwritten ours, and the user's before that."""
    hooks = work_tree / ".git/hooks"
    (hooks / "pre-push").write_text("#!/bin/sh\n# the user's\n")
    gitexp("hooks", "install", "pre-push")
    (hooks / "pre-push").write_text("#!/bin/sh\n# another tool's\n")
    return hooks


def test_a_hook_that_was_overwritten_is_told_with_the_way_out(
    gitexp: Gitexp, overwritten: Path
) -> None:
    hook, first = overwritten / "pre-push", overwritten / "pre-push.before-gitexp"
    assert gitexp("hooks", "status", "pre-push")[:2] == (
        ExitCode.NO,
        (
            "pre-push   overwritten   by hooks/pre-push; "
            "`gitexp hooks install pre-push` says what to do\n"
        ),
    )
    assert gitexp("hooks", "install", "pre-push") == (
        ExitCode.ERROR,
        "",
        (
            f"error: '{hook}' has overwritten our hook; what was there before us is still kept "
            "as 'pre-push.before-gitexp'\n"
            f"hint: `rm {first}` if the new one should run from now on, "
            f"`mv {first} {hook}` if the first one should; then try again.\n"
        ),
    )
    assert gitexp("hooks", "uninstall", "pre-push")[2] == (
        f"note: '{first}' stays: it was there before our hook, which was overwritten\n"
        "nothing was installed\n"
    )
    assert ("the user's" in first.read_text(), "another" in hook.read_text()) == (True, True)

    first.rename(hook)

    assert gitexp("hooks", "install", "pre-push")[2] == "installed: pre-push\n"
    assert "the user's" in first.read_text()


def test_a_hook_that_a_tool_has_only_put_there_again_is_installed_over(
    gitexp: Gitexp, overwritten: Path
) -> None:
    first = overwritten / "pre-push.before-gitexp"
    (overwritten / "pre-push").write_bytes(first.read_bytes())

    assert gitexp("hooks", "install", "pre-push")[2] == "installed: pre-push\n"
    assert gitexp("hooks", "status", "pre-push")[0] == ExitCode.OK
    assert "the user's" in first.read_text()


def test_two_branches_with_runs_of_their_own_are_merged_and_run_again(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    gitexp("run", "--", "python", "train.py")
    gitexp("hooks", "install")
    git("add", "--all")
    git("commit", "--quiet", "--no-verify", "-m", "hooks")
    for branch, override in (("faster", "rate=0.2"), ("seeded", "seed=2")):
        git("checkout", "--quiet", "-b", branch, "main")
        assert (
            gitexp("run", "-n", f"{branch}-run", "-S", override, "--", "python", "train.py")[0] == 0
        )
        git("add", "--all")
        git("commit", "--quiet", "-m", branch)

    git("merge", "--quiet", "--no-edit", "faster")

    assert (work_tree / "params.yaml").read_text() == "rate: 0.2\nseed: 2\n"
    assert gitexp("run", "-n", "both", "--", "python", "train.py")[0] == 0
    assert json.loads((work_tree / "metrics.json").read_text())["accuracy"] == 1.0
    assert git("diff", "-U0", "main", "faster", "--", "params.yaml").splitlines()[-2:] == [
        "-rate: 0.1",
        "+rate: 0.2",
    ]


def test_what_two_runs_made_is_merged_by_running_before_the_merge_is_committed(
    gitexp: Gitexp, git: Git, git_ended: GitEnded, work_tree: Path
) -> None:
    gitexp("init")
    gitexp("hooks", "install")
    (work_tree / "gitexp.yaml").write_text("command: python train.py\n")
    (work_tree / "data.csv").write_text("old\n")
    gitexp("track", "data.csv")
    git("add", "--all")
    git("commit", "--quiet", "--no-verify", "-m", "start")
    for branch, override in (("faster", "rate=0.2"), ("slower", "rate=0.01")):
        git("checkout", "--quiet", "-b", branch, "main")
        if branch == "faster":
            (work_tree / "data.csv").unlink()
            (work_tree / "data.csv").write_text("new\n")
            gitexp("track", "data.csv")
        gitexp("run", "-S", override)
        git("add", "--all")
        git("commit", "--quiet", "-m", branch)
    assert git_ended("merge", "--quiet", "faster").returncode == 1

    (work_tree / "params.yaml").write_text("rate: 0.2\nseed: 2\n")
    git("checkout", "--ours", "--", "metrics.json")
    git("add", "--all")
    assert (work_tree / "data.csv").read_text() == "old\n"
    dvc("checkout", "--quiet")
    assert gitexp("run")[0] == 0
    git("add", "--all")
    git("commit", "--quiet", "--no-edit")

    assert git("rev-list", "--parents", "-1", "HEAD").count(" ") == 2
    assert (work_tree / "data.csv").read_text() == "new\n"
    assert gitexp("check")[0] == 0
