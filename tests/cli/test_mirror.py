"""`mirror: dvc`: runs as DVC's own commands see them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

from gitexp.errors import ExitCode

from tests import workshop
from tests.cli.workshop import Clone
from tests.workshop import Git, Gitexp


class Dvc(Protocol):
    """Run `dvc ARGS...` in the current directory, or in `cwd`, and return what it prints."""

    def __call__(self, *args: str, cwd: Path | None = None) -> str: ...


MODEL = """\
import sys
from pathlib import Path

Path("metrics.json").write_text('{"accuracy": %s}' % sys.argv[1])
Path("model.pt").write_bytes(sys.argv[1].encode() * 100)
"""


@pytest.fixture
def dvc() -> Dvc:
    """Run `dvc ARGS...` in the current directory, or in `cwd`, and return what it prints."""
    return workshop.dvc


@pytest.fixture
def mirrored(work_tree: Path, git: Git) -> Path:
    """The work tree with DVC in it, whose runs are mirrored."""
    files = {
        ".dvc/config": "",
        ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
        "train_model.py": MODEL,
    }
    files["dvc.yaml"] = "metrics: [metrics.json]\n"
    files["gitexp.yaml"] = "mirror: dvc\ncommand: python train.py\n"
    for name, content in files.items():
        (work_tree / name).parent.mkdir(exist_ok=True)
        (work_tree / name).write_text(content)
    git("add", "--all")
    git("commit", "--quiet", "-m", "seen by DVC")
    return work_tree


def experiments(git: Git, cwd: Path | None = None) -> dict[str, str]:
    """Return the oid of each experiment by its ref below `refs/exps`."""
    form = "--format=%(refname:lstrip=2) %(objectname)"
    lines = git("for-each-ref", form, "refs/exps", cwd=cwd).splitlines()
    return dict(line.split(" ") for line in lines)


def folder(baseline: str) -> str:
    return f"{baseline[:2]}/{baseline[2:].strip()}"


@pytest.mark.usefixtures("mirrored")
def test_dvc_lists_and_shows_every_run(gitexp: Gitexp, git: Git, dvc: Dvc) -> None:
    gitexp("run", "-S", "rate=0.2", "-n", "one")
    gitexp("run", "-S", "rate=0.3", "-n", "two")

    listed = dvc("exp", "list", "--name-only").split()
    [_, baseline] = json.loads(dvc("exp", "show", "--json"))

    assert sorted(listed) == ["one", "two"]
    assert baseline["rev"] == git("rev-parse", "HEAD").strip()
    seen = {}
    for experiment in baseline["experiments"]:
        [revision] = experiment["revs"]  # no checkpoints
        data = revision["data"]
        seen[experiment["name"]] = (
            data["params"]["params.yaml"]["data"],
            data["metrics"]["metrics.json"]["data"],
        )
    assert seen == {
        "one": ({"rate": 0.2, "seed": 1}, {"accuracy": 1.0, "loss": 0.3}),
        "two": ({"rate": 0.3, "seed": 1}, {"accuracy": 1.05, "loss": 0.2}),
    }


def test_dvc_compares_applies_and_branches_runs(
    gitexp: Gitexp, git: Git, dvc: Dvc, mirrored: Path
) -> None:
    gitexp("run", "-n", "one", "--", "python", "train_model.py", "0.5")
    gitexp("run", "-n", "two", "--", "python", "train_model.py", "0.6")

    diff = json.loads(dvc("exp", "diff", "one", "two", "--json"))
    dvc("exp", "apply", "one")
    dvc("exp", "branch", "two", "from-two")

    assert diff["metrics"] == {
        "metrics.json": {"accuracy": {"old": 0.5, "new": 0.6, "diff": pytest.approx(0.1)}}
    }
    assert (mirrored / "model.pt").read_bytes() == b"0.5" * 100
    assert not (mirrored / ".gitexp").exists()
    changed = git("diff", "--name-only", "HEAD", "from-two").split()
    assert changed == [".gitignore", "metrics.json", "model.pt.dvc"]


@pytest.mark.usefixtures("mirrored")
def test_dvc_gc_of_experiments_keeps_the_models_of_mirrored_runs(gitexp: Gitexp, dvc: Dvc) -> None:
    gitexp("run", "-n", "one", "--", "python", "train_model.py", "0.5")
    gitexp("run", "-n", "two", "--", "python", "train_model.py", "0.6")

    dvc("gc", "--workspace", "--all-experiments", "--force")

    assert gitexp("get", "one", "model.pt", "-o", "back.pt").code == ExitCode.OK
    assert Path("back.pt").read_bytes() == b"0.5" * 100


def test_a_mirrored_run_is_one_commit_on_its_baseline(
    gitexp: Gitexp, git: Git, mirrored: Path
) -> None:
    gitexp("run", "-n", "one", "-m", "why\n\nbecause")
    run_id = json.loads(gitexp("show", "one", "--json").out)["id"]

    [(place, oid)] = experiments(git).items()

    head = git("rev-parse", "HEAD").strip()
    assert place == f"{folder(head)}/one"
    assert git("log", "-1", "--format=%P%n%an <%ae>%n%B", oid) == (
        f"{head}\nAda <ada@example.com>\n"
        "one: accuracy 0.95, loss 0.4\n\nwhy\n\nbecause\n\n"
        f"Gitexp-From-Run: {run_id}\n\n"
    )
    run = git("ls-tree", "-r", "experiments").splitlines()
    assert git("ls-tree", "-r", oid).splitlines() == [
        line for line in run if "\t.gitexp/" not in line
    ]
    assert git("status", "--porcelain", cwd=mirrored) == "?? metrics.json\n"


@pytest.mark.usefixtures("mirrored")
def test_a_failed_run_is_seen_without_metrics(gitexp: Gitexp, dvc: Dvc) -> None:
    gitexp("run", "-n", "bad", "--", "false")

    rows = {
        row["Experiment"]: row for row in csv.DictReader(io.StringIO(dvc("exp", "show", "--csv")))
    }

    assert rows["bad"]["rate"] == "0.1"
    assert "accuracy" not in rows["bad"]


@pytest.mark.usefixtures("mirrored")
def test_a_saved_run_and_one_in_a_copy_are_mirrored(gitexp: Gitexp, git: Git) -> None:
    gitexp("run", "--temp", "-n", "copy")
    gitexp("save", "-n", "saved")

    assert [place.rpartition("/")[2] for place in experiments(git)] == ["copy", "saved"]


@pytest.mark.usefixtures("mirrored")
def test_an_experiment_of_dvcs_own_is_never_overwritten(gitexp: Gitexp, git: Git) -> None:
    head = git("rev-parse", "HEAD").strip()
    git("update-ref", f"refs/exps/{folder(head)}/one", head)

    outcome = gitexp("run", "-n", "one")

    run_id = json.loads(gitexp("show", "one", "--json").out)["id"]
    assert outcome.err == "one: accuracy 0.95, loss 0.4\n"
    found = experiments(git)
    assert list(found) == [f"{folder(head)}/one", f"{folder(head)}/one-{run_id}"]
    assert found[f"{folder(head)}/one"] == head


@pytest.mark.usefixtures("mirrored")
def test_a_name_that_git_takes_for_no_ref_is_followed_by_the_id(gitexp: Gitexp, git: Git) -> None:
    gitexp("run", "-n", "x.lock")

    run_id = json.loads(gitexp("show", "x.lock", "--json").out)["id"]
    assert [place.rpartition("/")[2] for place in experiments(git)] == [f"x.lock-{run_id}"]


def test_a_mirror_that_cannot_be_written_costs_a_warning_and_not_the_run(
    gitexp: Gitexp, git: Git, mirrored: Path
) -> None:
    (mirrored / ".git" / "refs" / "exps").write_text("in the way")

    outcome = gitexp("run", "-n", "one")

    assert outcome.code == ExitCode.OK
    assert outcome.err.startswith("warning: run 'one' is recorded, but DVC does not see it: ")
    assert git("log", "-1", "--format=%s", "experiments") == "one: accuracy 0.95, loss 0.4\n"


def test_a_run_that_was_cut_off_before_its_mirror_is_recovered_with_it(
    gitexp: Gitexp, git: Git, mirrored: Path
) -> None:
    pending = mirrored / "pending.py"
    pending.write_text(
        "import os, signal, gitexp.store.mirror as mirror\n"
        "from gitexp.cli.main import main\n"
        "mirror.mirror_run = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "main(['run', '-n', 'one', '--', 'true'])\n"
    )
    subprocess.run([sys.executable, pending], check=False, capture_output=True)
    before = experiments(git)

    outcome = gitexp("ls", "--csv")

    assert before == {}
    assert outcome.err == ""
    assert [place.rpartition("/")[2] for place in experiments(git)] == ["one"]
    assert git("rev-list", "--count", "experiments") == "2\n"


@pytest.mark.usefixtures("mirrored")
def test_runs_that_come_from_others_are_mirrored_as_the_same_commits(
    gitexp: Gitexp, git: Git, hub: Path, clone: Clone
) -> None:
    gitexp("run", "-n", "one")
    gitexp("push")
    other = clone("other")

    outcome = gitexp("-C", other, "pull")
    gitexp("-C", other, "run", "-n", "two", "--", "true")
    gitexp("-C", other, "push")
    gitexp("run", "-n", "three", "--", "true")
    gitexp("push")

    assert outcome == (ExitCode.OK, "1 run came from origin/experiments\n", "")
    here = experiments(git)
    assert [place.rpartition("/")[2] for place in here] == ["one", "three", "two"]
    assert experiments(git, cwd=other).items() < here.items()
    assert "refs/exps" not in git("for-each-ref", cwd=hub)


@pytest.mark.usefixtures("hub")
def test_runs_whose_baseline_is_not_here_are_told_and_passed_over(
    gitexp: Gitexp, git: Git, mirrored: Path, clone: Clone
) -> None:
    git("push", "--quiet", "origin", "main")
    git("commit", "--quiet", "--allow-empty", "-m", "not pushed")
    gitexp("run", "-n", "one")
    gitexp("run", "-n", "two")
    gitexp("push")
    other = clone("other")

    outcome = gitexp("-C", other, "pull")

    said = "note: DVC does not see 'one' and 1 more: the baseline is not in this clone\n"
    assert outcome == (ExitCode.OK, "2 runs came from origin/experiments\n", said)
    assert experiments(git, cwd=other) == {}
    assert mirrored.exists()


def test_only_the_projects_own_settings_count(gitexp: Gitexp, git: Git, mirrored: Path) -> None:
    (mirrored / "app").mkdir()
    shutil.copy(mirrored / "train.py", mirrored / "app")
    (mirrored / "app" / "params.yaml").write_text("rate: 0.1\nseed: 1\n")
    (mirrored / "app" / "gitexp.yaml").write_text("command: python train.py\n")
    gitexp("-C", "app", "run", "-n", "plain")
    (mirrored / "app" / "gitexp.yaml").write_text("command: python train.py\nmirror: dvc\n")

    gitexp("-C", "app", "run", "-n", "seen")

    [(place, oid)] = experiments(git).items()
    assert place.endswith("/seen")
    inside = git("ls-tree", "-r", "--name-only", oid, "app/").split()
    assert inside == ["app/gitexp.yaml", "app/metrics.json", "app/params.yaml", "app/train.py"]


@pytest.mark.usefixtures("mirrored")
def test_dvc_sees_runs_as_they_are_called_now_and_no_removed_ones(
    gitexp: Gitexp, git: Git, dvc: Dvc
) -> None:
    gitexp("run", "-S", "rate=0.2", "-n", "one")
    gitexp("run", "-S", "rate=0.3", "-n", "two")
    place = folder(git("rev-parse", "HEAD"))

    assert gitexp("rename", "one", "uno").err == "run 'one' is now called 'uno'\n"
    assert sorted(dvc("exp", "list", "--name-only").split()) == ["two", "uno"]
    gitexp("rm", "uno", "two")
    assert experiments(git) == {}
    gitexp("restore", "uno")

    assert [*experiments(git)] == [f"{place}/uno"]


def test_where_dvc_is_not_set_up_a_hint_says_so_once(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    (work_tree / "gitexp.yaml").write_text("mirror: dvc\ncommand: python train.py\n")
    git("commit", "--quiet", "--all", "-m", "mirrored")
    hint = "hint: `dvc exp` sees the runs once DVC is set up here: `gitexp init`.\n"

    first, second = (gitexp("run", "-S", f"rate={rate}").err for rate in (0.2, 0.3))

    assert hint in first
    assert hint not in second
