from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.checking.signed import findings_of
from gitexp.model.record import Inputs
from gitexp.project import Project

from tests.signing import new_key, sign_with, trust
from tests.workshop import Git, GitEnded, Gitexp, NewRepository, dvc

_BARE = ("commit-tree", "-m", "another run of that name", "HEAD^{tree}")
POINTER = "outs:\n- md5: {}\n  size: 5\n  hash: md5\n  path: {}\n"


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for a repository with one run, which is made once for all."""
    return tmp_path_factory.mktemp("recorded") / "work"


@pytest.fixture
def with_run(
    work_tree: Path, recorded: Path, git: Git, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A repository with a run, 'otter', whose results are committed."""
    if not recorded.exists():
        gitexp("run", "-S", "rate=0.2", "-n", "otter")
        git("add", "--all")
        git("commit", "--quiet", "-m", "what otter made")
        shutil.copytree(work_tree, recorded, symlinks=True)
    monkeypatch.chdir(work_tree.parent)
    shutil.rmtree(work_tree)
    shutil.copytree(recorded, work_tree, symlinks=True)
    monkeypatch.chdir(work_tree)
    git("status")  # git looks at the new inodes
    return work_tree


@pytest.mark.usefixtures("with_run")
def test_what_a_run_made_is_sound(gitexp: Gitexp) -> None:
    whole = dedent("""\
        {}

        ok   files       1 params file and 1 metrics file can be read
        ok   freshness   metrics.json: the inputs are those of otter
        passed
    """)

    assert gitexp("check") == (0, whole.format("HEAD"), "")
    assert gitexp("check", "workspace") == (0, whole.format("workspace"), "")
    assert gitexp("check", "--staged") == (0, whole.format("staged"), "")
    assert gitexp("check", "otter") == (0, whole.format("otter"), "")


@pytest.mark.usefixtures("with_run")
def test_metrics_that_only_need_to_be_committed_are_not_to_be_made_again(
    git: Git, gitexp: Gitexp
) -> None:
    gitexp("run", "-S", "rate=0.4", "-n", "heron")
    git("commit", "--quiet", "-m", "params alone", "params.yaml")
    stale = "wrong   freshness   param rate changed after otter; {}\n"
    commit = stale.format("commit metrics.json: the work tree has that of heron")

    assert commit in gitexp("check").out
    assert commit in gitexp("check", "--staged").out
    git("add", "metrics.json")
    assert gitexp("check", "--staged").code == 0


def test_metrics_that_git_does_not_have_are_to_be_committed(
    with_run: Path, git: Git, gitexp: Gitexp
) -> None:
    git("rm", "--quiet", "--cached", "metrics.json")
    git("commit", "--quiet", "-m", "without metrics")
    commit = "note   freshness   commit metrics.json: the work tree has that of otter"
    add = "git ignores it until `git add --force metrics.json`\n"

    assert f"{commit}\n" in gitexp("check").out
    assert "git ignores" not in gitexp("check", "workspace").out
    append(with_run / ".gitignore", "metrics.json\n")
    assert f"{commit}; {add}" in gitexp("check", "--staged").out
    assert f"note   files       metrics.json: {add}" in gitexp("check", "workspace").out
    append(with_run / "train.py", "# more\n")
    git("commit", "--quiet", "-m", "other inputs", "train.py")
    assert "commit metrics.json" not in gitexp("check").out


def test_metrics_of_other_inputs_than_those_committed_have_to_be_made_again(
    with_run: Path, git: Git, gitexp: Gitexp
) -> None:
    (with_run / "params.yaml").write_text("rate: 0.3\nseed: 1\n")
    git("commit", "--quiet", "-m", "params alone", "params.yaml")
    gitexp("run", "-S", "rate=0.4", "-n", "heron")

    assert "param rate changed after otter; run again\n" in gitexp("check").out
    assert "metrics.json: the inputs are those of heron\n" in gitexp("check", "workspace").out


def test_inputs_that_changed_since_are_named(with_run: Path, git: Git, gitexp: Gitexp) -> None:
    append(with_run / "train.py", "# more\n")
    (with_run / "params.yaml").write_text("rate: 0.3\nseed: 2\n")
    stale = dedent("""\
        {}

        ok      files       1 params file and 1 metrics file can be read
        wrong   freshness   train.py and params rate, seed changed after otter; run again
        not passed: 1 of 2
    """)

    assert gitexp("check", "workspace") == (1, stale.format("workspace"), "")
    assert gitexp("check", "--staged")[0] == 0
    git("add", "--all")
    assert gitexp("check", "--staged") == (1, stale.format("staged"), "")
    assert gitexp("check")[0] == 0
    git("commit", "--quiet", "-m", "more")
    assert gitexp("check") == (1, stale.format("HEAD"), "")


def test_what_decides_nothing_makes_no_metrics_stale(
    with_run: Path, git: Git, gitexp: Gitexp
) -> None:
    append(with_run / "params.yaml", "# a remark\n")
    append(with_run / "gitexp.yaml", "not_inputs: [docs/]\n")
    (with_run / "docs").mkdir()
    (with_run / "docs" / "notes.md").write_text("notes\n")
    git("add", "--all")

    assert gitexp("check", "workspace")[0] == 0
    assert gitexp("check", "--staged")[0] == 0


