from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

import gitexp

from tests.workshop import make_repository

TRAIN = """\
import json

words = dict(line.split(": ") for line in open("params.yaml").read().splitlines())
loss = abs(float(words["rate"]) - 0.3) + int(words["depth"]) / 10
json.dump({"loss": loss, "cost": int(words["depth"])}, open("metrics.json", "w"))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without runs, which is the current directory."""
    files = {"train.py": TRAIN, "params.yaml": "rate: 0.5\ndepth: 1\n"}
    top = make_repository(tmp_path / "work", files)
    monkeypatch.chdir(top)
    return top


def test_a_sweep_is_made_read_and_gone_on_with(project: Path) -> None:
    space = {"rate": gitexp.interval(0.0, 1.0), "depth": [1, 2]}
    sweep = gitexp.sweep(
        space,
        command="python train.py",
        minimize="loss",
        sampler="tpe",
        points=4,
        options={"n_startup_trials": 2},
        name="scan",
    )

    assert repr(sweep) == f"<gitexp.Sweep scan ({sweep.id}): tpe, minimize loss>"
    assert [run.name for run in sweep.runs] == ["scan-0", "scan-1", "scan-2", "scan-3"]
    losses: list[Any] = [run.metrics["loss"] for run in sweep.runs]
    assert sweep.best.metrics["loss"] == min(losses)
    assert sweep.importance() is None
    assert gitexp.sweeps() == [sweep] == [gitexp.get_sweep("scan")]

    asked = sweep.ask(1)
    study = sweep.to_optuna()
    assert study.best_value == min(losses)
    assert [trial.user_attrs["run"] for trial in study.trials] == [run.name for run in sweep.runs]

    gitexp.get_sweep("latest").resume(points=5)
    run = sweep.runs[4]
    assert [{"rate": run.params["rate"], "depth": run.params["depth"]}] == asked
    assert len(sweep.to_pandas()) == 5
    assert subprocess.check_output(["git", "status", "--porcelain"], cwd=project) == b""


@pytest.mark.usefixtures("project")
def test_several_metrics_have_a_front_and_no_best() -> None:
    sweep = gitexp.sweep(
        {"rate": [0.3, 0.4], "depth": {"values": [1, 2]}},
        command=["python", "train.py"],
        minimize="loss",
        maximize=["cost"],
    )

    assert [run.metrics["cost"] for run in sweep.front] == [1, 2]
    with pytest.raises(gitexp.GitexpError, match="several metrics has no best run"):
        _ = sweep.best
    assert sweep.ask(2) == []


@pytest.mark.usefixtures("project")
def test_what_is_wrong_is_said_before_the_first_point() -> None:
    space, command = {"rate": [0.3]}, "python train.py"
    wrong = {"n_startup": 1}
    with pytest.raises(gitexp.GitexpError, match="has no option 'n_startup'"):
        gitexp.sweep(
            space, command=command, minimize="loss", sampler="tpe", points=1, options=wrong
        )
    with pytest.raises(TypeError, match="no argument 'time_out'"):
        gitexp.sweep(space, command=command, time_out=3)
    with pytest.raises(gitexp.GitexpError, match="no sweep 'scan'"):
        gitexp.get_sweep("scan")
    assert gitexp.sweeps() == []
