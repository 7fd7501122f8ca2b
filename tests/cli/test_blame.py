"""`gitexp blame`: the commit, run and pull request that last moved a metric."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Git, Gitexp, commit_all, write

_SETTINGS = (
    "command: python train.py\npolicy:\n  accuracy: {goal: max, tolerance: 0.002}\n"
    "  val.loss: {goal: min}\n"
)


@pytest.fixture
def project_files() -> Mapping[str, str]:
    return {"gitexp.yaml": _SETTINGS, "train.py": "", "metrics.json": _metrics(0.9, 0.5)}


def _metrics(accuracy: float, loss: float, **more: object) -> str:
    return json.dumps({"accuracy": accuracy, "val": {"loss": loss}, **more})


def _commit(top: Path, metrics: str, message: str, file: str = "metrics.json") -> None:
    write(top, {file: metrics})
    commit_all(top, message)


@pytest.fixture
def moved(work_tree: Path, git: Git) -> None:
    """A move in a squashed pull request, one in a merged one, and one within the tolerance."""
    _commit(work_tree, _metrics(0.95, 0.5), "deeper trees (#4)")
    git("switch", "--quiet", "--create", "lower")
    _commit(work_tree, _metrics(0.95, 0.4), "lower the rate")
    git("switch", "--quiet", "main")
    _commit(work_tree, _metrics(0.951, 0.5), "another seed")
    merge = ("merge", "--no-commit", "-Xtheirs", "lower")
    git(*merge)
    _commit(work_tree, _metrics(0.951, 0.4), "Merge pull request #7 from ada/lower")


@pytest.mark.usefixtures("moved")
def test_each_value_has_the_commit_and_the_request_that_moved_it(gitexp: Gitexp, git: Git) -> None:
    deeper = git("rev-parse", "main~2").strip()
    lower = git("rev-parse", "lower").strip()

    code, out, err = gitexp("blame")
    told = json.loads(gitexp("blame", "accuracy", "main", "--json").out)

    assert (code, err) == (ExitCode.OK, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[-1] == (
        "These commits brought the numbers."
        " `gitexp bisect accuracy` finds the one that moved what they measure."
    )
    assert lines[0] == "metrics.json"
    assert lines[1] == "metric old→new change now commit date PR subject"
    assert lines[2].startswith(f"accuracy 0.9→0.95 +0.05 0.951 {deeper[:10]} ")
    assert lines[2].endswith("#4 deeper trees (#4)")
    assert lines[3].startswith(f"val.loss 0.5→0.4 -0.1 {lower[:10]} ")
    assert lines[3].endswith("#7 lower the rate")
    assert lines[4].startswith("now: what it has become since")
    [row] = told["metrics"]
    assert row["commit"] == deeper
    assert (row["value"], row["old"], row["new"]) == (0.951, 0.9, 0.95)
    assert (row["change"], row["drift"], row["request"]) == (0.05, 0.001, "#4")


@pytest.mark.usefixtures("moved")
def test_what_is_not_committed_is_said_to_be(gitexp: Gitexp, work_tree: Path) -> None:
    write(work_tree, {"metrics.json": _metrics(0.96, 0.4)})

    found = {row["metric"]: row for row in json.loads(gitexp("blame", "--json").out)["metrics"]}

    assert found["accuracy"]["commit"] is None
    assert (found["accuracy"]["old"], found["accuracy"]["new"]) == (0.951, 0.96)
    assert found["val.loss"]["request"] == "#7"
    assert "not committed yet" in gitexp("blame", "accuracy").out


def test_renamed_files_and_keys_are_followed_where_that_is_asked_for(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    _commit(work_tree, json.dumps({"acc": 0.9, "val": {"loss": 0.5}}), "call it acc")
    write(work_tree, {"gitexp.yaml": "metrics: [out/eval.json]\n"})
    (work_tree / "out").mkdir()
    git("mv", "metrics.json", "out/eval.json")
    write(work_tree, {"out/eval.json": json.dumps({"all": {"acc": 0.9, "loss": 0.25}})})
    commit_all(work_tree, "one file for all")

    plain = json.loads(gitexp("blame", "--json").out)["metrics"]
    followed = json.loads(gitexp("blame", "-C", "--json").out)["metrics"]

    assert [row["subject"] for row in plain] == ["one file for all"] * 2
    assert [(row["metric"], row["subject"], row["was"]) for row in followed] == [
        ("all.acc", "start", "metrics.json:accuracy"),
        ("all.loss", "one file for all", None),
    ]


def test_the_run_that_measured_a_value_is_named(gitexp: Gitexp, work_tree: Path) -> None:
    write(work_tree, {"train.py": f"open('metrics.json', 'w').write({_metrics(0.97, 0.3)!r})\n"})
    assert gitexp("run", "-n", "better").code == ExitCode.OK
    commit_all(work_tree, "better")

    [row] = json.loads(gitexp("blame", "accuracy", "--json").out)["metrics"]

    assert (row["subject"], row["run"], row["change"]) == ("better", "better", 0.07)


def test_a_history_that_was_cut_off_is_told_from_a_beginning(
    gitexp: Gitexp, git: Git, work_tree: Path, tmp_path: Path
) -> None:
    write(work_tree, {"train.py": "# again\n"})
    commit_all(work_tree, "no metric")
    clone = tmp_path / "clone"
    git("clone", "--quiet", "--depth=1", f"file://{work_tree}", clone)

    whole, cut = gitexp("blame", "accuracy").out, gitexp("blame", "accuracy", cwd=clone).out

    assert "^" not in whole
    assert " ^" in cut
    assert "git fetch --unshallow" in cut


def test_what_is_wrong_is_said(gitexp: Gitexp, work_tree: Path) -> None:
    assert gitexp("blame", "acuracy") == (
        ExitCode.ERROR,
        "",
        "error: no metric 'acuracy' in workspace\nhint: Did you mean 'accuracy'?\n",
    )
    assert gitexp("blame", "accuracy", "nope").err.startswith("error: no run or rev 'nope'\n")
    (work_tree / "metrics.json").unlink()
    code, _, err = gitexp("blame")
    assert (code, err.splitlines()) == (
        ExitCode.ERROR,
        [
            "error: workspace has no metrics",
            "hint: Metrics are read from what `metrics:` of gitexp.yaml names, if git has it.",
        ],
    )


def test_a_version_that_cannot_be_read_counts_as_empty_and_is_named(
    gitexp: Gitexp, work_tree: Path
) -> None:
    _commit(work_tree, "{", "broken")
    _commit(work_tree, _metrics(0.9, 0.5), "mended")

    out = gitexp("blame", "accuracy").out

    assert "mended" in out
    assert "counted as empty: " in out
    assert ":metrics.json (" in out
