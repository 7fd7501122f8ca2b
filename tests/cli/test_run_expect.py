"""`gitexp run --expect`: what is written down before a run, and judged after it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gitexp.errors import RunExitCode
from gitexp.model.record_json import from_json

from tests.workshop import DVC, Git, Gitexp, commit_all, write

NOISY = """\
import json, random
from pathlib import Path

values = dict(line.split(": ") for line in Path("params.yaml").read_text().splitlines())
random.seed(values["seed"] + values["rate"])
accuracy = 0.9 + float(values["rate"]) / 100 + random.uniform(-0.01, 0.01)
Path("metrics.json").write_text(json.dumps({"accuracy": accuracy}))
"""


@pytest.fixture
def measured(work_tree: Path, gitexp: Gitexp) -> Path:
    """A project whose baseline has the metrics of a run: accuracy 0.95, loss 0.4."""
    assert gitexp("run", "-n", "first").code == 0
    commit_all(work_tree)
    return work_tree


def recorded(git: Git) -> dict[str, Any]:
    """Return the record of the newest run."""
    return dict(json.loads(git("show", "experiments:.gitexp/run.json")))


def last_line(err: str) -> str:
    return err.splitlines()[0]


@pytest.mark.usefixtures("measured")
def test_a_verdict_is_recorded_and_shown_everywhere(git: Git, gitexp: Gitexp) -> None:
    expect = "accuracy >= baseline + 0.005 and loss < first"
    ran = gitexp("run", "-n", "second", "-S", "rate=0.2", "-m", "faster", "--expect", expect)

    assert ran.code == 0
    assert last_line(ran.err).endswith("accuracy 1.0 (+0.05 from HEAD), loss 0.3 (-0.1); confirmed")
    found = recorded(git)["hypothesis"]
    assert (found["expect"], found["verdict"]) == (expect, "confirmed")
    assert found["against"]["baseline"]["name"] == found["against"]["first"]["name"] == "first"
    assert found["against"]["baseline"]["values"] == {"metrics.accuracy": 0.95}
    assert found["against"]["first"]["values"] == {"metrics.loss": 0.4}
    message = git("log", "-1", "--format=%B", "experiments")
    assert f"\n\nfaster\n\nExpected {expect}: confirmed\n\nGitexp-Run: " in message
    shown = gitexp("show", "second").out
    told = f"{expect}: confirmed (baseline had accuracy 0.95, from run first; first had loss 0.4)"
    assert f"  expected      {told}\n" in shown
    assert "hypothesis" in gitexp("ls").out.splitlines()[0]
    assert json.loads(gitexp("show", "second", "--json").out)["hypothesis"] == found
    assert f"second   {expect}   confirmed" in gitexp("diff", "first", "second").out
    compared = json.loads(gitexp("diff", "first", "second", "--json").out)
    assert compared["hypotheses"] == {"second": found}


def test_a_name_that_turns_out_to_be_several_is_said_with_all_of_them(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    write(work_tree, {"gitexp.yaml": "metrics: [metrics.json]\n"})
    line = """echo '{"eval": {"loss": 1}, "train": {"loss": 2}}' > metrics.json"""

    ran = gitexp("run", "--expect", "loss < 3", "--", line)

    assert ran.code == 0
    words = "'loss' is ambiguous (It may be `metrics.eval.loss` or `metrics.train.loss`.)"
    assert f"warning: the hypothesis cannot be judged: {words}\n" in ran.err
    assert recorded(git)["hypothesis"]["verdict"] == "not measured"


@pytest.mark.usefixtures("measured")
def test_runs_are_found_by_their_verdict(gitexp: Gitexp) -> None:
    gitexp("run", "-n", "worse", "-S", "rate=0.05", "--expect", "accuracy > best")
    gitexp("run", "-n", "none", "--expect", "metrics.f1 > 0.5")
    gitexp("run", "-n", "ill", "--expect", "accuracy > 0", "--", "false")

    def names(where: str) -> list[str]:
        return [run["name"] for run in json.loads(gitexp("ls", "--json", "--where", where).out)]

    assert names("hypothesis = refuted") == ["worse"]
    assert sorted(names("hypothesis = 'not measured'")) == ["ill", "none"]
    assert names("hypothesis is null") == ["first"]
    assert "Did you mean 'refuted'?" in gitexp("ls", "--where", "hypothesis = refute").err


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("acuracy > 0.9", "no metric, param or attribute 'acuracy'"),
        ("accuracy > nobody", "no run 'nobody'"),
        ("accuracy > basline", "no run 'basline'"),
        ("accuracy > baseline-0.1", "no run 'baseline-0.1'"),
        ("accuracy >", "expected a name or a value, found the end"),
        ("rate > best", "'rate' is a param"),
    ],
)
def test_what_cannot_be_judged_is_refused_before_the_start(
    git: Git, gitexp: Gitexp, expect: str, said: str
) -> None:
    before = git("rev-parse", "experiments")

    ran = gitexp("run", "--expect", expect, "--", "sh", "-c", "touch started")

    assert ran.code == RunExitCode.REFUSED
    assert ran.err.splitlines()[0] == f"error: {said}"
    assert "hint: " in ran.err or expect == "accuracy >"
    assert ("Did you mean 'baseline'?" in ran.err) == ("basline" in expect)
    assert git("rev-parse", "experiments") == before
    assert not Path("started").exists()


def test_a_baseline_without_metrics_is_refused_until_it_was_run(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    expect = ("--expect", "accuracy > baseline")

    refused = gitexp("run", *expect)
    gitexp("run", "-S", "rate=0.3")
    (work_tree / "metrics.json").unlink()
    git("checkout", "--quiet", ".")
    still = gitexp("run", *expect)
    gitexp("run", "-n", "plain", "-S", "seed=7")
    git("checkout", "--quiet", ".")
    ran = gitexp("run", "-S", "rate=0.2", *expect)

    assert refused.code == still.code == RunExitCode.REFUSED
    assert " has no 'accuracy' to compare with\nhint: Run it once as it is" in still.err
    assert ran.code == 0
    assert recorded(git)["hypothesis"]["against"]["baseline"]["name"] == "plain"


def test_a_first_run_may_expect_any_metric(work_tree: Path, git: Git, gitexp: Gitexp) -> None:
    (work_tree / "gitexp.yaml").write_text("command: python train.py\n")

    assert gitexp("run", "--expect", "accuracy > 0.9").code == 0

    assert recorded(git)["hypothesis"] == {
        "expect": "accuracy > 0.9",
        "verdict": "confirmed",
        "against": {},
    }


def test_repeats_of_both_sides_make_it_noise(work_tree: Path, git: Git, gitexp: Gitexp) -> None:
    (work_tree / "train.py").write_text(NOISY)
    commit_all(work_tree)
    for seed in (1, 2, 3):
        assert gitexp("run", "-S", f"seed={seed}").code == 0
        git("checkout", "--quiet", ".")
    for seed in (1, 2, 3):
        gitexp("run", "-S", "rate=0.15", "-S", f"seed={seed}", "--expect", "accuracy > baseline")
        git("checkout", "--quiet", ".")
    noise = recorded(git)["hypothesis"]["verdict"]
    for seed in (1, 2, 3):
        gitexp("run", "-S", "rate=9", "-S", f"seed={seed}", "--expect", "accuracy > baseline")
        git("checkout", "--quiet", ".")

    assert noise == "within noise"
    assert recorded(git)["hypothesis"]["verdict"] == "confirmed"


def test_a_model_that_the_run_before_left_hides_no_repeat(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    writes_model = "Path('model.joblib').write_text(values['seed'])\n"
    (work_tree / "train.py").write_text(NOISY + writes_model)
    commit_all(work_tree)
    for seed in (1, 2, 3):
        gitexp("run", "-S", f"seed={seed}")
    for seed in (1, 2, 3):
        gitexp("run", "-S", "rate=0.15", "-S", f"seed={seed}", "--expect", "accuracy > baseline")

    assert recorded(git)["overwritten"] == ["model.joblib"]
    assert recorded(git)["hypothesis"]["verdict"] == "within noise"


def test_data_that_each_run_writes_over_makes_no_repeats(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    appends = "with open('data.csv', 'a') as data: data.write('1\\n')\n"
    (work_tree / "train.py").write_text(NOISY + appends)
    (work_tree / "data.csv").write_text("0\n")
    gitexp("track", "data.csv")
    commit_all(work_tree)
    plain = gitexp("run", "--repeat", "3", "-S", "seed=1", "-n", "plain")
    for seed in (1, 2, 3):
        gitexp("run", "-S", "rate=0.15", "-S", f"seed={seed}", "--expect", "accuracy > plain")

    why = "it wrote over 'data.csv', which it may have read; if it only writes that, say so in "
    note = f"note: 'plain-r2' does not count as a repeat: {why}gitexp.yaml: `outputs: [data.csv]`"
    assert note in plain.err.partition("repeat 3 of 3")[0]
    assert recorded(git)["overwritten"] == ["data.csv"]
    assert recorded(git)["hypothesis"]["verdict"] in ("confirmed", "refuted")


def test_dry_run_says_what_is_expected(work_tree: Path, gitexp: Gitexp) -> None:
    del work_tree

    assert (
        "expected  accuracy > 0.9\n"
        in gitexp("run", "--dry-run", "--expect", "accuracy   >  0.9").out
    )


@pytest.mark.usefixtures("measured")
def test_a_record_without_a_hypothesis_says_nothing_of_it(git: Git) -> None:
    content = git("show", "experiments:.gitexp/run.json")

    assert "hypothesis" not in content
    assert from_json(content).hypothesis is None
    for odd in ('"yes"', "[1]", '{"verdict": 1}', '{"expect": "a", "against": {"b": 3}}'):
        with pytest.raises(Exception, match=r"run\.json is not a record"):
            from_json(content.replace('"id":', f'"hypothesis": {odd},\n  "id":', 1))


def test_a_review_says_what_was_expected(measured: Path, git: Git, gitexp: Gitexp) -> None:
    git("switch", "--quiet", "--create", "topic")
    gitexp("run", "-n", "second", "-S", "rate=0.2", "--expect", "accuracy > baseline")
    commit_all(measured, "faster")

    reviewed = gitexp("review", "main")

    assert reviewed.code == 0
    assert "'second' expected `accuracy > baseline`: confirmed" in reviewed.out
    assert (
        "`second` expected `accuracy > baseline`: confirmed" in gitexp("review", "main", "--md").out
    )


def test_a_model_that_is_written_over_keeps_runs_repeats(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    """As a script does that always writes `model.joblib`; but not one that goes on from it."""
    (work_tree / "train.py").write_text(
        NOISY + "\nPath('model.joblib').write_text(str(accuracy))\n"
    )
    write(work_tree, DVC)
    commit_all(work_tree)
    for rate in (0.1, 0.15):
        for seed in (1, 2, 3):
            ran = gitexp(
                *("run", "-S", f"rate={rate}", "-S", f"seed={seed}"),
                *(("--expect", "accuracy > baseline") if rate > 0.1 else ()),
            )
            assert ran.code == 0
            git("checkout", "--quiet", "params.yaml")
    noise = recorded(git)
    went_on = ("python", "train.py", "--resume", "model.joblib")
    gitexp("run", "-S", "rate=0.15", "--expect", "accuracy > baseline", "--", *went_on)

    assert noise["overwritten"] == ["model.joblib"]
    assert noise["hypothesis"]["verdict"] == "within noise"
    assert recorded(git)["hypothesis"]["verdict"] in ("confirmed", "refuted")


@pytest.mark.usefixtures("measured")
def test_an_earlier_run_goes_in_backticks(gitexp: Gitexp) -> None:
    assert (
        "A run before others goes in backticks: accuracy > `latest~2`."
        in gitexp("run", "--expect", "accuracy > latest~2").err
    )
