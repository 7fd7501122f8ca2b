"""Runs of DVC pipelines: what is reproduced, what is recorded, and whether DVC agrees."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, Protocol

import pytest

from gitexp.data.dvc_project import initialise

from tests import workshop
from tests.execution.workshop import BehindPointer, Sh, TheRun
from tests.workshop import Git, Gitexp


class Dvc(Protocol):
    """Run a command of DVC and return its JSON."""

    def __call__(self, *args: str) -> Any: ...


PIPELINE = """\
vars: [models.yaml]
stages:
  prepare:
    cmd: python stage.py prepare clean.csv
    deps: [stage.py, raw.csv]
    params: [prepare]
    outs: [clean.csv]
  train:
    foreach: ${models}
    do:
      cmd: python stage.py train models/${key}.bin scores/${key}.json
      deps: [stage.py, clean.csv]
      params: [train]
      outs: ["models/${key}.bin"]
      metrics: ["scores/${key}.json"]
  evaluate:
    cmd: python stage.py evaluate curve.csv evaluation.json
    deps: [stage.py, models]
    params: [evaluate]
    metrics: [evaluation.json: {cache: false}]
    plots: [curve.csv]
"""
STAGE = """\
import json, sys
from pathlib import Path

values = dict(line.split(": ") for line in Path("params.yaml").read_text().splitlines())
value = float(values[sys.argv[1]])
for path in map(Path, sys.argv[2:]):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({f"{path.stem} score": value}) + "\\n")
"""
FILES = {
    "dvc.yaml": PIPELINE,
    "stage.py": STAGE,
    "models.yaml": "models: {ridge: {depth: 1}, tree: {depth: 2}}\n",
    "params.yaml": "prepare: 1\ntrain: 2\nevaluate: 3\n",
}
METRICS = {"evaluation.json", "scores/ridge.json", "scores/tree.json"}


@pytest.fixture
def pipeline(work_tree: Path, behind_pointer: BehindPointer, git: Git) -> Path:
    """A pipeline of three stages, the second one for two models; committed, never reproduced."""
    initialise(work_tree)
    for name, content in FILES.items():
        (work_tree / name).write_text(content)
    (work_tree / "raw.csv").write_text("1\n")
    behind_pointer("raw.csv")
    git("rm", "--quiet", "train.py")
    git("add", "--all")
    git("commit", "--quiet", "-m", "pipeline")
    return work_tree


@pytest.fixture
def dvc(pipeline: Path) -> Dvc:
    """Run a command of DVC and return its JSON."""

    def run(*args: str) -> Any:
        return json.loads(workshop.dvc(*args, "--json", cwd=pipeline))

    return run


def test_runs_of_a_pipeline_differ_as_dvc_says_and_skipped_stages_keep_their_metrics(
    pipeline: Path, gitexp: Gitexp, the_run: TheRun, dvc: Dvc, git: Git
) -> None:
    first_result = gitexp("run", "-n", "first", "-S", "train=4")
    first = the_run()
    second_result = gitexp("run", "-n", "second", "-S", "evaluate=5")
    second = the_run()
    third_result = gitexp("run", "-n", "third")
    third = the_run()

    assert [one.code for one in (first_result, second_result, third_result)] == [0, 0, 0]
    assert "not written" not in first_result.err + second_result.err + third_result.err
    assert first.record.command == ("dvc", "repro")
    assert first.record.metrics["scores/ridge.json"] == {"ridge score": 4.0}
    log = second.text(".gitexp/output.log")
    for stage in ("prepare", "train@ridge", "train@tree"):
        assert f"Stage '{stage}' didn't change, skipping" in log
    assert "Running stage 'evaluate'" in log
    assert "Running stage" not in third.text(".gitexp/output.log")
    for run in (first, second, third):
        _assert_whole(run)
    assert third.record.metrics == second.record.metrics
    assert third.record.inputs.oid == second.record.inputs.oid != first.record.inputs.oid
    assert third.text("dvc.lock") == (pipeline / "dvc.lock").read_text()
    assert "dvc.lock" not in git("diff", "--cached", "--name-only")

    assert set(_as_dvc_says(gitexp, dvc, first, second)) == {"evaluation.json"}
    assert dvc("status") == {}

    gitexp("save")
    saved = the_run().record
    gitexp("run", "-n", "fourth", "-S", "train=6")
    fourth = the_run()
    assert set(_as_dvc_says(gitexp, dvc, second, fourth)) == METRICS - {"evaluation.json"}  # cached
    assert (saved.command, saved.inputs) == ((), third.record.inputs)
    assert (saved.metrics, saved.pointers) == (third.record.metrics, third.record.pointers)


@pytest.mark.parametrize(
    ("content", "params"), [("lr: 0.1\n", {"pipe/params.yaml": {"lr": 0.1}}), ("lr: [\n", {})]
)
def test_params_of_a_pipeline_in_a_folder_are_recorded_from_the_top(
    work_tree: Path, gitexp: Gitexp, the_run: TheRun, git: Git, content: str, params: Any
) -> None:
    (work_tree / "pipe").mkdir()
    stages = "stages: {train: {cmd: 'true', params: [lr], metrics: [m.json: {cache: false}]}}\n"
    (work_tree / "pipe" / "dvc.yaml").write_text(stages)
    (work_tree / "pipe" / "params.yaml").write_text(content)
    git("add", "--all")
    git("commit", "--quiet", "-m", "pipeline")

    code, _, err = gitexp("run", "true")

    recorded = the_run().record.params
    assert code == 0
    assert {name: recorded[name] for name in recorded if name.startswith("pipe/")} == params
    assert ("'pipe/params.yaml' are not recorded" in err) is (not params)
    if params:
        assert json.loads(gitexp("diff", "--json", "HEAD", "latest").out)["params"] == {}


def _as_dvc_says(gitexp: Gitexp, dvc: Dvc, old: Any, new: Any) -> Any:
    """Return how the metrics of two runs differ, on which gitexp and DVC have to agree."""
    diff = json.loads(gitexp("diff", "--json", old.oid, new.oid).out)
    assert diff["metrics"] == dvc("metrics", "diff", old.oid, new.oid)
    assert diff["params"] == dvc("params", "diff", old.oid, new.oid)
    return diff["metrics"]


def test_a_pipeline_that_fails_has_no_metrics_of_the_stages_that_did_not_run(
    pipeline: Path, gitexp: Gitexp, the_run: TheRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gitexp("run")
    tools = tmp_path / "tools"  # a Python, and no DVC
    tools.mkdir()
    (tools / "python").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}/usr/bin:/bin")

    result = gitexp("run", "-S", "train=none")

    assert result.code != 0
    assert the_run().record.status == "failed"
    assert the_run().record.metrics == {}
    assert "evaluation.json" not in the_run().entries
    assert {pointer.path for pointer in the_run().record.pointers} == {"raw.csv", "clean.csv"}
    assert (pipeline / "params.yaml").read_text() == FILES["params.yaml"]


def test_metrics_of_a_pipeline_that_another_command_did_not_write_are_not_its_own(
    pipeline: Path, sh: Sh, the_run: TheRun
) -> None:
    (pipeline / "scores").mkdir()
    (pipeline / "scores" / "ridge.json").write_text('{"old": 1}')
    (pipeline / ".gitignore").write_text("scores/\n")

    sh("echo '{\"new\": 2}' > scores/tree.json")

    assert the_run().record.metrics == {"scores/tree.json": {"new": 2}}


@pytest.mark.usefixtures("pipeline")
def test_params_files_that_the_pipeline_names_are_set_and_recorded(sh: Sh, the_run: TheRun) -> None:
    result = sh("true", "-S", "models.tree.depth=7", "-S", "train=9")

    assert result.code == 0, result.err
    assert the_run().record.params == {
        "params.yaml": {"prepare": 1, "train": 9, "evaluate": 3},
        "models.yaml": {"models": {"ridge": {"depth": 1}, "tree": {"depth": 7}}},
    }


def test_in_a_subfolder_the_pipeline_of_the_project_is_reproduced(
    pipeline: Path, gitexp: Gitexp
) -> None:
    (pipeline / "notes").mkdir()

    here = gitexp("-C", "notes", "run", "--dry-run")

    assert "command   dvc repro ../dvc.yaml\n" in here.out


def test_a_part_of_a_pipeline_in_a_subfolder_has_the_metrics_of_that_part(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    initialise(work_tree)
    folder = work_tree / "part"
    folder.mkdir()
    (folder / "gitexp.yaml").write_text("metrics: []\n")
    (folder / "rate.json").write_text('{"rate": 1}\n')
    (folder / "dvc.yaml").write_text(
        "metrics: [live/metrics.json]\n"
        "stages:\n"
        "  train: {cmd: mkdir live && cp rate.json live/metrics.json, deps: [rate.json], "
        "outs: [live]}\n"
        "  other: {cmd: cp rate.json other.json, params: [rate.json: [rate]], "
        "metrics: [other.json]}\n"
    )
    git("add", "--all")
    git("commit", "--quiet", "-m", "part")

    whole = gitexp("-C", "part", "run")
    first = git("show", "experiments:part/.gitexp/run.json")
    (folder / "rate.json").write_text('{"rate": 2}\n')
    part = gitexp("-C", "part", "run", "--", "dvc", "repro", "other")
    second = git("show", "experiments:part/.gitexp/run.json")

    assert (whole.code, part.code) == (0, 0), whole.err + part.err
    assert json.loads(first)["metrics"] == {
        "live/metrics.json": {"rate": 1},
        "other.json": {"rate": 1},
    }
    assert {one["path"] for one in json.loads(first)["pointers"]} == {"live", "other.json"}
    assert json.loads(second)["metrics"] == {"other.json": {"rate": 2}}
    assert {one["path"] for one in json.loads(second)["pointers"]} == {"other.json"}


def test_a_configured_command_wins_over_the_pipeline(pipeline: Path, gitexp: Gitexp) -> None:
    (pipeline / "gitexp.yaml").write_text("command: python stage.py\n")

    assert "command   python stage.py\n" in gitexp("run", "--dry-run").out


def test_a_pipeline_that_dvc_cannot_read_costs_a_warning_and_not_the_run(
    pipeline: Path, sh: Sh, the_run: TheRun
) -> None:
    (pipeline / "dvc.yaml").write_text(PIPELINE + "  more: {cmd: x, outs: ['${unknown}']}\n")

    result = sh("echo '{\"a\": 1}' > evaluation.json")

    assert result.code == 0
    assert "warning: DVC cannot read the pipeline" in result.err
    assert the_run().record.metrics == {"evaluation.json": {"a": 1}}


def _assert_whole(run: Any) -> None:
    """Check that a run holds what all stages made, those that were skipped as well."""
    assert set(run.record.metrics) == METRICS
    assert run.entries.keys() >= {"dvc.lock", "evaluation.json", "scores/.gitignore"}
    assert run.entries.keys().isdisjoint({"curve.csv", "clean.csv", "models/tree.bin"})
    assert not any(path.endswith(".dvc") for path in run.entries if path != "raw.csv.dvc")
    roles = {pointer.path: pointer.role for pointer in run.record.pointers}
    assert roles.pop("raw.csv") == "input"
    assert set(roles) == {
        "clean.csv", "curve.csv", "models/ridge.bin", "models/tree.bin",
        "scores/ridge.json", "scores/tree.json",
    }  # fmt: skip
    assert set(roles.values()) == {"output"}
