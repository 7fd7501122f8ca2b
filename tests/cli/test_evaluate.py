"""`gitexp evaluate`: a run's model on data that no training has seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.workshop import DVC, Git, Gitexp, commit_all, write

TRAIN = """\
import json, sys
from pathlib import Path

numbers = [float(line) for line in open(sys.argv[1])]
Path("model.pkl").write_text(str(sum(numbers) / len(numbers)))
Path("metrics.json").write_text(json.dumps({"mean": sum(numbers) / len(numbers)}))
"""
EVALUATE = """\
import json
from pathlib import Path

mean = float(Path("model.pkl").read_text())
numbers = [float(line) for line in open("data/test.csv")]
error = sum(abs(mean - number) for number in numbers) / len(numbers)
Path("metrics.json").write_text(json.dumps({"error": error}))
"""
TRAINED = ("python", "train.py", "data/train.csv")
EVALUATED = ("python", "evaluate.py")


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project with a model that is a mean."""
    return {
        **DVC,
        "train.py": TRAIN,
        "gitexp.yaml": "held_out: [data/test.csv]\n",
        ".gitignore": "__pycache__/\n",
    }


@pytest.fixture
def trained(work_tree: Path, gitexp: Gitexp) -> Path:
    """The project with data, a run 'first', and a script that evaluates, written after it."""
    write(work_tree, {"data/train.csv": "1\n2\n3\n", "data/test.csv": "4\n6\n"})
    assert gitexp("track", "data/train.csv", "data/test.csv").code == 0
    commit_all(work_tree, "data")
    assert gitexp("run", "-n", "first", "--", *TRAINED).code == 0
    (work_tree / "evaluate.py").write_text(EVALUATE)
    return work_tree


@pytest.mark.usefixtures("trained")
def test_an_evaluation_is_kept_beside_the_run(git: Git, gitexp: Gitexp) -> None:
    tip = git("rev-parse", "experiments")

    code, out, err = gitexp("evaluate", "first", "--", *EVALUATED)

    assert (code, out) == (0, "first: held_out.error 3.0\n")
    assert "note: models were evaluated on 'data/test.csv' 1 time by now\n" in err
    assert git("rev-parse", "experiments") == tip
    assert git("for-each-ref", "refs/gitexp/running") == ""
    found = json.loads(gitexp("show", "first", "--json").out)
    assert found["metrics"] == {"metrics.json": {"mean": 2.0}}
    [evaluation] = found["evaluations"]
    assert evaluation["metrics"] == {"error": 3.0}
    assert list(evaluation["code"]) == ["evaluate.py"]
    assert "Held out\n  held_out.error   3.0   data/test.csv   Ada" in gitexp("show", "first").out
    assert "held_out.error" in gitexp("ls").out.splitlines()[0]


@pytest.mark.usefixtures("trained")
def test_the_work_tree_stays_as_it_is(git: Git, gitexp: Gitexp) -> None:
    before = git("status", "--porcelain", "--ignored")

    assert gitexp("evaluate", "first", "--", *EVALUATED).code == 0

    assert git("status", "--porcelain", "--ignored") == before


def test_it_is_found_sorted_and_replaced(trained: Path, gitexp: Gitexp) -> None:
    (trained / "data/train.csv").write_text("4\n5\n")
    gitexp("run", "-n", "second", "--", *TRAINED)
    gitexp("evaluate", "first", "--", *EVALUATED)
    gitexp("evaluate", "second", "--", *EVALUATED)
    (trained / "evaluate.py").write_text(EVALUATE.replace('"error": error', '"error": 0.0'))
    again = gitexp("evaluate", "first", "--", *EVALUATED)

    def names(*args: str) -> list[str]:
        return [run["name"] for run in json.loads(gitexp(*args, "--json").out)]

    assert "3 times by now" in again.err
    assert names("ls", "--where", "held_out.error > 0.4") == ["second"]
    assert names("best", "held_out.error", "--sort-order", "asc") == ["first", "second"]
    for place in Path(".git/gitexp").glob("index*"):
        place.unlink()
    assert names("ls", "--where", "held_out.error = 0") == ["first"]


def test_without_a_command_the_configured_one_runs(trained: Path, gitexp: Gitexp) -> None:
    without = gitexp("evaluate", "first")
    (trained / "gitexp.yaml").write_text(
        "held_out: [data/test.csv]\nevaluate: python evaluate.py\n"
    )

    assert without.code == 2
    assert without.err.startswith("error: no command to evaluate with\nhint: ")
    assert gitexp("evaluate", "first").out == "first: held_out.error 3.0\n"


def test_a_run_that_has_read_it_is_refused(trained: Path, gitexp: Gitexp) -> None:
    del trained
    gitexp("run", "-n", "sly", "--allow-held-out", "--", "python", "train.py", "data/test.csv")

    refused = gitexp("evaluate", "sly", "--", *EVALUATED)

    assert refused.code == 2
    assert refused.err.startswith("error: run 'sly' has read 'data/test.csv', which is held out\n")
    assert gitexp("evaluate", "--allow-held-out", "sly", "--", *EVALUATED).code == 0


def test_what_cannot_be_evaluated_is_refused(trained: Path, gitexp: Gitexp) -> None:
    gitexp("run", "-n", "failed", "--", "false")
    failed = gitexp("evaluate", "failed", "--", *EVALUATED)
    silent = gitexp("evaluate", "first", "--", "true")
    broken = gitexp("evaluate", "first", "--", "sh", "-c", "exit 3")
    (trained / "gitexp.yaml").write_text("command: python train.py\n")
    nothing = gitexp("evaluate", "first", "--", *EVALUATED)

    assert failed.err.startswith("error: run 'failed' is failed, so it has no model to evaluate\n")
    assert silent.err.startswith("error: the evaluation of 'first' wrote no metrics, so nothing")
    assert (broken.code, broken.err) == (
        3,
        "error: the evaluation of 'first' failed, so nothing is kept of it\n",
    )
    assert nothing.err.startswith("error: no data is held out to evaluate on\nhint: Name it")
    assert [one.code for one in (failed, silent, nothing)] == [2, 2, 2]
    assert "evaluations" not in json.loads(gitexp("show", "first", "--json").out)


def test_a_program_in_a_word_may_be_longer_than_a_name(trained: Path, gitexp: Gitexp) -> None:
    assert trained.is_dir()
    program = f"open('metrics.json', 'w').write('{{\"error\": 2}}')  # {'x' * 300}"

    code, out, _ = gitexp("evaluate", "first", "--", "python", "-c", program)

    assert (code, out) == (0, "first: held_out.error 2\n")


def test_a_pointer_to_nothing_is_named(trained: Path, gitexp: Gitexp) -> None:
    (trained / "data/test.csv.dvc").write_text("outs: []\n")

    code, _, err = gitexp("evaluate", "first", "--", *EVALUATED)

    assert code == 2
    assert err == (
        "error: 'data/test.csv.dvc' points to nothing\n"
        "hint: `gitexp track data/test.csv` writes it again.\n"
    )


def test_a_model_that_is_gone_is_named_before_the_start(trained: Path, gitexp: Gitexp) -> None:
    [md5] = [
        one["md5"]
        for one in json.loads(gitexp("show", "first", "--json").out)["pointers"]
        if one["role"] == "output"
    ]
    (trained / ".dvc/cache/files/md5" / md5[:2] / md5[2:]).unlink()

    gone = gitexp("evaluate", "first", "--", "sh", "-c", "touch started")

    assert gone.code == 2
    assert f"the data of 'model.pkl' is missing (md5 {md5})" in gone.err
