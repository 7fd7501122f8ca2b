from __future__ import annotations

import runpy
import subprocess
import sys
from dataclasses import FrozenInstanceError
from datetime import datetime, timezone
from pathlib import Path

import pytest

import gitexp
from gitexp.cli.main import main

from tests.workshop import Git

pytestmark = pytest.mark.usefixtures("work_tree")


def test_runs_are_a_sequence_newest_first() -> None:
    found = gitexp.runs()

    assert [run.name for run in found] == ["broken", "fast", "middle", "slow"]
    assert [run.name for run in found[1:3]] == ["fast", "middle"]
    assert found[1:3] == gitexp.Runs(found[1:3])
    assert found == gitexp.runs()


def test_what_somebody_changes_in_a_run_is_theirs_alone() -> None:
    changed = gitexp.get("middle")
    changed.record.params["params.yaml"]["rate"] = 99
    changed.metrics.files["metrics.json"].clear()

    again = gitexp.get("middle")

    assert (again.params["rate"], again.metrics["accuracy"]) == (0.5, 0.5)


def test_a_run_says_what_went_in_and_what_came_out(git: Git) -> None:
    run = gitexp.get("middle")

    assert dict(run.params) == {"rate": 0.5, "kind": "mlp"}
    assert run.metrics["val.loss"] == 0.5
    assert run.metrics.files == {"metrics.json": {"val": {"loss": 0.5}, "accuracy": 0.5}}
    assert (run.status, run.tags, run.message) == ("done", (), "")
    assert run.baseline == git("rev-parse", "HEAD").strip()
    assert [pointer.path for pointer in run.pointers] == ["model.joblib"]
    assert run.started.tzinfo is timezone.utc
    assert isinstance(run.started, datetime)
    assert run.duration == (run.ended - run.started).total_seconds() > 0


def test_a_run_cannot_be_changed() -> None:
    run = gitexp.get("middle")

    with pytest.raises(FrozenInstanceError):
        run.name = "other"  # type: ignore[misc] # that is the point
    with pytest.raises(TypeError):
        run.params["rate"] = 1  # type: ignore[index] # likewise
    assert {run: 1}[gitexp.get("middle")] == 1


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("accuracy > 0.2", ["fast", "middle"]),
        ("status = 'failed'", ["broken"]),
        ("params.rate <= 0.25 and loss < 0.8", ["fast"]),
        ("name ~ '^s' or loss = 0.5", ["middle", "slow"]),
    ],
)
def test_where_chooses_runs(where: str, names: list[str]) -> None:
    assert [run.name for run in gitexp.runs(where)] == names


def test_sorting_is_over_all_runs_and_those_without_the_value_come_last() -> None:
    rising = gitexp.runs(sort_by="accuracy", sort_order="asc")
    falling = gitexp.runs(sort_by="loss", sort_order="desc", limit=2)

    assert [run.name for run in rising] == ["slow", "fast", "middle", "broken"]
    assert [run.name for run in falling] == ["slow", "fast"]


def test_a_limit_counts_after_sorting() -> None:
    assert [run.name for run in gitexp.runs(limit=2)] == ["broken", "fast"]
    assert [run.name for run in gitexp.runs(sort_by="accuracy", limit=1)] == ["middle"]
    assert len(gitexp.runs(limit=0)) == 0


def test_the_best_run_is_that_of_the_policy_or_of_the_goal() -> None:
    assert gitexp.best("accuracy").name == "middle"
    assert gitexp.best("accuracy", where="rate < 0.5").name == "fast"
    assert gitexp.best("val.loss", goal="max").name == "slow"
    assert gitexp.best("loss", goal="min").name == "middle"


def test_files_of_a_run_are_read_from_git_and_from_behind_pointers() -> None:
    run = gitexp.get("slow")

    assert run.read("params.yaml") == b"rate: 0.1\nkind: mlp\n"
    assert run.read("model.joblib") == b"model of 0.1"
    with run.open("model.joblib") as stream:
        assert stream.read(5) == b"model"


