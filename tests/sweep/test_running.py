"""Sweeps run for real: agents that are processes, copies of the work tree, runs on the branch."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gitexp import best
from gitexp.project import Project
from gitexp.store.journal import Journal
from gitexp.sweep import watching
from gitexp.sweep.definition import folder_of, under_way
from gitexp.sweep.local import Agents, agent_calls
from gitexp.sweep.options import SweepOptions

from tests.torture.sweeps import torture
from tests.workshop import DEADLINE, Git, Gitexp, commit_all

FIT = """\
echo "fitting in $PWD, $OMP_NUM_THREADS threads, slot $PLACE"
read name rate < params.yaml
echo "{\\"loss\\": $rate}" > metrics.json
"""
FAIL = "echo 'no such data' >&2; exit 3\n"
HOLD = 'touch "$HELD.$$"; while :; do sleep 0.05; done\n'
"""Ends by a signal alone."""

WORDS = ("rate=1,2,3", "depth=1,2", "--minimize", "loss", "-n", "scan")
TRAIN = ("--", "sh", "fit.sh")
KIND = ("loss", "--kind", "parallel")


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project whose training takes no longer than a shell."""
    return {
        "fit.sh": FIT,
        "fail.sh": FAIL,
        "hold.sh": HOLD,
        "params.yaml": "rate: 0\ndepth: 0\n",
        "gitexp.yaml": "policy:\n  loss: {goal: min}\n",
    }


def records(work_tree: Path) -> list[Any]:
    """Return the runs, the first recorded first."""
    with Project.open(work_tree) as project:
        runs = project.runs.newest()
        return sorted((run.record for run in runs), key=lambda record: record.ended)


def by_point(work_tree: Path) -> dict[int, Any]:
    """Return the runs by the numbers of their points."""
    return {record.point.number: record for record in records(work_tree)}


def left_behind(work_tree: Path, git: Git) -> list[str]:
    """Return what there is of runs and sweeps that are over."""
    own = work_tree / ".git" / "gitexp"
    folders = ("journal", "runs", "sweeps", "left")
    files = [str(place) for name in folders for place in (own / name).glob("*")]
    return [*files, *git("for-each-ref", "--format=%(refname)", "refs/gitexp").split()]


