"""When a run is told of as the best."""

from __future__ import annotations

from pathlib import Path

from gitexp.afterwards.improving import improved_by
from gitexp.afterwards.message import Improved
from gitexp.project import Project

from tests.workshop import Gitexp, write

RUNS = """\
name,created,lr,seed,accuracy,f1
one,2026-01-01,0.1,0,0.875,0.9375
lucky,2026-01-02,0.2,0,0.96875,0.96875
rest,2026-01-03,0.2,1,0.84375,0.84375
last,2026-01-04,0.1,1,0.96875,0.9375
"""
GOALS = "policy: {accuracy: {goal: max}, f1: {goal: max}}\n"


def test_repeats_are_the_best_by_their_mean_once(
    gitexp: Gitexp, work_tree: Path, tmp_path: Path
) -> None:
    write(work_tree, {"gitexp.yaml": GOALS})
    (tmp_path / "runs.csv").write_text(RUNS)
    assert gitexp("import", "csv", tmp_path / "runs.csv", "--metrics", "accuracy,f1").code == 0

    with Project.open(work_tree) as project:
        runs = {run.name: run for run in project.runs.newest()}
        news = {
            name: improved_by(project, runs[name], of_sweep=False) for name in ("lucky", "last")
        }
        of_sweep = improved_by(project, runs["last"], of_sweep=True)

    accuracy = Improved("accuracy", 0.921875, 0.90625, "lucky", 2)
    assert news == {"lucky": [], "last": [accuracy]}
    assert of_sweep == [accuracy, Improved("f1", 0.9375, 0.90625, "lucky", 2)]
