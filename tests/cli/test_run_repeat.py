"""Repeats: `gitexp run --repeat` and `--needed`, and what lists and comparisons make of them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pytest
from scipy.stats import ttest_ind

from gitexp import best, diff
from gitexp.cli.no_repeats import NoRepeats
from gitexp.inputs.alike import Likeness
from gitexp.inputs.clues import clues_of
from gitexp.project import Project
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import commit_revision
from gitexp.store.index.index import RunIndex

from tests.workshop import DVC, PROJECT, Git, Gitexp, commit_all, write

SEEDED = """\
import json
import sys
from pathlib import Path

values = dict(line.split(": ") for line in Path("params.yaml").read_text().splitlines())
rate, seed = float(values["rate"]), int(values["seed"])
if rate == 5 and seed == 1:
    sys.exit(3)
accuracy = round(0.5 + rate / 10 + [0, 0.02, -0.013][seed % 3], 6)
Path("metrics.json").write_text(json.dumps({"accuracy": accuracy}) + "\\n")
"""
NOISE = (0, 0.02, -0.013)


def accuracies(rate: float) -> list[float]:
    """Return what three seeds come to."""
    return [round(0.5 + rate / 10 + one, 6) for one in NOISE]


def counted(monkeypatch: pytest.MonkeyPatch, place: object, name: str) -> list[object]:
    """Return a list that has an item for each call of a function from now on."""
    calls: list[object] = []
    called = getattr(place, name)

    def noted(*args: Any) -> Any:
        calls.append(args)
        return called(*args)

    monkeypatch.setattr(place, name, noted)
    return calls


@pytest.fixture
def project_files() -> Mapping[str, str]:
    return {
        **PROJECT,
        "train.py": SEEDED,
        "gitexp.yaml": "command: python train.py\npolicy: {accuracy: {goal: max}}\n",
    }


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for a repository with three groups, which is made once for all."""
    return tmp_path_factory.mktemp("repeated") / "work"


