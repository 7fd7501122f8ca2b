"""`gitexp bisect`: the commit or the params that moved a metric."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Git, Gitexp, commit_all, only_once, write

_SETTINGS = "command: python train.py\npolicy:\n  '*accuracy': {goal: max, tolerance: 0.002}\n"
_TRAIN = """\
import json, pathlib
lines = pathlib.Path("params.yaml").read_text().splitlines()
values = {key: float(value) for key, value in (line.split(": ") for line in lines)}
accuracy = BASE - (0.1 if values["rate"] > 0.5 else 0) + values["seed"] / 10000
pathlib.Path("metrics.json").write_text(json.dumps({"val": {"accuracy": accuracy}}))
"""
_PARAMS = "rate: 0.1\ndepth: 3\nwidth: 8\nepochs: 3\nseed: 1\n"


def _train(base: float, note: str = "") -> str:
    return f"{_TRAIN.replace('BASE', str(base))}# {note}\n"


@pytest.fixture
def project_files() -> Mapping[str, str]:
    return {
        "gitexp.yaml": _SETTINGS,
        "train.py": _train(0.9),
        "params.yaml": _PARAMS,
        ".gitignore": "metrics.json\n",
    }


@pytest.fixture
def history(work_tree: Path, git: Git) -> list[str]:
    """Nine commits: the sixth lowers the accuracy, the fourth does not run."""

    def make() -> list[str]:
        for at, text in enumerate(
            (
                _train(0.9, "two"),
                "README",
                "raise SystemExit(3)\n",
                _train(0.9, "five"),
                _train(0.85, "six"),
                _train(0.85, "seven"),
                _train(0.85, "eight"),
                "README",
            ),
            2,
        ):
            write(work_tree, {"README.md": f"{at}\n"} if text == "README" else {"train.py": text})
            commit_all(work_tree, f"change {at}")
        return git("rev-list", "--reverse", "main", cwd=work_tree).split()

    return only_once("a history to bisect", work_tree, make)


def test_the_commit_is_found_and_what_is_known_is_not_run_again(
    gitexp: Gitexp, git: Git, work_tree: Path, history: list[str]
) -> None:
    write(work_tree, {"train.py": "raise SystemExit('not for you')\n"})

    dry = gitexp("bisect", "accuracy", history[0], "--dry-run")
    code, out, err = gitexp("bisect", "accuracy", history[0], "--json")
    told = json.loads(out)

    assert code == ExitCode.OK
    assert told["metric"] == "val.accuracy"
    assert [one["commit"] for one in told["suspects"]] == [history[5]]
    assert told["runs_made"] <= 5
    assert told["change"] == pytest.approx(-0.05, rel=0.01)
    assert (work_tree / "train.py").read_text() == "raise SystemExit('not for you')\n"
    assert git("status", "--short") == " M train.py\n"
    lines = err.splitlines()
    assert lines[0] == f"running {history[0]}, of which no run is known"
    assert lines[1] == "note: each commit runs `python train.py` in '.', as gitexp.yaml says"
    assert lines[2] == "running HEAD, of which no run is known"
    assert dry.err == f"{lines[1]}\n"
    assert lines[3:5] == [f"good: 0.9001 ({history[0]})", "bad: 0.8501 (HEAD)"]
    assert any(" change 6: " in line and " bad (" in line for line in lines)
    assert dry.out.splitlines()[0] == "8 commits, 6 of which change what decides a result"
    assert "5 runs at most if each" in dry.out

    again = json.loads(gitexp("bisect", "accuracy", history[0], "--json").out)
    alone = gitexp("bisect", "accuracy")

    assert (again["runs_made"], again["suspects"]) == (0, told["suspects"])
    assert alone.err.startswith("note: the good end is ")
    assert "each commit runs" not in alone.err
    assert alone.out.startswith(f"{history[5][:10]} moved val.accuracy by -0.05: ")
    assert "by recorded runs alone\nlook at: gitexp diff " in alone.out


def test_runs_side_by_side_find_the_same(gitexp: Gitexp, history: list[str]) -> None:
    told = json.loads(gitexp("bisect", "accuracy", history[0], "-j", "2", "--json").out)

    assert [one["commit"] for one in told["suspects"]] == [history[5]]


def test_where_only_failing_commits_are_left_all_of_them_are_named(
    gitexp: Gitexp, work_tree: Path, history: list[str]
) -> None:
    write(work_tree, {"train.py": "raise SystemExit(3)\n"})
    commit_all(work_tree, "broken")
    write(work_tree, {"train.py": _train(0.7)})
    commit_all(work_tree, "mended, and worse")

    code, out, _ = gitexp("bisect", "accuracy", history[-1], "HEAD")

    lines = out.splitlines()
    assert code == ExitCode.NO
    assert lines[0].startswith("one of 2 commits moved val.accuracy by -0.15: ")
    assert [line.split()[1:3] for line in lines[3:5]] == [["50", "%"]] * 2
    assert {line.partition("% ")[2].strip() for line in lines[3:5]} == {
        "broken",
        "mended, and worse",
    }
    assert "says nothing: failed with exit code 3" in out


def test_without_a_program_a_commit_says_nothing(
    gitexp: Gitexp, work_tree: Path, history: list[str]
) -> None:
    write(work_tree, {"run.sh": "#!/bin/sh\npython train.py\n"})
    (work_tree / "run.sh").chmod(0o755)
    for note in ("with a script", "worse"):
        write(work_tree, {"train.py": _train(0.8 if note == "worse" else 0.85, note)})
        commit_all(work_tree, note)
    ends = (f"{history[-1]}~1", "HEAD")

    code, _, err = gitexp("bisect", "accuracy", *ends, "--", "./run.sh")

    assert code == ExitCode.ERROR
    assert "'./run.sh'" in err
    assert "each commit runs" not in err


def test_the_command_of_somebody_elses_run_is_said(
    gitexp: Gitexp, git: Git, history: list[str]
) -> None:
    git("config", "user.name", "Mallory")
    gitexp("run", "-n", "theirs", "--", "sh", "-c", "python train.py")
    gitexp("run", "--", "sh", "-c", "echo hello")  # without the metric

    _, _, err = gitexp("bisect", "accuracy", history[0], "--dry-run")

    assert err.startswith(
        "note: each commit runs `sh -c 'python train.py'` in '.', "
        "as run 'theirs' has it, by Mallory <"
    )


def test_params_are_found_by_leaving_others_out(gitexp: Gitexp, work_tree: Path) -> None:
    gitexp("run", "-n", "good")
    worse = ("rate=0.7", "width=16", "epochs=5", "seed=2")
    gitexp("run", "-n", "bad", *(word for one in worse for word in ("-S", one)))
    before = (work_tree / "params.yaml").read_text()

    code, out, err = gitexp("bisect", "accuracy", "good", "bad", "--params")
    told = json.loads(gitexp("bisect", "accuracy", "good", "bad", "--params", "--json").out)

    assert code == ExitCode.OK
    assert out.splitlines()[0] == "rate moved val.accuracy by -0.1: 0.9001 to 0.8001"
    assert "all of them together came to 0.8002" in out
    made = json.loads(gitexp("ls", "--where", "tag = bisect", "--json").out)
    assert {one["tags"][0] for one in made} == {"bisect"}
    groups = json.loads(gitexp("ls", "--group-by", "rate", "--json").out)
    assert [(one["by"], one["n"]) for one in groups] == [
        ({"rate": 0.1}, 1),
        ({"rate": 0.7}, 1),
    ]
    note = " of `gitexp bisect`; `--where 'tag = bisect'` has them alone."
    assert note in gitexp("ls", "--group-by", "rate").out
    assert note in gitexp("ls", "--pivot", "rate", "seed", "accuracy").out
    asked = gitexp("ls", "--group-by", "rate", "--where", "tag is null or tag = bisect", "--json")
    assert sum(one["n"] for one in json.loads(asked.out)) == 2 + len(made)
    assert [one["param"] for one in told["params"]] == ["rate"]
    assert (told["differed"], told["runs_made"]) == (3, 0)
    assert (work_tree / "params.yaml").read_text() == before
    assert {line.rpartition(": ")[2] for line in err.splitlines()} <= {"rate", "width, epochs"}
    assert gitexp(
        "bisect", "metrics.json:val.accuracy", "good", "bad", "--params", "--dry-run"
    ).out == ("3 params differ\nabout 4 runs if one of them did it, 18 at most\n")


def test_what_cannot_be_bisected_is_said(gitexp: Gitexp, git: Git, history: list[str]) -> None:
    def said(*args: str) -> str:
        code, out, err = gitexp("bisect", *args)
        assert (code, out) == (ExitCode.ERROR, "")
        return err

    first, last = history[0], history[-1]
    assert "no run or rev 'nope'" in said("accuracy", "nope")
    for words in (("main", "HEAD", "accuracy"), ("main", "accuracy", "HEAD")):
        assert said(*words) == (
            "error: 'main' is a run or a commit, and the metric comes first\n"
            "hint: Type `gitexp bisect accuracy main HEAD`.\n"
        )
    assert "hint: Type `gitexp bisect METRIC main HEAD`." in said("main", "HEAD")
    assert "comes after the bad one" in said("accuracy", last, first)
    assert "are the same commit" in said("accuracy", last, last)
    tree = git("rev-parse", "HEAD^{tree}").strip()
    other = git("commit-tree", "-m", "other", tree).strip()
    assert "is no ancestor of the bad one" in said("accuracy", first, other)
    assert "no run of HEAD with a metric 'accuracy' is recorded" in said("accuracy")
    assert "did not move beyond its tolerance" in said("accuracy", first, history[4])
    assert "has a metric 'f1'\nhint: They have val.accuracy." in said("f1", first, history[4])
    assert "says nothing: the run of " in said("accuracy", first, history[3])
    assert "no commit in between changes" in said("accuracy", history[7], last)
    assert "needs two runs" in said("accuracy", "--params")
    assert "takes neither `-j`" in said("accuracy", "--params", "-j", "2")