def test_runs_are_read_from_anywhere(work_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")

    run = gitexp.get("slow", path=work_tree)

    assert run.read("model.joblib") == b"model of 0.1"
    assert len(gitexp.runs(path=str(work_tree))) == 4


def test_a_typed_program_runs() -> None:
    used = runpy.run_path(str(Path(__file__).with_name("typed_use.py")))

    assert used["use"]() == gitexp.best("accuracy")


def test_diff_is_what_changed() -> None:
    found = gitexp.diff("slow", "middle")

    assert [(change.name, change.old, change.new) for change in found.params] == [
        ("rate", 0.1, 0.5)
    ]
    assert {change.name: change.delta for change in found.metrics} == {
        "accuracy": 0.4,
        "val.loss": -0.4,
    }
    assert [change.path for change in found.data] == ["model.joblib"]
    assert found.code == ()


def test_reading_changes_nothing_and_prints_nothing(
    git: Git, capfd: pytest.CaptureFixture[str]
) -> None:
    def state() -> str:
        return git("for-each-ref") + git("status", "--porcelain")

    before = state()

    gitexp.runs("accuracy > 0").to_pandas()
    gitexp.get("latest")
    gitexp.diff()

    assert state() == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("call", "message", "hint"),
    [
        (
            "gitexp.get('midle')",
            "no run 'midle'",
            "Did you mean 'middle'? `gitexp ls` lists all runs.",
        ),
        (
            "gitexp.get('middle').read('modl.joblib')",
            "run 'middle' has no file 'modl.joblib'",
            "Did you mean 'model.joblib'?",
        ),
        (
            "gitexp.best('loss')",
            "nothing says whether a high or a low 'val.loss' is better",
            "Give `goal='max'` or `goal='min'`, or a `policy:` in gitexp.yaml.",
        ),
        ("gitexp.best('accuracy', goal='low')", "no goal 'low'", "Give 'max' or 'min'."),
        ("gitexp.runs(limit=-1)", "no limit of -1 runs", "Give 0 or more, or None for all."),
        ("gitexp.runs(sort_order='up')", "no order 'up'", "Give 'asc' or 'desc'."),
        ("gitexp.runs(path='/')", "'/' is not in a git repository", "Make one with `git init`."),
    ],
)
def test_what_the_user_can_mend_is_an_error_with_a_hint(call: str, message: str, hint: str) -> None:
    with pytest.raises(gitexp.GitexpError) as caught:
        eval(call)

    assert (str(caught.value), caught.value.hint) == (message, hint)


def test_a_diff_prints_as_the_command_does(capsys: pytest.CaptureFixture[str]) -> None:
    found = gitexp.diff("slow", "fast")
    assert main(["diff", "slow", "fast"]) == 0
    printed = capsys.readouterr().out

    assert f"{found}\n" == printed
    assert repr(found) == str(found)
    assert found == gitexp.diff("slow", "fast")
    assert str(gitexp.diff("slow", "slow")).startswith("slow → slow: no differences")


def test_comments_are_those_that_people_wrote() -> None:
    assert main(["note", "slow", "-m", "as the paper has it"]) == 0

    [comment] = gitexp.get("slow").comments

    assert (comment.text, comment.by) == ("as the paper has it", "Ada <ada@example.com>")
    assert gitexp.get("fast").comments == ()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have no notes yet")
def test_a_script_that_fails_shows_the_hint() -> None:
    script = "import gitexp; gitexp.runs(sort_by='acuracy')"

    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert ended.stderr.endswith("hint: Did you mean 'accuracy'?\n")


def test_late_facts_count() -> None:
    assert main(["tag", "slow", "keep"]) == 0
    assert main(["rename", "slow", "slower"]) == 0
    assert main(["rm", "fast"]) == 0

    assert [(run.name, run.tags) for run in gitexp.runs("tag = 'keep'")] == [("slower", ("keep",))]
    assert gitexp.get("slower").read("model.joblib") == b"model of 0.1"
    assert "fast" not in {run.name for run in gitexp.runs()}


def test_reading_a_model_that_an_earlier_run_wrote_warns() -> None:
    with pytest.warns(UserWarning, match="is an input of this run") as caught:
        content = gitexp.get("broken").read("model.joblib")

    assert content == b"model of 0.25"
    said = [one for one in caught if issubclass(one.category, UserWarning)]  # no garbage of others
    assert [(str(one.message), one.filename) for one in said] == [
        ("broken: 'model.joblib' is an input of this run, written by 'fast'", __file__)
    ]


def test_a_mistake_in_an_expression_shows_its_place() -> None:
    with pytest.raises(gitexp.GitexpError, match="no metric, param or attribute 'acuracy'"):
        gitexp.runs("acuracy > 0.5")


def test_names_that_there_are_not_are_no_attributes() -> None:
    with pytest.raises(AttributeError, match="module 'gitexp' has no attribute 'runz'"):
        gitexp.runz  # noqa: B018 - read for what it raises
    assert set(gitexp.__all__) <= set(dir(gitexp))