def test_a_sweep_runs_every_point_once_and_leaves_nothing_but_runs(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    code, out, err = gitexp(
        "sweep", *WORDS, "-j", "2", "--slot", "PLACE=a", "--slot", "PLACE=b", *TRAIN
    )

    assert code == 0
    assert out.splitlines()[1].split()[:5] == ["scan-0", "0", "1", "1", "1.0"]
    assert out.splitlines()[-3:] == [
        "scan: 6 of 6 done",
        "`depth` makes no difference to loss: does the command read it?",
        "next: gitexp apply scan-0 · gitexp show scan-0",
    ]
    assert "fitting" not in err  # what commands print is in their logs alone
    assert len([line for line in err.splitlines() if "/6]" in line]) == 6
    runs = by_point(work_tree)
    assert {number: (run.point.values, run.status) for number, run in runs.items()} == {
        number: ({"rate": number // 2 + 1, "depth": number % 2 + 1}, "done") for number in range(6)
    }
    one = runs[3]
    assert (one.name, one.sweep, one.point.sweep) == ("scan-3", runs[0].sweep, "scan")
    assert one.point.slot in ("PLACE=a", "PLACE=b")
    log = _log(git, one.id)
    assert f"{one.point.threads} threads, slot {one.point.slot[-1]}" in log
    assert left_behind(work_tree, git) == []
    assert git("status", "--porcelain") == ""
    assert git("fsck", "--no-dangling") == ""


@pytest.mark.usefixtures("work_tree")
def test_runs_that_end_before_anybody_looks_at_them_are_told_of(
    gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine is so busy that the call comes to look when all is over."""
    monkeypatch.setattr(watching, "_LOOK_EVERY", 600.0)

    code, _, err = gitexp("sweep", "rate=1,2", "-n", "scan", *TRAIN)

    assert code == 0
    assert [line.split()[-1] for line in err.splitlines() if "/2]" in line] == ["[1/2]", "[2/2]"]


def _log(git: Git, run_id: str) -> str:
    oid = git("log", "--format=%H", f"--grep=Gitexp-Run: {run_id}", "experiments").strip()
    return git("show", f"{oid}:.gitexp/output.log")


def test_a_point_is_recorded_as_a_run_in_a_copy_would_be(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    (work_tree / "params.yaml").write_text("rate: 0\ndepth: 0  # edited\n")
    (work_tree / "new.txt").write_text("untracked\n")
    (work_tree / "fit.sh").write_text(FIT + "echo more > report.txt\n")
    git("add", "fit.sh")
    (work_tree / "fit.sh").write_text(FIT + "echo other > report.txt\n")

    gitexp("sweep", "rate=5", "-n", "scan", *TRAIN)
    gitexp("run", "--temp", "-S", "rate=5", "-n", "single", *TRAIN)

    sweep, single = records(work_tree)
    for field in ("inputs", "params", "metrics", "outputs", "baseline", "left_out", "python"):
        assert getattr(sweep, field) == getattr(single, field), field
    first, second = git("log", "-2", "--reverse", "--format=%H", "experiments").split()
    paths = ":(exclude).gitexp"
    assert git("diff", "--stat", first, second, "--", ".", paths) == ""


def test_a_run_that_writes_nothing_after_others_that_did_has_no_metrics_and_no_outputs(
    work_tree: Path, gitexp: Gitexp
) -> None:
    (work_tree / "metrics.json").write_text('{"loss": 7.0}\n')
    commit_all(work_tree, "the metrics of a run before")
    (work_tree / "some.sh").write_text(FIT.replace('echo "{', '[ $rate = 4 ] || echo "{'))

    code, _, err = gitexp("sweep", "rate=1,2,3,4", "-n", "s", "--", "sh", "some.sh")

    assert code == 0, err
    runs = by_point(work_tree)
    assert {number: (run.metrics, run.outputs) for number, run in runs.items()} == {
        **{
            number: ({"metrics.json": {"loss": number + 1}}, ("metrics.json",))
            for number in range(3)
        },
        3: ({}, ()),
    }


def test_nobody_notices_what_becomes_of_the_work_tree_meanwhile(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    (work_tree / "fit.sh").write_text(FIT + "echo first > report.txt\n")  # not committed
    gitexp("sweep", *WORDS, "-N", "2", "--sampler", "grid", *TRAIN)
    git("stash")
    git("switch", "--quiet", "--orphan", "elsewhere")
    (work_tree / "gitexp.yaml").write_text("no settings: at all\n")
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "--quiet", "--prune=now")

    broken = gitexp("sweep", "--resume", "scan", "-N", "6")
    (work_tree / "gitexp.yaml").unlink()
    code, *_ = gitexp("sweep", "--resume", "scan", "-N", "6", "-j", "2")

    assert broken.code == 2  # the settings are those of this call
    assert code == 0
    runs = by_point(work_tree)
    assert sorted(runs) == list(range(6))
    assert {run.outputs for run in runs.values()} == {("metrics.json", "report.txt")}
    assert len({run.inputs.oid for run in runs.values()}) == 6
    assert git("fsck", "--no-dangling") == ""


def test_a_fresh_clone_goes_on_with_the_same_points(
    work_tree: Path, gitexp: Gitexp, git: Git, tmp_path: Path
) -> None:
    gitexp("sweep", *WORDS, "-N", "2", "--sampler", "grid", *TRAIN)
    (work_tree / "fit.sh").write_text(FIT + "echo of other code\n")
    commit_all(work_tree, "other code")
    git("clone", "--quiet", work_tree, tmp_path / "clone")
    clone = tmp_path / "clone"
    gitexp("push", cwd=work_tree)
    gitexp("pull", cwd=clone)

    whose = "note: this sweep runs `sh fit.sh` in '.', as run 'scan-1' has it, by "
    code, _, err = gitexp("sweep", "--resume", "scan", "-N", "6", cwd=clone)

    assert (code, "of other code" in err) == (0, False)
    assert err.startswith(f"{whose}{git('log', '-1', '--format=%an <%ae>').strip()}\n")
    runs = by_point(clone)
    assert sorted(runs) == list(range(6))
    assert len({run.inputs.oid for run in runs.values()}) == 6
    assert {run.baseline for run in runs.values()} == {runs[0].baseline}
    assert whose not in gitexp("sweep", "--resume", "scan", "-N", "6", cwd=work_tree).err
    assert {number: run.inputs.oid for number, run in by_point(work_tree).items()} == {
        number: run.inputs.oid for number, run in runs.items()
    }


def test_a_sweep_whose_first_points_all_fail_is_stopped_and_can_be_run_again(
    work_tree: Path, gitexp: Gitexp
) -> None:
    code, out, err = gitexp("sweep", *WORDS, "--", "sh", "fail.sh")

    assert code == 1
    assert "note: no further run is started: the first 3 runs all failed" in err
    assert "3 runs failed, the first with exit code 3: `gitexp show scan-0`" in out
    assert [record.status for record in records(work_tree)] == ["failed"] * 3
    code, out, _ = gitexp("sweep", "--resume", "scan", "--again", "failed", "--max-failures", "2")
    assert code == 1
    names = [record.name for record in records(work_tree)]
    assert names == ["scan-0", "scan-1", "scan-2", "scan-0-a2", "scan-1-a2"]


def test_no_run_is_started_when_the_time_is_up(work_tree: Path, gitexp: Gitexp) -> None:
    code, _, err = gitexp("sweep", *WORDS, "--max-time", "0.001s", *TRAIN)

    assert code == 1
    assert "note: no further run is started: the time is up" in err
    assert not (work_tree / ".git" / "refs" / "heads" / "experiments").exists()


def test_ctrl_c_records_what_is_running_as_interrupted_and_a_second_one_ends_everything(
    work_tree: Path, tmp_path: Path, gitexp: Gitexp
) -> None:
    heeding = _held_sweep(work_tree, tmp_path / "heeding", HOLD)
    heeding.send_signal(signal.SIGINT)
    assert heeding.wait(DEADLINE) == 130
    stubborn = _held_sweep(work_tree, tmp_path / "stubborn", f"trap '' INT TERM\n{HOLD}")
    stubborn.send_signal(signal.SIGINT)
    stubborn.send_signal(signal.SIGTERM)  # another one: two of a kind may come as one
    assert stubborn.wait(DEADLINE) == 130

    with Project.open(work_tree) as project:  # the system may take its time to end what is killed
        _until(lambda: all(one.is_over for one in Journal(project.repository).entries()))
    assert gitexp("ls").code == 0  # which records what was left
    found = [(record.status, record.exit.reason) for record in records(work_tree)]
    assert sorted(found) == [("interrupted", "lost")] * 2 + [("interrupted", "signal")] * 2


def test_a_signal_that_comes_while_another_is_heeded_breaks_nothing(
    work_tree: Path, tmp_path: Path
) -> None:
    agents = Agents(work_tree, tmp_path, "none", lambda _: None)
    calls = agent_calls(SweepOptions(jobs=1), os.environ)

    def interrupted(frame: object, event: str, function: object) -> None:
        del frame
        if event == "c_return" and getattr(function, "__name__", "") == "close":
            sys.setprofile(None)
            agents.kill()

    with agents.working(calls):
        sys.setprofile(interrupted)
        agents.stop()

    assert agents.wait()


def _held_sweep(work_tree: Path, held: Path, script: str) -> subprocess.Popen[bytes]:
    """Start a sweep whose two runs go on until a signal ends them; return once both run.

    And are noted as such, which takes a moment more: what is not noted is not killed either.
    """
    held.mkdir()
    (work_tree / "hold.sh").write_text(script)
    words = ("rate=1,2,3", "-j", "2", "--", "sh", "hold.sh")
    process = subprocess.Popen(
        [sys.executable, "-m", "gitexp", "-C", str(work_tree), "sweep", *words],
        env={**os.environ, "HELD": str(held / "run")},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    _until(lambda: len(list(held.iterdir())) == 2)
    journal = work_tree / ".git" / "gitexp" / "journal"
    _until(lambda: all(json.loads(one.read_text())["child"] for one in journal.glob("*.json")))
    return process


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_agents_that_can_be_started_do_the_work_of_one_that_cannot(
    work_tree: Path, gitexp: Gitexp
) -> None:
    gitexp("sweep", *WORDS, "--script", "slurm", *TRAIN)  # which keeps what runs begin with
    with Project.open(work_tree) as project:
        [sweep_id] = under_way(project)
        folder = folder_of(project, sweep_id)
    first, second = agent_calls(SweepOptions(points=6, jobs=2), os.environ)
    said: list[str] = []
    agents = Agents(work_tree, folder, sweep_id, said.append)

    with agents.working([replace(first, slot="x" * 200_000), second]):  # no system takes the first
        assert agents.wait(DEADLINE)

    assert said == ["warning: agent 1 cannot be started: Argument list too long"]
    assert sorted(agents.codes) == [0, 2]
    assert sorted(by_point(work_tree)) == list(range(6))


def test_an_agent_by_itself_makes_as_many_runs_as_it_is_told_to(
    work_tree: Path, gitexp: Gitexp
) -> None:
    code, script, _ = gitexp("sweep", *WORDS, "--script", "slurm", *TRAIN)
    assert code == 0
    assert script.splitlines()[-1] == f"exec gitexp -C {work_tree} sweep --agent --resume scan"

    code, out, err = gitexp("sweep", "--agent", "--resume", "scan", "--count", "2")

    assert (code, out) == (0, "")
    assert err.splitlines() == ["scan-0: loss 1", "scan-1: loss 1"]
    listed = gitexp("doctor").out
    assert "sweep 'scan' (" in listed
    assert "nobody is at it. `gitexp sweep --resume scan` goes on with it." in listed


def test_what_a_sweep_was_run_on_is_let_go_of_by_gc_once_it_is_over(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    gitexp("sweep", *WORDS, "-N", "2", "--sampler", "random", *TRAIN)
    assert git("for-each-ref", "refs/gitexp/sweeps") != ""

    code, out, _ = gitexp("gc", "--force")

    assert (code, "what sweep 'scan' was run on" in out) == (0, True)
    assert left_behind(work_tree, git) == []
    code, out, _ = gitexp("sweep", "--resume", "scan", "-N", "3")
    assert (code, "3 of 3 done" in out) == (0, True)


def test_what_a_call_that_was_killed_at_its_end_has_kept_is_let_go_of_by_the_next(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    words = ("rate=1,2", "-n", "scan")
    gitexp("sweep", *words, "--script", "slurm", *TRAIN)  # which keeps what runs begin with
    gitexp("sweep", "--agent", "--resume", "scan")
    assert len(records(work_tree)) == 2
    assert "sweep 'scan' (" in (said := gitexp("doctor").out)
    assert "is over; `gitexp gc` lets go of its files" in said

    code, out, err = gitexp("sweep", *words, *TRAIN)

    assert (code, "scan: 2 of 2 done" in out) == (0, True)
    assert err.endswith("nothing left to run\n")
    assert left_behind(work_tree, git) == []


def test_runs_that_wait_for_their_branch_end_the_sweep_and_count_once_they_are_on_it(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    held = f"git --git-dir='{work_tree}/.git' symbolic-ref HEAD refs/heads/experiments\n"
    (work_tree / "fit.sh").write_text(f"{FIT}[ $rate != 2 ] || {held}")
    code, out, err = gitexp("sweep", *WORDS, *TRAIN)

    assert code != 0
    assert "runs wait for the branch; `gitexp doctor` says what is in the way" in err
    git("symbolic-ref", "HEAD", "refs/heads/main")
    (work_tree / "fit.sh").write_text(FIT)
    code, out, _ = gitexp("sweep", "--resume", "scan", "--points", "3")
    assert (code, "3 of 3 done" in out) == (0, True)
    assert len(records(work_tree)) == 3


def test_runs_with_the_same_inputs_settle_points_that_a_sampler_proposes(
    work_tree: Path, gitexp: Gitexp
) -> None:
    gitexp("sweep", *WORDS, "--sampler", "grid", *TRAIN)

    words = ("rate=1,2,3", "depth=1,2", "--sampler", "random", "-N", "4", "-n", "again")
    code, out, _ = gitexp("sweep", *words, *TRAIN)
    assert (code, "again: 0 of 4 done · 4 covered" in out) == (0, True)
    words = ("rate=2,3,4", "depth=1", "--sampler", "tpe", "--minimize", "loss", "-N", "3")
    code, out, _ = gitexp("sweep", *words, "-n", "learned", *TRAIN)
    assert (code, "learned: 1 of 3 done · 2 covered" in out) == (0, True)
    assert len(records(work_tree)) == 7


@pytest.mark.usefixtures("work_tree")
def test_a_finished_sweep_still_knows_the_points_that_other_runs_settle(gitexp: Gitexp) -> None:
    gitexp("run", "-n", "one", "-S", "rate=1", *TRAIN)
    words = ("sweep", "rate=1,2", "--minimize", "loss", "-n", "scan")
    code, ended, _ = gitexp(*words, *TRAIN)
    assert (code, "scan: 1 of 2 done · 1 covered" in ended) == (0, True)

    shown, slip = gitexp("show", "scan").out, gitexp("show", "scna").err
    told = json.loads(gitexp("show", "scan", "--json").out)
    drawn = json.loads(gitexp("plot", "scan", "--json").out)
    resumed = gitexp("sweep", "--resume", "scan", "--dry-run").out

    assert all(line in shown for line in ended.splitlines()[1:])
    assert (told["covered"], told["best"]) == (1, ["one", "scan-1"])
    assert "scan-1" in json.dumps(drawn)
    assert "one" in json.dumps(drawn)
    assert "Did you mean 'scan'?" in slip
    assert "runs      2 there already\n" in resumed

    again = gitexp("sweep", "--resume", "scan", "--again", "all")
    assert "scan: 2 of 2 done" in again.out
    assert gitexp("rm", "one").code == 0
    assert json.loads(gitexp("show", "scan", "--json").out)["covered"] == 0


def test_a_sweep_that_needs_no_run_is_known_by_its_name_until_gc_forgets_it(
    work_tree: Path, gitexp: Gitexp
) -> None:
    gitexp("sweep", "rate=1,2", "-n", "scan", *TRAIN)
    gitexp("sweep", "rate=1", "--minimize", "loss", "-n", "again", *TRAIN)

    told = json.loads(gitexp("show", "again", "--json").out)
    slip = gitexp("show", "agaim").err
    kept = gitexp("gc", "--force").out
    files = list((work_tree / ".git" / "gitexp" / "covered").iterdir())
    for file in files:
        os.utime(file, (1, 1))
    freed = gitexp("gc", "--force").out

    assert (told["name"], told["covered"], told["best"]) == ("again", 1, ["scan-0"])
    assert "Did you mean 'again'?" in slip
    assert "without runs" not in kept
    assert len(files) == 2
    assert "what 1 sweep without runs tried" in freed
    assert not any(file.exists() for file in files)
    assert gitexp("show", "again").code == 2


def test_a_sweep_is_ended_for_good(work_tree: Path, gitexp: Gitexp) -> None:
    command = ("--max-failures", "1", "--", "test", "{rate}", "=", "1")
    gitexp("sweep", "rate=1,2,3", "-n", "scan", *command)
    left = gitexp("show", "scan").out

    ended = gitexp("stop", "--for-good", "scan")
    again = gitexp("stop", "--for-good", "scan")
    shown, checked = gitexp("show", "scan").out, gitexp("doctor").out
    freed = gitexp("gc", "--force").out
    own = work_tree / ".git" / "gitexp" / "sweeps"
    mark = f"for one in {own}/*/; do touch $one/over; done; test {{rate}} = 1"  # as `stop` does
    meanwhile = gitexp("sweep", "rate=1,2,3,4", "-n", "other", *command[:3], "sh", "-c", mark)

    assert "1 of 4 done · 1 failed · ended for good" in meanwhile.out
    assert "next: gitexp sweep" not in meanwhile.out
    assert again == (2, "", "error: sweep 'scan' is not running: it is over\n")
    assert "next: gitexp sweep --resume scan" in left
    assert (ended.code, ended.err) == (
        0,
        "sweep 'scan' is over; `gitexp gc` frees what it was run on\n",
    )
    assert "ended for good" in shown
    assert "next: gitexp sweep" not in shown
    assert "is over; `gitexp gc` lets go of its files" in checked
    assert "what sweep 'scan' was run on" in freed


@pytest.mark.parametrize("sampler", ["grid", "random"])
def test_runs_without_the_metric_settle_their_points_but_cover_none_and_are_made_again(
    work_tree: Path, gitexp: Gitexp, sampler: str
) -> None:
    settings = work_tree / "gitexp.yaml"
    settings.write_text("metrics: [scores.json]\n")
    words = ("rate=1,2", "--minimize", "loss", "--sampler", sampler, "-N", "2")
    first = gitexp("sweep", *words, "-n", "scan", *TRAIN).out
    settings.write_text("metrics: [metrics.json]\n")

    same = gitexp("sweep", *words, "-n", "scan", *TRAIN).out
    others = gitexp("sweep", *words, "--seed", "1", "-n", "other", "--dry-run", "--json", *TRAIN)
    again = gitexp("sweep", *words, "-n", "scan", "--again", "failed", *TRAIN).out

    told = "Once that is mended, add `--again failed` to the same words."
    assert all(told in out and "best" not in out for out in (first, same))
    if sampler == "random":  # of a grid, the seed is no part
        assert [one["what"] for one in json.loads(others.out)["runs"]] == ["to run", "to run"]
    assert told not in again
    assert "scan: 2 of 2 done" in again
    assert again.splitlines()[1].endswith("best")
    assert len(records(work_tree)) == 4


@pytest.mark.usefixtures("work_tree")
def test_the_sweeps_for_a_metric_say_which_direction_is_better_as_long_as_they_agree(
    work_tree: Path, gitexp: Gitexp
) -> None:
    (work_tree / "gitexp.yaml").write_text("metrics: [metrics.json]\n")
    gitexp("sweep", "rate=2,1", "--minimize", "loss", "-n", "down", *TRAIN)
    by_sweep = json.loads(gitexp("best", "loss", "--json", "-N", "1")[1])
    in_python = best("loss", path=work_tree)
    gitexp("sweep", "rate=3", "--maximize", "loss", "-n", "up", *TRAIN)
    disagreed = gitexp("best", "loss")

    assert by_sweep[0]["name"] == "down-1"
    assert in_python is not None
    assert in_python.name == "down-1"
    assert disagreed.err.startswith("error: nothing says whether a high or a low 'loss' is better")


def test_killed_sweeps_settle_every_point_once_and_leave_nothing(tmp_path: Path) -> None:
    outcome = torture(tmp_path / "sweep", 3, kills=3, points=14, beside=True)

    assert outcome.wrong == []


@pytest.mark.usefixtures("work_tree")
def test_json_says_what_became_of_every_point(gitexp: Gitexp) -> None:
    words = ("rate=1,2", "-n", "scan", "--minimize", "loss")
    code, out, _ = gitexp("sweep", *words, "--json", *TRAIN)

    told = json.loads(out)
    assert (code, told["done"], told["failed"], told["best"]) == (0, 2, 0, ["scan-0", "scan-1"])
    assert told["settled"][1]["metrics"] == {"loss": 2}


@pytest.mark.usefixtures("work_tree")
def test_a_sweep_is_shown_and_drawn_by_its_name(gitexp: Gitexp, tmp_path: Path) -> None:
    gitexp("sweep", "rate=1,2", "depth=1", "-n", "scan", "--minimize", "loss", *TRAIN)

    shown, data = gitexp("show", "scan"), gitexp("show", "scan", "--json")
    drawn, parallel = (gitexp("plot", "scan", *more, "--json") for more in ((), KIND))
    other = gitexp("plot", "scan", "accuracy")

    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("scan\n\nSweep\n  sampler   grid, minimize loss\n  points    2\n")
    assert "\n  command   sh fit.sh\n" in shown.out
    assert "\nAxes\n  rate    1, 2\n  depth   1\nBest points\n" in shown.out
    assert shown.out.endswith("scan: 2 of 2 done\nnext: gitexp apply scan-0 · gitexp show scan-0\n")
    assert json.loads(data.out)["best"] == ["scan-0", "scan-1"]
    [points] = json.loads(drawn.out)
    assert (points["title"], points["x"], points["y"]) == ("loss against rate", [1, 2], [1, 2])
    assert json.loads(parallel.out)[0]["labels"] == ["scan-0", "scan-1"]
    assert other.err.startswith("error: sweep 'scan' is not after 'accuracy'\nhint: `gitexp plot")

    page = tmp_path / "scan.html"
    several = gitexp("report", "scan", "scan-0")
    assert gitexp("report", "scan", "-o", page).code == 0
    assert "<h1>Sweep scan</h1>" in page.read_text()
    assert "<h2>Best points</h2>" in page.read_text()
    assert "<h2>loss against rate</h2>" in page.read_text()
    assert several.err.startswith("error: 'scan' is a sweep, and a report is of one sweep")
