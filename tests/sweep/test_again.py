"""A sweep that learns and prunes, run for real: at once, and in two clones one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gitexp.project import Project
from gitexp.store.stored_run import PROGRESS_NAME

from tests.workshop import Git, Gitexp

TRAIN = """\
import json
import os

words = dict(line.split(": ") for line in open("params.yaml").read().splitlines())
loss = abs(float(words["rate"]) - 0.3) + int(words["depth"]) / 10
with open(os.environ["GITEXP_PROGRESS"], "a") as file:
    for epoch in range(5):
        print(json.dumps({"epoch": epoch, "loss": loss + 1 / (epoch + 1)}), file=file)
json.dump({"loss": loss}, open("metrics.json", "w"))
"""
SPACE = ("rate=interval(0.0, 1.0)", "depth=range(1, 5)")
HOW = ("--minimize", "loss", "-o", "n_startup_trials=3", "--window", "2", "-n", "scan")
PRUNE = ("--prune-on", "loss", "--pruner-option", "n_startup_trials=2")
SWEEP = ("sweep", *SPACE, *HOW, *PRUNE)
COMMAND = ("--", "python", "train.py")


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A training that says how it goes."""
    return {"train.py": TRAIN, "params.yaml": "rate: 0.5\ndepth: 1\n"}


def told(work_tree: Path) -> dict[int, Any]:
    """Return what each point was, and what its run reported, up to where it was cut off."""
    with Project.open(work_tree) as project:
        objects = project.repository.objects
        found: dict[int, Any] = {}
        for run in project.runs.newest():
            point = run.record.point
            assert point is not None
            steps = objects.blob(f"{run.oid}:{PROGRESS_NAME}")
            found[point.number] = (point.values, point.window, steps)
        return found


def test_eight_points_by_two_agents_are_five_and_three_in_another_clone(
    work_tree: Path, tmp_path: Path, gitexp: Gitexp, git: Git
) -> None:
    first, then = tmp_path / "first", tmp_path / "then"
    for clone in (first, then):
        git("clone", "--quiet", work_tree, clone)

    assert gitexp(*SWEEP, "-N", "8", "-j", "2", *COMMAND).code == 0
    assert gitexp(*SWEEP, "-N", "5", *COMMAND, cwd=first).code == 0
    git("fetch", "--quiet", first, "experiments:experiments", cwd=then)
    assert gitexp("sweep", "--resume", "scan", "-N", "8", cwd=then).code == 0

    at_once = told(work_tree)
    assert len(at_once) == 8
    assert told(then) == at_once
    cut = [number for number, (_, _, steps) in at_once.items() if b'"cut"' in steps]
    assert cut
    assert all(window == 2 for _, window, _ in at_once.values())


def test_a_run_that_is_pruned_is_recorded_as_such(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    held = TRAIN.replace('"a") as file', '"a", 1) as file')
    held += "import time; time.sleep(600 * (loss > 1))\n"
    (work_tree / "train.py").write_text(held)
    words = ("sweep", "rate=0.4,0.5,2.0,0.3", "depth=1", "--minimize", "loss", "-n", "scan")

    code, out, _ = gitexp(*words, *PRUNE, *COMMAND)

    assert (code, "3 of 4 done · 1 pruned" in out) == (0, True)
    listed = gitexp("ls", "--where", "status = pruned", "--csv").out.splitlines()
    assert len(listed) == 2
    assert "scan-2" in listed[1]
    assert git("log", "-1", "--format=%s", "experiments~1").startswith("scan-2: pruned after ")
    with Project.open(work_tree) as project:
        record = next(run.record for run in project.runs.newest() if run.name == "scan-2")
    assert (record.status, record.exit.reason, record.exit.signal) == (
        "interrupted",
        "pruned",
        "SIGTERM",
    )


@pytest.mark.usefixtures("work_tree")
def test_a_value_that_no_run_reports_is_said_once(gitexp: Gitexp) -> None:
    words = ("rate=0.4,0.5", "--minimize", "loss", "--prune-on", "val/loss")
    code, _, err = gitexp("sweep", *words, *COMMAND)

    assert code == 0
    said = [line for line in err.splitlines() if "no run has written" in line]
    there = "'val/loss', but `epoch`, `loss`, to $GITEXP_PROGRESS"
    assert said == [f"note: no run has written {there}: none is cut off"]


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (
            ("--prune-on", "val_loss"),
            "nothing says whether a high or a low 'val_loss' is better",
            "Set `policy: {val_loss: {goal: min}}` in gitexp.yaml, or `max`.",
        ),
        (
            ("--pruner", "median"),
            "nothing says by which value runs are to be cut off",
            "Add `--prune-on METRIC`.",
        ),
        (
            ("--prune-on", "loss", "--progress-file", "../log.csv"),
            "the progress file '../log.csv' is not in the project",
            "Give its path from the project's folder, such as `logs/progress.jsonl`.",
        ),
        (
            ("--prune-on", "loss", "--progress-file", "logs/*/log.csv"),
            "the progress file 'logs/*/log.csv' is a pattern, and one file is followed",
            "Have each run write the same file, `logs/log.csv`: it has a copy of its own.",
        ),
        (
            ("--prune-on", "loss", "--pruner-option", "n_warmup=3", "--pruner", "percentile"),
            "the pruner 'percentile' has no option 'n_warmup'",
            "Did you mean 'n_warmup_steps'?",
        ),
    ],
)
def test_what_cannot_be_pruned_by_is_refused(
    work_tree: Path, gitexp: Gitexp, words: tuple[str, ...], message: str, hint: str
) -> None:
    outcome = gitexp("sweep", *SPACE, "--minimize", "loss", "-N", "3", *words, *COMMAND)

    assert outcome == (2, "", f"error: {message}\nhint: {hint}\n")
    assert not (work_tree / ".git" / "gitexp" / "sweeps").exists()
