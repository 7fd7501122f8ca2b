"""The drivers as git calls them: in diffs, logs, merges, rebases and cherry-picks."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.drivers.registration import configure, driver_settings, register, unregister
from gitexp.git.repository import Repository
from gitexp.project import Project

from tests.drivers.workshop import Commit
from tests.workshop import Git, GitEnded

MINE = """\
# how we train
train:
  lr: 0.2   # found by hand
  layers: [64, 32]

seed: 1
"""
THEIRS = """\
# how they train
train:
  lr: 0.1   # found by hand
  layers: [64, 64]

seed: 2
"""
BOTH = """\
# how they train
train:
  lr: 0.2   # found by hand
  layers: [64, 64]

seed: 2
"""


def body(shown: str) -> list[str]:
    """Return the lines of a patch that came or went."""
    lines = shown.splitlines()
    return [
        line for line in lines if line.startswith(("+", "-")) and line[:3] not in ("+++", "---")
    ]


@pytest.fixture
def changed(work_tree: Path) -> list[str]:
    """What git is to show of an edit of all three kinds of files."""
    (work_tree / "params.yaml").write_text(MINE)
    (work_tree / "metrics.json").write_text('{"accuracy": 0.95, "loss": 0.3, "f1": 1e-7}')
    pointer = work_tree / "model.pt.dvc"
    pointer.write_text(pointer.read_text().replace("a" * 32, "b" * 32).replace("1234567", "12"))
    return [
        "-accuracy: 0.9",
        "+accuracy: 0.95",
        "+f1: 1e-07",
        f"-model.pt.md5: {'a' * 32}",
        "-model.pt.size: 1.2 MB (1,234,567 bytes)",
        f"+model.pt.md5: {'b' * 32}",
        "+model.pt.size: 12 B",
        "-train.lr: 0.1",
        "+train.lr: 0.2",
    ]


def test_git_diff_shows_values_by_their_names(git: Git, changed: list[str]) -> None:
    assert sorted(body(git("diff"))) == sorted(changed)
    git("add", "--all")
    assert sorted(body(git("diff", "--cached"))) == sorted(changed)


def test_git_show_and_git_log_show_them_too(git: Git, changed: list[str]) -> None:
    git("commit", "--quiet", "--all", "-m", "next")

    assert sorted(body(git("show"))) == sorted(changed)
    assert sorted(body(git("log", "-p", "-1"))) == sorted(changed)


def test_git_blame_tells_who_changed_a_value(git: Git, changed: list[str]) -> None:
    git("commit", "--quiet", "--all", "-m", "next")
    head = git("rev-parse", "--short=8", "HEAD").strip()

    blamed = git("blame", "--abbrev=7", "params.yaml").splitlines()

    assert changed
    assert [line.endswith("train.lr: 0.2") for line in blamed if line.startswith(head)] == [True]


def test_what_is_shown_while_gitexp_is_gone_is_not_kept(
    work_tree: Path, git: Git, git_ended: GitEnded, changed: list[str], tmp_path: Path
) -> None:
    git("commit", "--quiet", "--all", "-m", "next")
    venv = tmp_path / "venv" / "python"
    venv.parent.mkdir()
    venv.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    venv.chmod(0o755)
    settings = driver_settings(str(venv))
    command = settings["diff.gitexp.textconv"].replace("gitexp git-driver", "gitexp-is-gone")
    git("config", "diff.gitexp.textconv", command)
    moved = venv.rename(tmp_path / "gone")
    raw = git("show", "--", "params.yaml")
    assert git_ended("log", "-p", "--all").returncode == 0
    moved.rename(venv)

    assert "+  lr: 0.2   # found by hand" in raw
    assert sorted(body(git("show"))) == sorted(changed)
    numbered = git("config", "diff.gitexp.textconv")
    assert sorted(body(git("show"))) == sorted(changed)
    assert git("config", "diff.gitexp.textconv") == numbered
    with Repository.open(work_tree) as repository:
        configure(repository)
        kept = git("config", "--local", "diff.gitexp.textconv")
        assert not configure(repository)
    assert git("config", "diff.gitexp.textconv") == kept
    assert git("for-each-ref", "refs/notes") == ""


def test_a_patch_for_others_has_the_bytes(git: Git, changed: list[str]) -> None:
    git("commit", "--quiet", "--all", "-m", "next")

    patch = git("format-patch", "--stdout", "-1")

    assert changed
    assert "+  lr: 0.2   # found by hand" in patch


def test_a_file_that_cannot_be_read_is_shown_as_it_is(work_tree: Path, git: Git) -> None:
    (work_tree / "params.yaml").write_text("lr: [1\n")

    assert "+lr: [1" in git("diff")


def test_a_merge_keeps_both_sides_and_their_comments(
    work_tree: Path, git: Git, git_ended: GitEnded, commit: Commit
) -> None:
    commit("mine", params__yaml=MINE)
    commit("theirs", params__yaml=THEIRS)
    git("checkout", "--quiet", "mine")

    merged = git_ended("merge", "--no-edit", "theirs")

    assert (merged.returncode, (work_tree / "params.yaml").read_text()) == (0, BOTH)


def test_a_rebase_and_a_cherry_pick_merge_by_keys(
    work_tree: Path, git: Git, git_ended: GitEnded, commit: Commit
) -> None:
    commit("mine", params__yaml=MINE)
    commit("theirs", params__yaml=THEIRS)
    git("branch", "picked", "mine")

    assert git_ended("rebase", "--quiet", "mine").returncode == 0
    assert (work_tree / "params.yaml").read_text() == BOTH
    git("checkout", "--quiet", "picked")
    assert git_ended("cherry-pick", "theirs").returncode == 0
    assert (work_tree / "params.yaml").read_text() == BOTH


def test_a_key_that_both_changed_is_in_conflict_alone(
    work_tree: Path, git: Git, git_ended: GitEnded, commit: Commit
) -> None:
    commit("mine", metrics__json='{\n  "accuracy": 0.95,\n  "loss": 0.3\n}\n')
    commit("theirs", metrics__json='{\n  "accuracy": 0.97,\n  "loss": 0.2\n}\n')
    git("checkout", "--quiet", "mine")

    merged = git_ended("merge", "theirs")

    assert merged.returncode == 1
    assert "gitexp: metrics.json: both sides changed accuracy" in merged.stdout + merged.stderr
    assert git("ls-files", "--unmerged").count("metrics.json") == 3
    assert (work_tree / "metrics.json").read_text() == dedent("""\
        {
        <<<<<<< ours
          "accuracy": 0.95,
        =======
          "accuracy": 0.97,
        >>>>>>> theirs: keep one side, then run again
          "loss": 0.2
        }
        """)


@pytest.mark.parametrize("style", ["diff3", "zdiff3"])
def test_the_style_of_conflicts_is_the_one_that_git_is_set_to(
    work_tree: Path, git_ended: GitEnded, commit: Commit, style: str
) -> None:
    version = git_ended("version").stdout.split()[2]
    if style == "zdiff3" and tuple(map(int, version.split(".")[:2])) < (2, 35):
        pytest.skip("this git has no such style")
    commit("mine", metrics__json='{\n  "accuracy": 0.95,\n  "loss": 0.3\n}\n')
    commit("theirs", metrics__json='{\n  "accuracy": 0.97,\n  "loss": 0.2\n}\n')

    git_ended("-c", f"merge.conflictStyle={style}", "merge", "mine")

    text = (work_tree / "metrics.json").read_text()
    assert '||||||| base\n  "accuracy": 0.9,\n=======\n' in text
    assert text.count("loss") == 1


def test_a_key_cannot_command_the_terminal(git_ended: GitEnded, commit: Commit) -> None:
    commit("mine", metrics__json='{"a\\u001b[2J": 1}\n')
    commit("theirs", metrics__json='{"a\\u001b[2J": 2}\n')

    said = git_ended("merge", "mine").stderr

    assert said == (
        "gitexp: metrics.json: both sides changed a\\x1b[2J; keep one, then run again\n"
    )


def test_the_sides_are_called_as_git_calls_them_from_2_45_on(
    work_tree: Path, git: Git, git_ended: GitEnded, commit: Commit
) -> None:
    driver = git("config", "merge.gitexp.driver").strip()
    git("config", "merge.gitexp.driver", driver.replace("%S %X %Y", "1a2b3c HEAD 'their topic'"))
    commit("mine", metrics__json='{"accuracy": 0.95}\n')
    commit("theirs", metrics__json='{"accuracy": 0.97}\n')

    git_ended("-c", "merge.conflictStyle=diff3", "merge", "mine")

    marks = (work_tree / "metrics.json").read_text().splitlines()[::2]
    assert marks[:2] == ["<<<<<<< HEAD", "||||||| 1a2b3c"]
    assert marks[-1] == ">>>>>>> their topic: keep one side, then run again"


def test_branches_that_were_merged_both_ways_merge_by_keys_again(
    work_tree: Path, git: Git, git_ended: GitEnded, commit: Commit
) -> None:
    text = '{{\n  "a": {},\n  "b": {},\n  "c": {}\n}}\n'.format
    commit("main", metrics__json=text(1, 1, 1))
    for branch, value in (("mine", 2), ("theirs", 3)):
        commit(branch, metrics__json=text(value, 1, 1))
        git("branch", f"early-{branch}")
    for branch, other in (("mine", "early-theirs"), ("theirs", "early-mine")):
        git("checkout", "--quiet", branch)
        git_ended("merge", other)
        commit(branch, metrics__json=text(2, 1, 1))
    commit("mine", metrics__json=text(2, 5, 1))
    commit("theirs", metrics__json=text(2, 1, 7))

    merged = git_ended("merge", "--no-edit", "mine")

    assert (merged.returncode, (work_tree / "metrics.json").read_text()) == (0, text(2, 5, 7))
    assert "both sides changed" not in merged.stdout + merged.stderr


def test_git_remembers_how_a_conflict_was_resolved(
    work_tree: Path, git: Git, git_ended: GitEnded, commit: Commit
) -> None:
    git("config", "rerere.enabled", "true")
    commit("mine", metrics__json='{"accuracy": 0.95}\n')
    commit("theirs", metrics__json='{"accuracy": 0.97}\n')
    git_ended("merge", "mine")
    (work_tree / "metrics.json").write_text('{"accuracy": 0.96}\n')
    git("commit", "--all", "--no-edit")
    git("reset", "--hard", "HEAD~1")

    ended = git_ended("merge", "mine")

    assert "using previous resolution" in ended.stdout + ended.stderr
    assert (work_tree / "metrics.json").read_text() == '{"accuracy": 0.96}\n'


def test_a_linked_work_tree_merges_in_the_same_way(
    tmp_path: Path, git: Git, git_ended: GitEnded, commit: Commit
) -> None:
    commit("mine", params__yaml=MINE)
    commit("theirs", params__yaml=THEIRS)
    linked = tmp_path / "linked"
    git("worktree", "add", "--quiet", linked, "mine")

    assert git_ended("merge", "--no-edit", "theirs", cwd=linked).returncode == 0
    assert (linked / "params.yaml").read_text() == BOTH


def test_what_cannot_be_read_is_merged_as_text(
    work_tree: Path, git: Git, git_ended: GitEnded, commit: Commit
) -> None:
    commit("mine", params__yaml="seed: [1\n")
    commit("theirs", params__yaml="seed: {2\n")
    git("checkout", "--quiet", "mine")

    merged = git_ended("merge", "theirs")

    text = (work_tree / "params.yaml").read_text()
    assert merged.returncode == 1
    assert "seed: [1" in text
    assert "seed: {2" in text
    assert "=======" in text


def test_what_is_not_even_text_keeps_all_three_versions(
    work_tree: Path, git: Git, git_ended: GitEnded, commit: Commit
) -> None:
    git("checkout", "--quiet", "-b", "mine")
    (work_tree / "params.yaml").write_bytes(b"\0\xff")
    git("commit", "--quiet", "--all", "-m", "binary")
    commit("theirs", params__yaml=THEIRS)

    assert git_ended("merge", "mine").returncode == 1
    assert git("ls-files", "--unmerged").count("params.yaml") == 3


def test_without_gitexp_git_does_what_it_always_did(
    work_tree: Path, git: Git, git_ended: GitEnded, commit: Commit, tmp_path: Path
) -> None:
    commit("mine", params__yaml=MINE)
    commit("theirs", params__yaml=THEIRS)
    commit("same", params__yaml=MINE.replace("lr: 0.2", "lr: 0.3"))
    settings = git("config", "--list", "--local")
    for key in ("diff.gitexp.textconv", "merge.gitexp.driver"):
        found = next(line for line in settings.splitlines() if line.startswith(f"{key}="))
        moved = found.partition("=")[2].replace(sys.executable, str(tmp_path / "gone" / "python"))
        git("config", key, moved.replace("gitexp git-driver", "gitexp-is-gone git-driver"))

    shown = git_ended("diff", "main", "mine")
    clean = git_ended("merge", "--no-edit", "main")
    conflict = git_ended("merge", "mine")

    assert "+  lr: 0.2   # found by hand" in shown.stdout
    assert (clean.returncode, conflict.returncode) == (0, 1)
    text = (work_tree / "params.yaml").read_text()
    assert "lr: 0.2" in text
    assert "lr: 0.3" in text


def test_an_interpreter_that_has_lost_gitexp_leaves_both_sides_in_the_file(
    work_tree: Path, git: Git, git_ended: GitEnded, commit: Commit, tmp_path: Path
) -> None:
    commit("mine", params__yaml=MINE)
    commit("same", params__yaml=MINE.replace("lr: 0.2", "lr: 0.3"))
    empty = tmp_path / "empty" / "python"
    empty.parent.mkdir()
    empty.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    empty.chmod(0o755)
    driver = git("config", "merge.gitexp.driver").replace(sys.executable, str(empty))
    git("config", "merge.gitexp.driver", driver.strip())

    merged = git_ended("merge", "mine")

    text = (work_tree / "params.yaml").read_text()
    assert (merged.returncode, "Traceback" in merged.stderr) == (1, False)
    assert text.count("lr: 0.2") == text.count("lr: 0.3") == text.count("=======") == 1


def test_no_module_of_the_repository_gets_in_between(work_tree: Path, git: Git) -> None:
    for name in ("json.py", "yaml.py", "gitexp.py"):
        (work_tree / name).write_text("raise SystemExit('hijacked')\n")
    (work_tree / "params.yaml").write_text(MINE)

    assert body(git("diff")) == ["-train.lr: 0.1", "+train.lr: 0.2"]


def test_unregistering_leaves_every_byte_as_it_was(work_tree: Path, git: Git) -> None:
    with Project.open(work_tree) as project:
        unregister(project)
    assert not (work_tree / ".gitattributes").exists()
    (work_tree / ".gitattributes").write_text("*.png binary\r\n# no end")
    before = (work_tree / ".gitattributes").read_bytes(), (work_tree / ".git/config").read_bytes()

    with Project.open(work_tree) as project:
        assert register(project)
        assert not register(project)
        assert git("check-attr", "merge", "params.yaml").endswith("merge: gitexp\n")
        assert unregister(project)
        assert not unregister(project)

    assert (
        (work_tree / ".gitattributes").read_bytes(),
        (work_tree / ".git/config").read_bytes(),
    ) == before


def test_projects_of_one_repository_are_unregistered_one_by_one(
    work_tree: Path, git_ended: GitEnded
) -> None:
    (work_tree / "other").mkdir()
    (work_tree / "other/gitexp.yaml").write_text("")
    for folder in (work_tree, work_tree / "other"):
        with Project.open(folder) as project:
            register(project)

    with Project.open(work_tree / "other") as project:
        assert unregister(project)
    assert git_ended("config", "merge.gitexp.driver").returncode == 0
    with Project.open(work_tree) as project:
        assert unregister(project)
    assert git_ended("config", "merge.gitexp.driver").returncode == 1


def test_who_has_chosen_the_merge_driver_of_dvc_keeps_it(work_tree: Path, git: Git) -> None:
    (work_tree / ".gitattributes").write_text("*.dvc merge=dvc\n")

    with Project.open(work_tree) as project:
        register(project)

    attributes = git("check-attr", "diff", "merge", "--", "model.pt.dvc")
    assert attributes == "model.pt.dvc: diff: gitexp\nmodel.pt.dvc: merge: dvc\n"


def test_a_moved_interpreter_is_written_anew(work_tree: Path, git: Git) -> None:
    git("config", "merge.gitexp.driver", "elsewhere")

    with Repository.open(work_tree) as repository:
        assert configure(repository)
        assert not configure(repository)

    assert sys.executable in git("config", "merge.gitexp.driver")
