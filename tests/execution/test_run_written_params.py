"""Params files that the command writes itself are outputs: their values are those of the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.data.dvc_project import initialise

from tests.execution.workshop import Eventually, Runs, Sh, StartGitexp, TheRun
from tests.workshop import Git, Gitexp

SAVES = "echo 'lr: {lr}' > args.yaml; echo '{{\"loss\": {lr}}}' > metrics.json"
"""What a script does that saves its arguments."""


@pytest.fixture
def project_files() -> dict[str, str]:
    """A project that names a params file which only runs write."""
    return {"params.yaml": "rate: 0.1\n", "gitexp.yaml": "params: [params.yaml, args.yaml]\n"}


@pytest.mark.parametrize("kept", ["untracked", "ignored", "declared and tracked"])
def test_what_a_command_saves_of_its_params_is_of_this_run(
    work_tree: Path, sh: Sh, the_run: TheRun, git: Git, gitexp: Gitexp, kept: str
) -> None:
    if kept == "ignored":
        (work_tree / ".gitignore").write_text("args.yaml\n")
    sh(SAVES.format(lr=0.1))
    first = the_run()
    if kept == "declared and tracked":
        with (work_tree / "gitexp.yaml").open("a") as settings:
            settings.write("outputs: [args.yaml]\n")
        git("add", "--all")
        git("commit", "--quiet", "-m", "more")

    sh(SAVES.format(lr=0.2))

    run = the_run()
    assert first.record.params["args.yaml"] == {"lr": 0.1}
    assert run.record.params["args.yaml"] == {"lr": 0.2}
    assert run.record.params["params.yaml"] == {"rate": 0.1}
    assert run.text("args.yaml") == "lr: 0.2\n"
    assert "args.yaml" in run.record.outputs
    assert run.record.inputs.oid == first.record.inputs.oid
    assert run.record.changed_meanwhile == ()
    assert "stale" not in gitexp("check").out


@pytest.mark.parametrize("command", ["exit 3", "true"])
def test_params_that_another_run_saved_are_not_of_this_run(
    work_tree: Path, sh: Sh, the_run: TheRun, command: str
) -> None:
    sh(SAVES.format(lr=0.1))

    result = sh(command)

    assert "args.yaml" not in the_run().record.params
    assert "note: the run has no params from 'args.yaml'" in result.err
    assert (work_tree / "args.yaml").read_text() == "lr: 0.1\n"


def test_a_tracked_file_that_somebody_edits_meanwhile_counts_as_at_the_start(
    sh: Sh, the_run: TheRun
) -> None:
    result = sh("echo 'rate: 9' > params.yaml")

    assert the_run().record.params == {"params.yaml": {"rate": 0.1}}
    assert the_run().record.changed_meanwhile == ("params.yaml",)
    assert "'params.yaml' changed while the command ran" in result.err


def test_a_file_of_a_run_that_a_person_has_added_to_git_is_theirs(
    sh: Sh, the_run: TheRun, git: Git
) -> None:
    sh(SAVES.format(lr=0.1))
    git("add", "args.yaml")

    result = sh("true", "-S", "lr=0.7")

    assert result.code == 0
    assert the_run().record.params["args.yaml"] == {"lr": 0.7}


@pytest.mark.parametrize("override", ["lr=0.7", "args.yaml:lr=0.7", "args.yaml:+depth=3"])
def test_a_value_that_the_command_would_overwrite_cannot_be_set(
    work_tree: Path, sh: Sh, runs: Runs, override: str
) -> None:
    sh(SAVES.format(lr=0.1))

    result = sh("true", "-S", override)
    other = sh("true", "-S", "rate=0.7")

    assert result.code == 125
    assert "cannot be set in 'args.yaml', because that is an output: a run writes it" in result.err
    assert (work_tree / "args.yaml").read_text() == "lr: 0.1\n"
    assert other.code == 0
    assert len(runs()) == 2
    assert runs()[0].record.params["params.yaml"] == {"rate": 0.7}


def test_a_broken_file_that_a_run_left_stops_nobody(sh: Sh, the_run: TheRun) -> None:
    broken = sh("echo 'lr: [' > args.yaml")
    result = sh(SAVES.format(lr=0.2))

    assert (broken.code, result.code) == (0, 0)
    assert "warning: no params from 'args.yaml'" in broken.err
    assert the_run().record.params["args.yaml"] == {"lr": 0.2}


def test_params_of_a_command_that_was_cut_off_are_those_that_it_wrote(
    work_tree: Path,
    sh: Sh,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    gitexp: Gitexp,
    runs: Runs,
    the_run: TheRun,
) -> None:
    sh(SAVES.format(lr=0.1))
    line = f"{SAVES.format(lr=0.2)}; kill -9 $PPID"
    start_gitexp("run", "--", "sh", "-c", line, cwd=work_tree).wait()

    eventually(lambda: [gitexp("ls"), *runs()][2:])

    assert the_run().record.exit.reason == "lost"
    assert the_run().record.params["args.yaml"] == {"lr": 0.2}


def test_a_dvc_yaml_that_the_command_writes_names_its_params_and_metrics(
    sh: Sh, the_run: TheRun
) -> None:
    line = (
        "mkdir -p {name}; echo 'lr: {lr}' > {name}/params.yaml; echo '{{\"acc\": {lr}}}' > "
        "{name}/metrics.json; printf 'params:\\n- {name}/params.yaml\\nmetrics:\\n"
        "- {name}/metrics.json\\n' > dvc.yaml"
    )
    for name, lr in (("live", 0.1), ("live", 0.2), ("other", 0.3)):
        result = sh(line.format(name=name, lr=lr))

        record = the_run().record
        assert result.code == 0
        assert record.metrics == {f"{name}/metrics.json": {"acc": lr}}
        assert record.params[f"{name}/params.yaml"] == {"lr": lr}
    assert "live/params.yaml" not in the_run().record.params


def test_params_that_a_dvc_yaml_names_which_the_command_writes_are_those_of_the_start(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "p.yaml").write_text("lr: 1\n")

    sh("printf 'params:\\n- p.yaml\\n- none.yaml\\n' > dvc.yaml")

    assert the_run().record.params["p.yaml"] == {"lr": 1}


def test_a_stage_that_writes_a_params_file_gives_its_values(
    work_tree: Path, gitexp: Gitexp, git: Git, the_run: TheRun
) -> None:
    initialise(work_tree)
    (work_tree / "dvc.yaml").write_text(
        "stages:\n  choose:\n    cmd: cp params.yaml args.yaml\n    deps: [params.yaml]\n"
        "    outs: [args.yaml: {cache: false}]\n"
    )
    git("add", "--all")
    git("commit", "--quiet", "-m", "pipeline")

    for rate in (0.5, 0.6, 0.6):
        gitexp("run", "-S", f"params.yaml:rate={rate}")

        assert the_run().record.params["args.yaml"] == {"rate": rate}
    assert "Running stage" not in the_run().text(".gitexp/output.log")


def test_a_params_file_that_git_ignores_is_recorded_with_a_note(
    work_tree: Path, sh: Sh, the_run: TheRun, git: Git
) -> None:
    (work_tree / "gitexp.yaml").unlink()
    (work_tree / ".gitignore").write_text("params.yaml\n")
    git("rm", "--quiet", "--cached", "params.yaml")

    unasked = sh("true").err
    (work_tree / "gitexp.yaml").write_text("params: [params.yaml]\n")
    asked = sh("true").err

    assert the_run().record.params == {"params.yaml": {"rate": 0.1}}
    assert "note: 'params.yaml' is recorded, though git ignores it" in unasked
    assert "git ignores it" not in asked


def test_the_params_beside_a_pipeline_with_templates_are_set_and_recorded(
    work_tree: Path, gitexp: Gitexp, git: Git, the_run: TheRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    initialise(work_tree)
    folder = work_tree / "pipe"
    folder.mkdir()
    (folder / "params.yaml").write_text("lr: 0.1\n")
    (folder / "dvc.yaml").write_text(
        "stages:\n  train:\n    cmd: echo ${lr} > out.txt\n    params: [own.py: [A]]\n"
        "    outs: [out.txt: {cache: false}]\n"
    )
    (folder / "own.py").write_text("A = 1\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "pipeline")
    monkeypatch.chdir(folder)

    result = gitexp("run", "-S", "lr=0.5")

    assert result.code == 0
    assert the_run().record.params["pipe/params.yaml"] == {"lr": 0.5}
    assert the_run().text("pipe/out.txt") == "0.5\n"
    assert the_run().record.params["pipe/own.py"] == {"A": 1}


def test_params_of_a_run_that_were_committed_and_are_saved_again_are_of_this_run(
    sh: Sh, the_run: TheRun, git: Git
) -> None:
    """As whoever commits all that a good run wrote has them."""
    sh(SAVES.format(lr=0.1))
    git("add", "args.yaml", "metrics.json")
    git("commit", "--quiet", "-m", "a good run")

    result = sh(SAVES.format(lr=0.7))

    run = the_run()
    assert run.record.params["args.yaml"] == {"lr": 0.7}
    assert run.text("args.yaml") == "lr: 0.7\n"
    assert run.record.changed_meanwhile == ()
    assert "changed while the command ran" not in result.err