def test_what_gitexp_hosts_hooks_and_editors_are_told_makes_no_metrics_stale(
    with_run: Path, git: Git, gitexp: Gitexp
) -> None:
    gitexp("init", "--ci", "gitlab")
    gitexp("hooks", "install")
    (with_run / ".pre-commit-config.yaml").write_text("repos: []\n")
    (with_run / ".editorconfig").write_text("root = true\n")
    for folder in (".vscode", ".idea", ".github"):
        (with_run / folder).mkdir(exist_ok=True)
        (with_run / folder / "settings").write_text("{}\n")
    git("add", "--all")
    git("commit", "--quiet", "--no-verify", "-m", "set up")
    assert {".gitattributes", ".gitlab-ci.yml"} <= set(git("ls-files").split())

    assert gitexp("check")[:2] == (
        0,
        dedent("""\
            HEAD

            ok   files       1 params file and 1 metrics file can be read
            ok   freshness   metrics.json: the inputs are those of otter
            passed
        """),
    )


def test_a_run_of_an_earlier_version_of_the_inputs_is_judged_by_today_s(
    work_tree: Path, git: Git, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first(oid: str, *, excluded: tuple[str, ...]) -> Inputs:
        """Return inputs as version 1 had them, of which .gitattributes was one."""
        return Inputs(oid, 1, tuple(path for path in excluded if path != ".gitattributes"))

    (work_tree / ".gitattributes").write_text("*.csv -text\n")
    git("add", "--all")
    with monkeypatch.context() as earlier:
        earlier.setattr("gitexp.revisions.inputs.Inputs", first)
        gitexp("run", "-n", "old")
    (work_tree / ".gitattributes").write_text("*.csv text\n")
    git("add", "--all")

    assert "Gitexp-Inputs: v1:" in git("log", "-1", "--format=%B", "experiments")
    assert "the inputs are those of old\n" in gitexp("check", "--staged")[1]
    append(work_tree / "train.py", "# more\n")
    assert "train.py changed after old" in gitexp("check", "workspace")[1]


def test_files_that_came_or_went_are_changes(with_run: Path, git: Git, gitexp: Gitexp) -> None:
    (with_run / "new.py").write_text("new = 1\n")
    git("add", "--all")

    assert (
        "wrong   freshness   new.py changed after otter; "
        "run again, or list under `not_inputs` what does not decide results\n"
        in gitexp("check", "--staged")[1]
    )

    git("rm", "--quiet", "-f", "new.py", "train.py")
    assert (
        "wrong   freshness   train.py changed after otter; run again\n"
        in gitexp("check", "workspace")[1]
    )


def test_metrics_that_nobody_made_are_of_no_run(with_run: Path, gitexp: Gitexp) -> None:
    (with_run / "metrics.json").write_text('{"accuracy": 0.999}\n')

    code, out, _ = gitexp("check", "workspace")

    assert code == 1
    assert (
        "wrong   freshness   metrics.json: no recorded run has these metrics; "
        "run again, or `gitexp push` where it ran and `gitexp pull` here\n"
    ) in out


def test_untracked_files_of_the_run_are_a_note(work_tree: Path, git: Git, gitexp: Gitexp) -> None:
    (work_tree / "scratch.py").write_text("x = 1\n")
    gitexp("run", "-n", "otter")
    git("add", "metrics.json")
    git("commit", "--quiet", "-m", "results")

    assert gitexp("check") == (
        0,
        dedent("""\
            HEAD

            ok     files       1 params file and 1 metrics file can be read
            ok     freshness   metrics.json: the inputs are those of otter
            note   freshness   otter also had scratch.py, which git does not have here
            passed
        """),
        "",
    )


@pytest.mark.usefixtures("with_run")
def test_a_branch_made_from_a_run_is_found_by_its_trailer(git: Git, gitexp: Gitexp) -> None:
    gitexp("run", "-S", "rate=0.4", "-n", "heron")
    git("checkout", "--quiet", "--", ".")
    gitexp("branch", "heron", "try")

    assert "metrics.json: the inputs are those of heron\n" in gitexp("check", "try")[1]


@pytest.mark.usefixtures("with_run")
def test_a_run_far_from_any_commit_is_found_by_its_numbers(git: Git, gitexp: Gitexp) -> None:
    git("checkout", "--quiet", "--orphan", "elsewhere")
    git("commit", "--quiet", "-m", "squashed")

    assert "metrics.json: the inputs are those of otter\n" in gitexp("check")[1]


def test_cells_of_notebooks_decide_and_their_outputs_do_not(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    def notebook(source: str, printed: str) -> str:
        cell = {"cell_type": "code", "source": [source], "outputs": [{"text": printed}]}
        return json.dumps({"cells": [cell], "nbformat": 4})

    (work_tree / "a.ipynb").write_text(notebook("1 + 1", ""))
    git("add", "--all")
    git("commit", "--quiet", "-m", "notebook")
    gitexp("run", "-n", "otter")
    (work_tree / "a.ipynb").write_text(notebook("1 + 1", "2"))

    assert gitexp("check", "workspace")[0] == 0

    (work_tree / "a.ipynb").write_text(notebook("1 + 2", "2"))
    assert (
        "wrong   freshness   a.ipynb changed after otter; run again\n"
        in gitexp("check", "workspace")[1]
    )


def test_in_a_hook_the_index_is_the_one_that_git_shows_it(
    with_run: Path, git: Git, git_ended: GitEnded
) -> None:
    hook = with_run / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -m gitexp check --staged\n")
    hook.chmod(0o755)
    append(with_run / "train.py", "# staged\n")
    git("add", "--all")
    (with_run / "notes.txt").write_text("")
    git("add", "notes.txt")
    append(with_run / "params.yaml", "more: 1\n")

    def commit(*args: str) -> str:
        told = git_ended("commit", "-m", "x", *args)
        return next(line for line in told.stderr.splitlines() if "freshness" in line)

    assert commit() == ("wrong   freshness   notes.txt and train.py changed after otter; run again")
    assert commit("params.yaml") == "wrong   freshness   param more changed after otter; run again"
    assert commit("-a") == (
        "wrong   freshness   notes.txt, train.py and param more changed after otter; run again"
    )


def test_of_several_runs_with_the_same_metrics_the_nearest_counts(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    for name, text in (("first", "# 1\n"), ("second", "# 2\n"), ("third", "# 3\n")):
        append(work_tree / "train.py", text)
        gitexp("run", "-n", name)
        git("add", "--all")
        git("commit", "--quiet", "-m", name)
    git("rm", "--quiet", "-f", ".gitignore")

    assert "the inputs are those of third\n" in gitexp("check", "HEAD")[1]
    assert "the inputs are those of second\n" in gitexp("check", "HEAD~1")[1]
    append(work_tree / "params.yaml", "new: 1\n")
    assert "param new changed after third; run again\n" in gitexp("check", "workspace")[1]


def test_what_a_removed_run_made_is_fresh_with_a_note(with_run: Path, gitexp: Gitexp) -> None:
    assert with_run.exists()
    run_id = json.loads(gitexp("show", "otter", "--json")[1])["id"]
    assert gitexp("rm", "otter")[0] == 0

    code, out, _ = gitexp("check")

    assert code == 0
    assert out.endswith(
        "ok     freshness   metrics.json: the inputs are those of otter\n"
        f"note   freshness   otter is removed; `gitexp restore {run_id}` brings it back\n"
        "passed\n"
    )


def test_among_many_runs_with_the_same_metrics_the_one_with_these_params_is_found(
    with_run: Path, gitexp: Gitexp
) -> None:
    (with_run / "train.py").write_text('open("metrics.json", "w").write("{\\"accuracy\\": 1.0}")\n')
    first = (with_run / "params.yaml").read_text()
    gitexp("run", "-n", "first")
    for number in range(13):
        gitexp("run", "-S", f"seed={number + 2}", "-n", f"other-{number}")
    (with_run / "params.yaml").write_text(first)

    assert (
        "ok     freshness   metrics.json: the inputs are those of first\n"
        in gitexp("check", "workspace")[1]
    )


def test_many_runs_of_one_metrics_file_do_not_hide_that_of_another(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    (work_tree / "gitexp.yaml").write_text("metrics: [a.json, b.json]\n")
    (work_tree / "make.py").write_text("import sys; open(sys.argv[1], 'w').write('{\"x\": 1.5}')\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "two")
    gitexp("run", "-n", "of-b", "--", "python", "make.py", "b.json")
    for number in range(13):
        gitexp("run", "-n", f"of-a-{number}", "--", "python", "make.py", "a.json")

    _, out, _ = gitexp("check", "workspace")

    assert "ok   freshness   a.json: the inputs are those of of-a-12\n" in out
    assert "ok   freshness   b.json: the inputs are those of of-b\n" in out


def test_metrics_of_one_name_in_two_files_are_found_by_their_numbers(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    (work_tree / "gitexp.yaml").write_text("command: python train.py\nmetrics: [a.json, b.json]\n")
    script = 'open("{0}.json", "w").write("{{\\"loss\\": 0.{1}25}}")\n'
    (work_tree / "train.py").write_text(script.format("a", 1) + script.format("b", 2))
    git("commit", "--quiet", "-am", "two")
    gitexp("run", "-n", "otter")
    git("checkout", "--quiet", "--orphan", "elsewhere")
    git("add", "--all")
    git("commit", "--quiet", "-m", "all")

    assert "ok   freshness   a.json, b.json: the inputs are those of otter\n" in gitexp("check")[1]


def test_metrics_too_large_for_a_record_are_looked_for_in_the_trees_of_runs(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    (work_tree / "train.py").write_text(
        'open("metrics.json", "w").write("{\\"a\\": 1" + " " * 1_000_000 + "}")\n'
    )
    gitexp("run", "-n", "otter")
    git("checkout", "--quiet", "--orphan", "elsewhere")
    git("add", "--all")
    git("commit", "--quiet", "-m", "large")
    assert "metrics.json: the inputs are those of otter\n" in gitexp("check")[1]

    append(work_tree / "metrics.json", "\n")  # what nobody can look up must not be believed
    git("add", "--all")

    assert "metrics.json: no recorded run has these metrics" in gitexp("check", "--staged")[1]


def test_deleted_code_is_no_scratch_file_where_the_baseline_is_gone(
    work_tree: Path, tmp_path: Path, git: Git, gitexp: Gitexp
) -> None:
    (work_tree / "features.py").write_text("x = 1\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "features")
    (work_tree / "scratch.py").write_text("x = 1\n")
    gitexp("run", "-n", "otter")
    git("commit", "--quiet", "--amend", "-m", "another id")
    git("add", "metrics.json")
    git("rm", "--quiet", "features.py")
    git("commit", "--quiet", "-m", "results, without features")
    for name, depth in (("whole", ()), ("cut", ("--depth=1", "--no-single-branch"))):
        git("clone", "--quiet", *depth, f"file://{work_tree}", tmp_path / name)
    changed = "wrong   freshness   {} changed after otter; run again\n"

    assert changed.format("features.py") in gitexp("check")[1]
    assert changed.format("features.py") in gitexp("-C", tmp_path / "whole", "check")[1]
    assert (
        changed.format("features.py and scratch.py") in gitexp("-C", tmp_path / "cut", "check")[1]
    )


def test_a_fresh_clone_has_the_runs_of_its_remote(
    with_run: Path, tmp_path: Path, git: Git, gitexp: Gitexp
) -> None:
    git("clone", "--quiet", with_run, tmp_path / "fresh")
    place = tmp_path / "fresh"

    code, out, err = gitexp("-C", place, "check")

    assert (code, err) == (0, "")
    assert "ok   freshness   metrics.json: the inputs are those of otter\n" in out
    assert "HEAD" not in gitexp("-C", place, "check", "otter")[1]
    assert git("branch", "--list", "experiments", cwd=place) == ""


def test_where_runs_may_be_had_from_is_told(work_tree: Path, git: Git, gitexp: Gitexp) -> None:
    assert gitexp("check")[2] == ""
    git("remote", "add", "origin", work_tree)

    assert gitexp("check")[::2] == (
        0,
        "hint: `gitexp pull` gets the runs of 'origin', if it has any.\n",
    )
    gitexp("run")
    assert gitexp("check")[2] == ""


def test_settings_in_conflict_do_not_stop_commands_that_read(
    with_run: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    git("checkout", "--quiet", "-b", "side")
    for branch, rule in (("side", "min: 0.1"), ("main", "min: 0.2")):
        git("checkout", "--quiet", branch)
        (with_run / "gitexp.yaml").write_text(f"policy: {{accuracy: {{{rule}}}}}\n")
        git("commit", "--quiet", "-am", branch)
    git_ended("merge", "--quiet", "side")
    note = "note: gitexp.yaml is in conflict, so the settings are those of HEAD\n"

    code, out, err = gitexp("check")
    assert (code, err) == (0, note)
    assert "accuracy is 1.0, at least 0.2\n" in out
    code, out, err = gitexp("check", "workspace")
    assert (code, err) == (1, note)
    assert "wrong   conflicts   'gitexp.yaml' has conflict markers in line 1\n" in out
    code, out, err = gitexp("ls")
    assert (code, err) == (0, note)
    assert "otter" in out
    code, out, err = gitexp("diff", "otter", "HEAD")
    assert (code, err) == (0, note)
    code, _, err = gitexp("run")
    assert code == 125
    assert err == (
        "error: 'gitexp.yaml' has conflict markers in line 1\n"
        "hint: Resolve the conflict, then try again.\n"
    )


def test_inputs_are_what_the_settings_of_the_revision_say(
    with_run: Path, git: Git, gitexp: Gitexp
) -> None:
    (with_run / "docs").mkdir()
    (with_run / "docs" / "notes.md").write_text("notes\n")
    append(with_run / "gitexp.yaml", "not_inputs: [docs/]\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "notes")
    git("rm", "--quiet", "gitexp.yaml")

    assert gitexp("check")[0] == 0
    assert "docs/notes.md changed" in gitexp("check", "--staged")[1]


def test_params_that_neither_side_can_read_make_metrics_stale_where_they_differ(
    with_run: Path, git: Git, gitexp: Gitexp
) -> None:
    append(with_run / "gitexp.yaml", "params: [params.yaml, other.yaml]\n")
    (with_run / "other.yaml").write_text("a: 1\n")
    gitexp("run", "-n", "second")
    (with_run / "other.yaml").write_text("- 2\n")
    git("add", "--all")

    assert "unknown until other.yaml can be read" in gitexp("check", "--staged")[1]
    git("commit", "--quiet", "-m", "other")
    assert "other.yaml changed after second" in gitexp("check")[1]

    (with_run / "other.yaml").write_text("{}\n")
    gitexp("run", "-n", "third")
    (with_run / "other.yaml").write_text("- 2\n")

    assert "other.yaml changed after third" in gitexp("check")[1]


def test_each_metrics_file_may_be_of_another_run(work_tree: Path, git: Git, gitexp: Gitexp) -> None:
    append(work_tree / "gitexp.yaml", "metrics: [metrics.json, eval.json]\n")
    (work_tree / "eval.py").write_text("open('eval.json', 'w').write('{\"f1\": 0.5}')\n")
    git("add", "--all")
    gitexp("run", "-n", "training")
    append(work_tree / "train.py", "# later\n")
    gitexp("run", "-n", "evaluation", "--", "python", "eval.py")
    git("add", "--all")

    assert gitexp("check", "--staged") == (
        1,
        dedent("""\
            staged

            ok      files       1 params file and 2 metrics files can be read
            wrong   freshness   train.py changed after training; run again
            ok      freshness   eval.json: the inputs are those of evaluation
            not passed: 1 of 3
        """),
        "",
    )


def test_params_that_cannot_be_read_are_told_once_and_make_what_is_committed_stale(
    with_run: Path, git: Git, gitexp: Gitexp
) -> None:
    (with_run / "params.yaml").write_text("a: [\n")

    code, out, _ = gitexp("check", "workspace")

    assert code == 1
    assert out.count("'params.yaml' is not valid YAML") == 1
    assert "note    freshness   metrics.json: unknown until params.yaml can be read\n" in out
    git("commit", "--quiet", "-am", "broken")
    assert "wrong   freshness   params.yaml changed after otter; run again\n" in gitexp("check")[1]


def test_the_policy_is_held_against_the_revision(with_run: Path, gitexp: Gitexp) -> None:
    (with_run / "gitexp.yaml").write_text(
        "policy:\n  accuracy: {goal: max, min: 1.5}\n  loss: {max: 1}\n  f1: {required: true}\n"
    )

    assert gitexp("check", "workspace") == (
        1,
        dedent("""\
            workspace

            ok      files       1 params file and 1 metrics file can be read
            wrong   policy      accuracy is 1.0, less than the 1.5 demanded
            ok      policy      loss is 0.3, at most 1
            wrong   policy      f1 is missing
            ok      freshness   metrics.json: the inputs are those of otter
            not passed: 2 of 5
        """),
        "",
    )


def test_every_file_that_cannot_be_read_is_named(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "params.yaml").write_text("a: [\n")
    (work_tree / "metrics.json").write_text("{")
    (work_tree / "x.pt.dvc").write_text("outs: [{md5: 1, size: many, path: x}]\n")

    yaml_error = "line 2, column 1: did not find expected node content"
    json_error = "line 1, column 2: expecting property name enclosed in double quotes"
    assert gitexp("check", "workspace") == (
        1,
        dedent(f"""\
            workspace

            wrong   files   'params.yaml' is not valid YAML ({yaml_error})
            wrong   files   'metrics.json' is not valid JSON ({json_error})
            wrong   files   'x.pt.dvc' is not what DVC writes
            not passed: 3 of 3
        """),
        "",
    )


def test_conflict_markers_are_named_with_their_line(
    work_tree: Path, git: Git, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    git("checkout", "--quiet", "-b", "side")
    (work_tree / "params.yaml").write_text("rate: 0.2\nseed: 1\n")
    git("commit", "--quiet", "-am", "side")
    git("checkout", "--quiet", "main")
    (work_tree / "params.yaml").write_text("rate: 0.3\nseed: 1\n")
    git("commit", "--quiet", "-am", "main")
    git_ended("merge", "--quiet", "side")

    assert gitexp("check", "workspace") == (
        1,
        dedent("""\
            workspace

            wrong   conflicts   'params.yaml' has conflict markers in line 1
            note    policy      there are no metrics, so nothing was checked
            not passed: 1 of 2
        """),
        "",
    )
    assert (
        "wrong   conflicts   'params.yaml' has unresolved conflicts\n"
        in gitexp("check", "--staged")[1]
    )


def test_broken_settings_are_all_that_is_said(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "gitexp.yaml").write_text("policy: {loss: {gaol: min}}\n")

    assert gitexp("check", "workspace") == (
        1,
        dedent("""\
            workspace

            wrong   files   gitexp.yaml, line 1: unknown setting 'policy.loss.gaol'. {}
            not passed: 1 of 1
        """).format("Did you mean 'goal'?"),
        "",
    )


@pytest.mark.usefixtures("work_tree")
def test_without_any_run_nothing_is_said_of_freshness_but_that(gitexp: Gitexp) -> None:
    Path("metrics.json").write_text('{"loss": 1}')

    assert gitexp("check") == (
        0,
        dedent("""\
            HEAD

            ok     files    1 params file can be read
            note   policy   there are no metrics, so nothing was checked
            passed
        """),
        "",
    )
    Path("metrics.json").write_text('{"loss": 1, "test": {"acuracy": 1}}')
    assert gitexp("check", "workspace") == (
        0,
        dedent("""\
            workspace

            ok     files       1 params file and 1 metrics file can be read
            note   policy      no metric is called 'accuracy'; did you mean 'test.acuracy'?
            note   freshness   no run is recorded here, so nothing says which run made the metrics
            passed
        """),
        "",
    )


def test_two_files_may_have_other_limits_for_one_metric(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "gitexp.yaml").write_text(
        dedent("""\
            metrics: [metrics.json, out/train.json]
            policy:
              "metrics.json:accuracy": {goal: max, min: 0.95, required: true}
              accuracy: {min: 0.99}
              "out/test.json:accuracy": {min: 0.9}
        """)
    )
    (work_tree / "metrics.json").write_text('{"accuracy": 0.9}')
    (work_tree / "out").mkdir()
    (work_tree / "out/train.json").write_text('{"accuracy": 0.99}')

    code, out, _ = gitexp("check", "workspace")

    assert code == 1
    assert [line.split("policy")[1].strip() for line in out.splitlines() if "policy" in line] == [
        "accuracy in metrics.json is there",
        "accuracy in metrics.json is 0.9, less than the 0.95 demanded",
        "accuracy in out/train.json is 0.99, at least 0.99",
        "no metric is called 'out/test.json:accuracy'; did you mean 'out/train.json:accuracy'?",
    ]


def test_without_any_metrics_that_is_said(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "gitexp.yaml").write_text("")

    assert "1 params file can be read; there are no metrics\n" in gitexp("check", "workspace")[1]


def test_what_an_unreadable_file_may_hold_is_not_missing(with_run: Path, gitexp: Gitexp) -> None:
    (with_run / "gitexp.yaml").write_text("policy: {accuracy: {required: true, goal: max}}\n")
    (with_run / "metrics.json").write_text("{")

    assert gitexp("check", "workspace")[1].splitlines()[2:] == [
        (
            "wrong   files   'metrics.json' is not valid JSON "
            "(line 1, column 2: expecting property name enclosed in double quotes)"
        ),
        "not passed: 1 of 1",
    ]


def test_a_repository_with_nothing_in_it(new_repository: NewRepository, gitexp: Gitexp) -> None:
    top = new_repository("empty")

    assert gitexp("-C", top, "check") == (
        2,
        "",
        "error: there is no commit yet\nhint: `gitexp check workspace` checks the work tree.\n",
    )
    assert gitexp("-C", top, "check", "workspace") == (
        0,
        "workspace\n\nok   files   no params, metrics or pointers are here\npassed\n",
        "",
    )


@pytest.mark.usefixtures("work_tree")
def test_mistakes(gitexp: Gitexp) -> None:
    assert gitexp("check", "nope") == (
        2,
        "",
        "error: no run or rev 'nope'\nhint: `gitexp ls` lists all runs.\n",
    )
    assert gitexp("check", "HEAD", "--staged") == (
        2,
        "",
        "error: both a rev and `--staged`\nhint: Leave one of them out.\n",
    )


@pytest.mark.usefixtures("with_run")
def test_the_other_formats(gitexp: Gitexp) -> None:
    data = json.loads(gitexp("check", "--json")[1])

    assert data == {
        "rev": "HEAD",
        "passed": True,
        "findings": [
            {
                "check": "files",
                "mark": "ok",
                "subject": None,
                "words": "1 params file and 1 metrics file can be read",
            },
            {
                "check": "freshness",
                "mark": "ok",
                "subject": "metrics.json",
                "words": "metrics.json: the inputs are those of otter",
            },
        ],
    }
    assert gitexp("check", "--csv")[1] == dedent("""\
        rev,check,mark,subject,words
        HEAD,files,ok,,1 params file and 1 metrics file can be read
        HEAD,freshness,ok,metrics.json,metrics.json: the inputs are those of otter
    """)
    assert gitexp("check", "--md")[1] == dedent("""\
        ### HEAD

        | mark | check | finding |
        | --- | --- | --- |
        | ok | files | 1 params file and 1 metrics file can be read |
        | ok | freshness | metrics.json: the inputs are those of otter |

        passed
    """)


def test_a_project_in_a_subfolder_is_checked_by_itself(
    work_tree: Path, git: Git, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = work_tree / "sub"
    folder.mkdir()
    for name in ("train.py", "params.yaml", "gitexp.yaml"):
        shutil.copy(work_tree / name, folder / name)
    git("add", "--all")
    git("commit", "--quiet", "-m", "sub")
    monkeypatch.chdir(folder)
    gitexp("run", "-n", "inner")
    git("add", "--all")
    git("commit", "--quiet", "-m", "results")
    append(work_tree / "train.py", "# not of this project\n")

    assert gitexp("check", "workspace") == (
        0,
        dedent("""\
            workspace

            ok   files       1 params file and 1 metrics file can be read
            ok   freshness   metrics.json: the inputs are those of inner
            passed
        """),
        "",
    )
    append(folder / "train.py", "# but this is\n")
    assert "train.py changed after inner; run again\n" in gitexp("check", "workspace")[1]


def test_params_and_metrics_of_a_pipeline_count(work_tree: Path, git: Git, gitexp: Gitexp) -> None:
    (work_tree / "dvc.yaml").write_text(
        "stages:\n  eval:\n    cmd: 'true'\n    params: [conf.json: [a]]\n"
        "    metrics: [scores.json: {cache: false}]\n"
    )
    (work_tree / "conf.json").write_text('{"a": 1}')
    (work_tree / "scores.json").write_text('{"f1": 0.5}')
    append(work_tree / "gitexp.yaml", "  f1: {min: 0.6}\n")
    git("add", "--all")

    assert gitexp("check", "--staged") == (
        1,
        dedent("""\
            staged

            ok      files       2 params files and 1 metrics file can be read
            wrong   policy      f1 is 0.5, less than the 0.6 demanded
            note    policy      no metric is called 'accuracy'
            note    policy      no metric is called 'loss'
            note    freshness   no run is recorded here, so nothing says which run made the metrics
            not passed: 1 of 5
        """),
        "",
    )


@pytest.fixture
def with_data(store: Path, git: Git, gitexp: Gitexp) -> Path:
    """A repository with a file and a folder behind pointers, and a DVC remote that has neither."""
    assert not store.exists()
    Path("data").mkdir()
    Path("data/a.csv").write_text("1,2\n")
    Path("data/b.csv").write_text("3,4\n")
    Path("m.pt").write_text("model")
    for name in ("data", "m.pt"):
        assert gitexp("track", name)[0] == 0
    git("add", "--all")
    git("commit", "--quiet", "-m", "data")
    return store


def lines(told: tuple[int, str, str]) -> list[str]:
    """Return what is said of data, as if no other line were wider."""
    found = (re.sub(" {2,}", "   ", line) for line in told[1].splitlines())
    return [line for line in found if "   data   " in line]


@pytest.mark.usefixtures("with_data")
def test_data_is_looked_for_in_the_cache_and_on_request_on_the_remote(
    work_tree: Path, gitexp: Gitexp
) -> None:
    assert lines(gitexp("check")) == ["ok   data   the data of data, m.pt is in the DVC cache"]

    shutil.rmtree(work_tree / ".dvc" / "cache")
    assert lines(gitexp("check")) == [
        "note   data   the data of data, m.pt is not in the DVC cache; `--remote` asks the remote"
    ]
    assert lines(gitexp("check", "--remote")) == [
        "wrong   data   the data of data is neither in the DVC cache nor on a DVC remote",
        "wrong   data   the data of m.pt is neither in the DVC cache nor on a DVC remote",
    ]


@pytest.mark.usefixtures("with_data")
def test_a_remote_that_has_the_data_is_as_good_as_the_cache(
    work_tree: Path, gitexp: Gitexp
) -> None:
    dvc("push", "--quiet")
    cache = work_tree / ".dvc" / "cache"
    shutil.rmtree(cache)

    assert gitexp("check", "--remote")[0] == 0
    assert lines(gitexp("check", "--remote")) == [
        "ok   data   the data of data, m.pt is on a DVC remote"
    ]


def test_a_folder_of_which_the_remote_lacks_a_file_is_not_there(
    with_data: Path, work_tree: Path, gitexp: Gitexp
) -> None:
    dvc("push", "--quiet")
    [list_here] = (work_tree / ".dvc" / "cache").rglob("*.dir")
    for place in (work_tree / ".dvc" / "cache", with_data):
        for file in place.rglob("*"):
            if file.is_file() and file.read_text() == "3,4\n":
                file.unlink()
    assert list_here.exists()

    assert lines(gitexp("check", "--remote")) == [
        "ok   data   the data of m.pt is in the DVC cache",
        "wrong   data   the data of data is neither in the DVC cache nor on a DVC remote",
    ]


def test_a_remote_that_cannot_be_asked_is_no_answer(
    with_data: Path, work_tree: Path, gitexp: Gitexp
) -> None:
    assert not with_data.exists()
    shutil.rmtree(work_tree / ".dvc" / "cache")
    (work_tree / ".dvc" / "config").write_text("")

    assert lines(gitexp("check", "--remote")) == [
        (
            "wrong   data   "
            "the data of data, m.pt is not in the DVC cache, and no DVC remote is set up"
        )
    ]


def test_a_pointer_without_dvc_is_a_note(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "x.csv.dvc").write_text(POINTER.format("a" * 32, "x.csv"))

    assert lines(gitexp("check", "workspace")) == [
        "note   data   the data of x.csv is not in the DVC cache; `--remote` asks the remote"
    ]


def test_each_pointer_is_looked_for_in_the_dvc_project_around_it(
    new_repository: NewRepository, gitexp: Gitexp
) -> None:
    top = new_repository("mono", {"a/gitexp.yaml": "", "b/gitexp.yaml": ""})
    for name in ("a", "b"):
        gitexp("-C", top / name, "init")
        (top / name / "x.csv").write_text(name)
        assert gitexp("-C", top / name, "track", "x.csv")[0] == 0

    assert lines(gitexp("-C", top, "check", "workspace")) == [
        "ok   data   the data of a/x.csv, b/x.csv is in the DVC cache"
    ]


def test_data_that_changed_makes_metrics_stale(with_data: Path, git: Git, gitexp: Gitexp) -> None:
    assert not with_data.exists()
    gitexp("run", "-n", "otter")
    Path("data/a.csv").write_text("9,9\n")
    gitexp("track", "data")
    git("add", "--all")

    assert (
        "wrong   freshness   data changed after otter; run again\n"
        in gitexp("check", "--staged")[1]
    )


def test_a_pointer_that_cannot_be_read_yet_is_not_called_changed(
    with_data: Path, gitexp: Gitexp
) -> None:
    assert not with_data.exists()
    gitexp("run", "-n", "otter")
    pointer = Path("data.dvc").read_text()
    Path("data.dvc").write_text(f"<<<<<<< ours\n{pointer}=======\n{pointer}>>>>>>> theirs\n")

    _, out, _ = gitexp("check", "workspace")

    assert "wrong   conflicts   'data.dvc' has conflict markers in line 1\n" in out
    assert "note    freshness   metrics.json: unknown until data.dvc can be read\n" in out
    assert "changed" not in out


def test_data_that_changed_behind_its_pointer_makes_the_work_tree_stale(
    with_data: Path, gitexp: Gitexp
) -> None:
    assert not with_data.exists()
    gitexp("run", "-n", "otter")
    Path("m.pt").write_text("another model")
    assert "the inputs are those of otter\n" in gitexp("check", "workspace")[1]

    Path("data/a.csv").unlink()
    Path("data/a.csv").write_text("9,9\n")

    assert (
        "wrong   freshness   data changed after otter; run again\n"
        in gitexp("check", "workspace")[1]
    )
    assert "wrong" not in gitexp("check")[1]


def test_a_submodule_with_changes_of_its_own_makes_the_work_tree_stale(
    work_tree: Path, tmp_path: Path, git: Git, gitexp: Gitexp
) -> None:
    library = tmp_path / "library"
    git("init", "--quiet", library)
    (library / "layers.py").write_text("x = 1\n")
    git("add", "--all", cwd=library)
    git("commit", "--quiet", "-m", "layers", cwd=library)
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library, "library")
    git("commit", "--quiet", "-m", "a library")
    gitexp("run", "-n", "otter")
    assert "the inputs are those of otter\n" in gitexp("check", "workspace")[1]

    (work_tree / "library" / "layers.py").write_text("x = 2\n")

    assert "library changed after otter; run again\n" in gitexp("check", "workspace")[1]
    git("commit", "--quiet", "-am", "more", cwd=work_tree / "library")
    assert "library changed after otter; run again\n" in gitexp("check", "workspace")[1]


def test_line_ends_that_git_leaves_alone_are_no_change(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    (work_tree / "windows.txt").write_bytes(b"a\r\nb\r\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "from Windows")
    gitexp("run", "-n", "otter")
    git("config", "core.autocrlf", "true")
    os.utime(work_tree / "windows.txt", (1, 1))

    assert "the inputs are those of otter\n" in gitexp("check", "workspace")[1]


def test_another_model_than_the_one_that_the_run_wrote_is_noted(
    with_data: Path, work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    assert not with_data.exists()
    append(work_tree / "train.py", 'open("m.pt", "w").write("trained")\n')
    gitexp("run", "-n", "otter")
    git("add", "--all")
    assert "otter wrote" not in gitexp("check", "--staged")[1]

    (work_tree / "m.pt").unlink()
    (work_tree / "m.pt").write_text("another")
    gitexp("track", "m.pt")
    git("add", "--all")

    code, out, _ = gitexp("check", "--staged")
    assert code == 0
    assert "note   freshness   m.pt is not what otter wrote\n" in out


def test_a_pointer_that_is_only_written_otherwise_is_the_same_data(
    with_data: Path, work_tree: Path, gitexp: Gitexp
) -> None:
    assert not with_data.exists()
    gitexp("run", "-n", "otter")
    append(work_tree / "data.dvc", "# a remark\n")

    assert "the inputs are those of otter\n" in gitexp("check", "workspace")[1]


@pytest.mark.usefixtures("with_run")
def test_a_check_imports_nothing_of_dvc() -> None:
    script = (
        "import sys; from gitexp.cli.main import main; main(['check'])\n"
        "print([m for m in ('dvc', 'git', 'hydra', 'rich', 'scipy') if m in sys.modules])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.endswith("passed\n[]\n")


def test_runs_that_have_to_be_signed_are_a_finding_until_they_are(
    with_run: Path, tmp_path: Path, git: Git, gitexp: Gitexp
) -> None:
    append(with_run / "gitexp.yaml", "review: {signatures: required}\n")
    sign_with(with_run, new_key(tmp_path))
    git("config", "tag.gpgSign", "false")
    git("tag", "-m", "by hand", "digits@v1.0.0", "experiments")

    bare = gitexp("check", "workspace")
    git("tag", "-s", "-m", "signed later", "signed-otter", "experiments")
    unknown = gitexp("check", "workspace")
    trust(with_run, tmp_path / "signers", tmp_path / "ada")
    good = gitexp("check", "workspace")
    bare_oid, oid = (git(*words).strip() for words in (_BARE, ("rev-parse", "experiments")))
    with Project.open(with_run) as project:
        both = list(findings_of(project, [("otter", bare_oid), ("otter", oid)]))
    git("update-ref", "-d", "refs/heads/experiments")
    without = gitexp("check", "workspace")

    assert bare.code == unknown.code == without.code == 1
    lines = ("wrong   signatures   otter is not signed", "digits v1.0.0 is not signed")
    assert all(line in bare.out for line in lines)
    assert all(line in unknown.out for line in lines)
    assert good.out == dedent("""\
        workspace

        ok   files        1 params file and 1 metrics file can be read
        ok   freshness    metrics.json: the inputs are those of otter
        ok   signatures   otter: the signature is good, by the tag 'signed-otter'
        ok   signatures   digits v1.0.0: the signature is good, by the tag 'signed-otter'
        passed
    """)
    assert [(one.mark, one.subject) for one in both] == [("wrong", bare_oid), ("ok", oid)]
    assert "wrong   signatures   no run is recorded here, so none is signed" in without.out
