"""What is said of a name that no curve has."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.project import Project

from tests.recorded import put_run
from tests.workshop import Gitexp


def recorded(at: int, *files: str) -> RunRecord:
    """Return a run with a curve, and the same metric in each of the files."""
    return RunRecord(
        id=f"{at}" * 10,
        name=f"run-{at}",
        status="done",
        exit=Exit(0),
        command=("python", "train.py"),
        baseline="b" * 40,
        inputs=Inputs(f"{at}" * 40),
        started=f"2026-01-0{at}T03:04:05.000Z",
        ended=f"2026-01-0{at}T03:05:05.000Z",
        gitexp="0.1.0",
        metrics={file: {"accuracy": 0.5} for file in files},
        series={"loss": {"count": 1, "last": 1.0, "step": 1}},
    )


@pytest.mark.usefixtures("work_tree")
def test_the_hint_has_the_names_of_a_metric_that_runs_have_in_two_files(
    gitexp: Gitexp, tmp_path: Path
) -> None:
    curve = {".gitexp/series/loss.tsv": b"step\tloss\n1\t1.0\n"}
    with Project.open(Path()) as project:
        for record in (recorded(1, "m.json"), recorded(2, "m.json", "eval.json")):
            put_run(project.repository, record, tmp_path, files=curve)

    refused = gitexp("plot", "accuracy")
    command = refused.err.split("`")[1]
    drawn = gitexp(*shlex.split(command)[1:], "--json")

    assert refused.code == 2
    names = ["eval.json:accuracy", "m.json:accuracy", "metrics.accuracy"]
    assert sorted(shlex.split(command)[2:-2]) == names
    assert drawn.code == 0
    assert len(json.loads(drawn.out)) == 3