@pytest.fixture
def groups(work_tree: Path, kept: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three repeats each of 'low', 'like' and 'high', and a single run with other params."""
    if not kept.exists():
        for name, rate in (("low", 0.1), ("like", 0.15), ("high", 3)):
            assert gitexp("run", "--repeat", "3", "-n", name, "-S", f"rate={rate}").code == 0
        assert gitexp("run", "-n", "single", "-S", "rate=0.9").code == 0
        shutil.copytree(work_tree, kept, symlinks=True)
    monkeypatch.chdir(work_tree.parent)
    shutil.rmtree(work_tree)
    shutil.copytree(kept, work_tree, symlinks=True)
    monkeypatch.chdir(work_tree)
    return work_tree


def test_repeats_are_runs_with_one_seed_after_the_other(work_tree: Path, gitexp: Gitexp) -> None:
    code, _, err = gitexp("run", "--repeat", "3", "-n", "a", "-m", "thrice")

    runs = json.loads(gitexp("ls", "--json").out)
    values = accuracies(0.1)
    assert code == 0
    assert [(one["name"], one["params"]["params.yaml"]["seed"]) for one in runs[::-1]] == [
        ("a", 0),
        ("a-r2", 1),
        ("a-r3", 2),
    ]
    assert f"a: accuracy {mean(values):.3f} ± {stdev(values):.3f} (n = 3)" in err
    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 2\n"


def test_a_repeat_that_fails_does_not_stop_the_others(
    gitexp: Gitexp, work_tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert work_tree.exists()
    asked = counted(monkeypatch, NoRepeats, "among")
    worked_out: list[Any] = counted(monkeypatch, Likeness, "keys")
    ran = gitexp("run", "--repeat", "3", "--json", "-n", "a", "-S", "rate=5")

    group = json.loads(ran.out)
    assert ran.code == 3
    assert ran.err.splitlines()[-1].endswith("(n = 2, 1 failed)")
    assert len(asked) == 3 + 1  # after each repeat, and for what they came to
    assert [len(runs) for _, runs in worked_out] == [2, 1]  # each run once
    assert (group["name"], group["n"], group["failed"]) == ("a", 2, 1)
    assert group["metrics"]["accuracy"]["values"] == [accuracies(5)[0], accuracies(5)[2]]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--repeat-key", "seed"], "nothing is repeated"),
        (["--repeat", "2", "--repeat-key", "rate"], "'rate' is not a seed here"),
        (["--repeat", "2", "-S", "seed=1,2,3"], "3 different seeds for 2 repeats"),
        (["--repeat", "999999999"], "999,999,999 repeats are too many"),
        (["--repeat", "2", "-n", "main"], "'main' is the name of a branch"),
    ],
)
def test_what_cannot_be_repeated_is_told_before_the_first_run(
    args: list[str], message: str, gitexp: Gitexp, work_tree: Path, git: Git
) -> None:
    assert work_tree.exists()

    ended = gitexp("run", *args)

    assert ended.code == 125
    assert ended.err.startswith(f"error: {message}")
    assert "refs/heads/experiments" not in git("for-each-ref")


def test_the_name_of_a_later_repeat_is_looked_at_before_the_first(
    groups: Path, gitexp: Gitexp, git: Git
) -> None:
    assert groups.exists()
    git("branch", "new-r3")

    ended = gitexp("run", "--repeat", "3", "-n", "new")

    assert ended.err.startswith("error: 'new-r3' is the name of a branch")
    assert gitexp("ls", "--where", "name = new").out == "No runs.\n"


def test_a_group_is_a_row_with_its_mean_deviation_and_number(groups: Path, gitexp: Gitexp) -> None:
    assert groups.exists()
    rows = json.loads(gitexp("ls", "--group", "--sort-by", "accuracy", "--json").out)

    assert [(one["name"], one["n"]) for one in rows] == [
        ("high", 3),
        ("single", 1),
        ("like", 3),
        ("low", 3),
    ]
    found = rows[0]["metrics"]["accuracy"]
    assert found["values"] == accuracies(3)
    assert found["mean"] == pytest.approx(mean(accuracies(3)))
    assert found["standard_deviation"] == pytest.approx(stdev(accuracies(3)))
    assert rows[0]["params"] == {"rate": 3}
    assert rows[1]["metrics"]["accuracy"]["standard_deviation"] is None
    assert [one["name"] for one in rows[3]["runs"]] == ["low", "low-r2", "low-r3"]

    table = gitexp("ls", "--group", "--where", "rate < 0.12").out.splitlines()
    assert table[0].split() == ["name", "n", "started", "duration", "accuracy", "min", "max"]
    assert f"{mean(accuracies(0.1)):.3f} ± {stdev(accuracies(0.1)):.3f}" in table[1]

    [high, *_] = csv.DictReader(
        gitexp("ls", "--group", "--sort-by", "rate", "--sort-order", "desc", "--csv").out.split(
            "\n"
        )
    )
    assert (high["n"], high["params.rate"]) == ("3", "3")
    assert float(high["metrics.accuracy.mean"]) == pytest.approx(mean(accuracies(3)))
    assert gitexp("ls", "--group", "-N", "1").out.count("\n") == 2
    assert gitexp("ls", "--group", "--all-projects").code == 2


def test_the_best_are_ranked_by_their_means_and_noise_is_told(
    groups: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert groups.exists()
    asked = counted(monkeypatch, RunIndex, "has_repeats")
    shown = gitexp("best", "accuracy").out.splitlines()
    assert len(asked) == 1
    rows = json.loads(gitexp("best", "accuracy", "--json").out)

    assert [line.split()[0] for line in shown[1:]] == ["high", "single", "like", "low"]
    assert [("within noise" in line) for line in shown[1:]] == [False, False, False, True]
    assert "within noise of like" in shown[4]
    assert [one["name"] for one in rows] == ["high", "single", "like", "low"]
    assert "group" not in rows[1]
    expected = ttest_ind(accuracies(0.1), accuracies(0.15), equal_var=False).pvalue
    assert rows[3]["group"]["p"] == pytest.approx(expected)
    assert rows[3]["group"]["against"] == "like"


def test_the_best_of_a_metric_is_the_run_of_the_first_row(groups: Path, gitexp: Gitexp) -> None:
    assert groups.exists()
    rows = json.loads(gitexp("best", "accuracy", "--json").out)

    assert json.loads(gitexp("show", "best:accuracy", "--json").out)["name"] == "high"
    assert gitexp("diff", "low", "best:accuracy").out.startswith("low → high\n")
    assert best("accuracy").name == rows[0]["name"] == "high"
    values = rows[0]["group"]["metrics"]["accuracy"]["values"]
    assert max(values) > rows[0]["metrics"]["metrics.json"]["accuracy"]  # that of a lucky seed
    assert best("accuracy", where="rate < 0.2").name == "like"


def test_repeats_are_on_a_front_by_their_means(groups: Path, gitexp: Gitexp) -> None:
    assert groups.exists()
    orders = ("--sort-order", "desc", "--sort-order", "asc")

    rows = json.loads(gitexp("best", "accuracy", "params.rate", *orders, "--json").out)
    least = json.loads(gitexp("best", "accuracy", "params.rate", *orders[:2] * 2, "--json").out)

    assert [one["name"] for one in rows] == ["high", "single", "like", "low"]
    assert [one["name"] for one in least] == ["high"]
    assert rows[0]["group"]["metrics"]["accuracy"]["mean"] == pytest.approx(mean(accuracies(3)))


def test_a_comparison_tells_noise_from_change(groups: Path, gitexp: Gitexp) -> None:
    assert groups.exists()
    like, high = gitexp("diff", "low", "like-r2"), gitexp("diff", "low", "high")
    found = json.loads(gitexp("diff", "low", "like", "--json").out)

    [line] = [line for line in like.out.splitlines() if line.strip().startswith("accuracy  ")]
    assert line.endswith("~ within noise")
    assert "accuracy: 0.512 ± 0.017 (n = 3) → 0.517 ± 0.017 (n = 3), p = 0.7" in like.out
    [line] = [line for line in high.out.splitlines() if line.strip().startswith("accuracy  ")]
    assert line.endswith("better")
    repeats = found["metrics"]["metrics.json"]["accuracy"]["repeats"]
    assert sorted(repeats["old"]["values"]) == sorted(accuracies(0.1))
    assert sorted(repeats["new"]["values"]) == sorted(accuracies(0.15))
    assert [one.mark for one in diff("low", "like").metrics] == ["within noise"]
    expected = ttest_ind(accuracies(0.15), accuracies(0.1), equal_var=False)
    assert (repeats["t"], repeats["p"]) == pytest.approx((expected.statistic, expected.pvalue))


def test_a_run_is_not_made_again_if_it_is_known(groups: Path, gitexp: Gitexp, git: Git) -> None:
    tip = git("rev-parse", "experiments")
    known = gitexp("run", "--needed", "--json", "-S", "rate=3", "-S", "seed=1")
    commit_all(groups, "metrics are no inputs")
    again = gitexp("run", "--needed", "--repeat", "3", "-S", "rate=3")

    assert (known.code, json.loads(known.out)["name"]) == (0, "high-r2")
    assert known.err.splitlines()[0].startswith("not needed")
    assert again.code == 0
    assert again.err.splitlines()[-1].startswith("high: accuracy 0.80")
    assert git("rev-parse", "experiments") == tip

    more = gitexp("run", "--needed", "--repeat", "4", "-S", "rate=3")

    assert more.code == 0
    assert more.err.splitlines()[-1].endswith("(n = 4)")
    assert git("rev-parse", "experiments~1") == tip


def test_a_run_without_metrics_is_made_again_once_the_settings_name_others(
    work_tree: Path, gitexp: Gitexp
) -> None:
    write(work_tree, {".gitignore": "metrics.json\n", "gitexp.yaml": "metrics: [scores.json]\n"})
    commit_all(work_tree)
    same = ("run", "--needed", "--", "python", "train.py")
    assert gitexp(*same).err.count("not needed") == 0
    assert gitexp(*same).err.count("not needed") == 1
    (work_tree / "gitexp.yaml").write_text("metrics: [results.json]\n")

    mended = gitexp(*same)

    assert mended.err.count("not needed") == 0
    assert gitexp(*same).err.count("not needed") == 1  # a third run would have none, either


def test_another_command_or_other_code_makes_a_run_needed(groups: Path, gitexp: Gitexp) -> None:
    same = ["run", "--needed", "-S", "rate=3", "-S", "seed=1"]
    other = gitexp(*same, "--", "python", "-B", "train.py")
    (groups / "train.py").write_text(SEEDED + "# more\n")

    code = gitexp(*same)

    assert not other.err.startswith("not needed")
    assert not code.err.startswith("not needed")


def test_seeds_that_ran_after_the_result_was_committed_count_as_repeats(
    groups: Path, gitexp: Gitexp, git: Git
) -> None:
    gitexp("apply", "high")
    commit_all(groups, "what high made")
    (groups / "README.md").write_text("words\n")
    commit_all(groups, "a page")
    for seed in (3, 4):
        assert gitexp("run", "-S", f"seed={seed}", "-n", f"later-{seed}").code == 0
    git("checkout", "--quiet", ".")

    [high] = json.loads(gitexp("ls", "--group", "--where", "rate = 3", "--json").out)

    names = [one["name"] for one in high["runs"]]
    assert names == ["high", "high-r2", "high-r3", "later-3", "later-4"]


def test_a_review_says_why_seeds_do_not_count_as_repeats(
    groups: Path, gitexp: Gitexp, git: Git
) -> None:
    git("checkout", "--quiet", "-b", "topic")
    gitexp("apply", "high")
    commit_all(groups, "what high made")
    (groups / "train.py").write_text(SEEDED + "# more\n")
    commit_all(groups, "other code")
    for seed in (3, 4):
        assert gitexp("run", "-S", f"seed={seed}", "-n", f"later-{seed}").code == 0
    git("checkout", "--quiet", ".")

    told = gitexp("review", "main").out

    assert "'later-4', 'later-3' are no repeats of 'high': train.py changed in between" in told


def test_what_a_run_made_behind_a_pointer_is_no_input_of_the_next_one(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    """Whatever it is called, and although its pointer is in git; but for another program it is."""
    writes = "Path('weights.npz').write_bytes(b'PK' + str(seed).encode())\n"
    (work_tree / "train.py").write_text(SEEDED + writes)
    write(work_tree, {**DVC, "use.py": "print(open('weights.npz', 'rb').read())\n"})
    commit_all(work_tree)
    gitexp("run", "-n", "first")
    commit_all(work_tree, "what it made")

    again = gitexp("run", "--needed")
    head = git("rev-parse", "HEAD").strip()
    with Project.open(work_tree) as project:
        clues = clues_of(Reading(project, commit_revision(project, head, "")))
    gitexp("run", "-n", "second", "-S", "seed=5")
    use = gitexp("run", "-n", "use", "--", "python", "use.py")

    assert again.err.startswith("not needed")
    assert json.loads(gitexp("show", "first", "--json").out)["inputs"]["oid"] in {
        text.rpartition(":")[2] for text in clues.inputs
    }
    [group] = json.loads(gitexp("ls", "--group", "--where", "name ~ 'first|second'", "--json").out)
    assert group["n"] == 2
    assert use.code == 0
    excluded = json.loads(gitexp("show", "use", "--json").out)["inputs"]["excluded"]
    assert "weights.npz.dvc" not in excluded


def test_what_a_person_put_in_the_place_of_what_a_run_made_is_an_input(
    work_tree: Path, gitexp: Gitexp
) -> None:
    """Untracked, it costs one run; tracked, runs that write over it say so, and are no repeats."""
    writes = "Path('weights.npz').write_bytes(b'PK' + str(seed).encode())\n"
    (work_tree / "train.py").write_text(SEEDED + writes)
    write(work_tree, DVC)
    commit_all(work_tree)
    gitexp("run", "-n", "first")
    commit_all(work_tree, "what it made")
    pointer = (work_tree / "weights.npz.dvc").read_text()
    ran = []
    for name in ("untracked", "after", "tracked"):
        content = f"PK {name}".encode()
        if name != "after":
            (work_tree / "weights.npz").write_bytes(content)
        if name == "tracked":
            md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
            other = re.sub("md5: .*\n  size: .*", f"md5: {md5}\n  size: {len(content)}", pointer)
            (work_tree / "weights.npz.dvc").write_text(other)
            commit_all(work_tree, "other weights")
        ran.append(gitexp("run", "--needed", "-n", name).err.startswith("not needed"))
    runs = {one["name"]: one for one in json.loads(gitexp("ls", "--json").out)}
    groups = json.loads(gitexp("ls", "--group", "--json").out)

    assert ran == [False, True, False]
    assert [one["changed"] for one in runs["untracked"]["pointers"]] == [False]
    assert [one["changed"] for one in runs["tracked"]["pointers"]] == [True]
    assert [(group["name"], group["n"]) for group in groups] == [("tracked", 1), ("first", 2)]


def test_inside_another_run_a_command_is_run_once(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    assert work_tree.exists()
    inner = "python -m gitexp run --repeat 3 -- python train.py"

    outer = gitexp("run", "-n", "outer", "--", *inner.split())

    assert outer.code == 0
    assert "note: `--repeat` and `--needed` have no effect inside another run" in outer.err
    assert git("rev-list", "--count", "experiments") == "2\n"


@pytest.mark.parametrize(("name", "outcome"), [("like", "within noise"), ("high", "better")])
def test_a_comparison_of_commits_says_what_a_review_says(
    groups: Path, gitexp: Gitexp, git: Git, name: str, outcome: str
) -> None:
    gitexp("apply", "low")
    commit_all(groups, "what low made")
    git("checkout", "--quiet", "-b", "topic")
    gitexp("apply", name)
    commit_all(groups, f"what {name} made")

    review = json.loads(gitexp("review", "main", "--json").out)
    commits, tree = diff("main", "topic"), diff("main", "workspace")

    assert [one["outcome"] for one in review["verdict"]["metrics"]] == [outcome]
    assert [one.mark for one in commits.metrics] == [outcome]
    assert [one.mark for one in tree.metrics] == [outcome]
