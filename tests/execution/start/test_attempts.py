"""Jobs that their scheduler started again: attempts under one name, and names that stay taken."""

from __future__ import annotations

import contextlib
import json
import signal
from pathlib import Path

import psutil
import pytest

from gitexp.errors import RunExitCode

from tests.execution.workshop import Eventually, Runs, Sh, StartGitexp, wait_for
from tests.workshop import Git, Gitexp, Outcome


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Be job 17 of Slurm, for the first time."""
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    return monkeypatch


def interrupted(start: StartGitexp, top: Path, eventually: Eventually, *options: str) -> None:
    """Have a run told to stop."""
    begun = top / "begun"
    begun.unlink(missing_ok=True)
    process = start("run", *options, "--", "sh", "-c", "touch begun; exec sleep 1000")
    eventually(begun.exists)
    process.send_signal(signal.SIGTERM)
    process.wait()


def kill_all(pid: int) -> None:
    """Kill gitexp and its command at once, as the loss of a machine does."""
    process = psutil.Process(pid)
    children = process.children(recursive=True)
    for one in (process, *children):
        with contextlib.suppress(psutil.NoSuchProcess):  # a child may end with gitexp
            one.kill()
    for one in children:
        wait_for(one)


def names(runs: Runs) -> list[str]:
    return [run.record.name for run in runs()]


def refused(outcome: Outcome, name: str = "first") -> bool:
    return outcome.code == RunExitCode.REFUSED and f"a run named '{name}' exists" in outcome.err


def test_a_job_that_was_put_into_the_queue_again_goes_on_as_another_attempt(
    work_tree: Path,
    job: pytest.MonkeyPatch,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    sh: Sh,
    runs: Runs,
    gitexp: Gitexp,
) -> None:
    interrupted(start_gitexp, work_tree, eventually, "-n", "first")
    job.setenv("SLURM_RESTART_COUNT", "1")

    result = sh("true", "-n", "first")

    assert result.code == 0, result.err
    assert (
        "note: 'first' was an earlier attempt of this job: this run is 'first-2', "
        "attempt 2 of job 17 (slurm)\n"
    ) in result.err
    second, first = (run.record for run in runs())
    assert (second.name, first.name) == ("first-2", "first")
    assert second.job is not None
    assert (second.job.attempt, second.job.earlier) == (2, first.id)
    assert "goes on as 'first-2', attempt 2 of job 17 (slurm)" in gitexp("show", "first").out
    assert "attempt 2 of job 17 (slurm)" in gitexp("show", "first-2").out
    assert json.loads(gitexp("show", "first-2", "--json").out)["job"]["earlier"] == first.id


def test_each_restart_is_an_attempt_of_its_own_whatever_became_of_the_last(
    job: pytest.MonkeyPatch, sh: Sh, runs: Runs
) -> None:
    for count in range(3):
        job.setenv("SLURM_RESTART_COUNT", str(count))
        sh("exit 3", "-n", "first")

    assert names(runs) == ["first-3", "first-2", "first"]
    assert [run.record.job and run.record.job.attempt for run in runs()] == [3, 2, 1]
    last = runs()[0].record.job
    assert last is not None
    assert last.earlier == runs()[1].record.id


def test_a_name_is_not_taken_twice_by_one_start_of_a_job(
    job: pytest.MonkeyPatch, sh: Sh, runs: Runs
) -> None:
    sh("exit 3", "-n", "first")
    again = sh("true", "-n", "first")
    job.setenv("SLURM_RESTART_COUNT", "1")
    restarted = sh("true", "-n", "first")
    once_more = sh("true", "-n", "first")

    assert refused(again)
    assert restarted.code == 0
    assert refused(once_more)
    assert names(runs) == ["first-2", "first"]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"SLURM_JOB_ID": "18", "SLURM_RESTART_COUNT": "1"},
        {"SLURM_JOB_ID": "17", "SLURM_CLUSTER_NAME": "south", "SLURM_RESTART_COUNT": "1"},
        {"PBS_JOBID": "17"},
        {
            "SLURM_JOB_ID": "17",
            "SLURM_ARRAY_JOB_ID": "17",
            "SLURM_ARRAY_TASK_ID": "2",
            "SLURM_RESTART_COUNT": "1",
        },
    ],
)
def test_a_name_that_another_job_or_nobody_has_taken_stays_refused(
    job: pytest.MonkeyPatch, sh: Sh, runs: Runs, environment: dict[str, str]
) -> None:
    sh("true", "-n", "first")
    job.delenv("SLURM_JOB_ID")
    for name, value in environment.items():
        job.setenv(name, value)

    assert refused(sh("true", "-n", "first"))
    assert names(runs) == ["first"]


def test_a_task_of_an_array_goes_on_as_itself(job: pytest.MonkeyPatch, sh: Sh, runs: Runs) -> None:
    job.setenv("SLURM_ARRAY_JOB_ID", "17")
    for task, job_id in (("1", "17"), ("2", "18")):
        job.setenv("SLURM_JOB_ID", job_id)
        job.setenv("SLURM_ARRAY_TASK_ID", task)
        sh("exit 9", "-n", f"seed-{task}")
    job.setenv("SLURM_RESTART_COUNT", "1")

    result = sh("true", "-n", "seed-2")
    other = sh("true", "-n", "seed-1")

    assert "this run is 'seed-2-2', attempt 2 of job 17_2 (slurm)" in result.err
    assert refused(other, "seed-1")
    assert names(runs) == ["seed-2-2", "seed-2", "seed-1"]


def test_a_number_that_is_taken_is_passed_over(
    job: pytest.MonkeyPatch, sh: Sh, runs: Runs, git: Git
) -> None:
    sh("exit 3", "-n", "first")
    job.delenv("SLURM_JOB_ID")
    sh("true", "-n", "first-2")
    git("branch", "first-3")
    job.setenv("SLURM_JOB_ID", "17")
    job.setenv("SLURM_RESTART_COUNT", "1")

    sh("true", "-n", "first")

    assert names(runs)[0] == "first-4"
    assert runs()[0].record.job.attempt == 2  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("environment", "again"),
    [
        ({"PBS_JOBID": "17.head"}, {}),
        ({"LSB_JOBID": "17"}, {}),
        ({"LSB_JOBID": "17"}, {"LSB_RESTART": "Y"}),
        (
            {"JOB_ID": "17", "SGE_TASK_ID": "undefined", "RESTARTED": "0"},
            {"RESTARTED": "1"},
        ),
    ],
)
def test_schedulers_that_do_not_count_go_on_from_what_was_interrupted(
    work_tree: Path,
    monkeypatch: pytest.MonkeyPatch,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    sh: Sh,
    runs: Runs,
    environment: dict[str, str],
    again: dict[str, str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    interrupted(start_gitexp, work_tree, eventually, "-n", "first")
    for name, value in again.items():
        monkeypatch.setenv(name, value)

    interrupted(start_gitexp, work_tree, eventually, "-n", "first")
    third = sh("true", "-n", "first")
    fourth = sh("true", "-n", "first")

    assert third.code == 0, third.err
    assert refused(fourth)
    assert names(runs) == ["first-3", "first-2", "first"]


def test_an_attempt_that_was_killed_is_recovered_before_the_next_goes_on(
    work_tree: Path,
    job: pytest.MonkeyPatch,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    sh: Sh,
    runs: Runs,
) -> None:
    process = start_gitexp("run", "-n", "first", "--", "sh", "-c", "touch begun; exec sleep 1000")
    eventually((work_tree / "begun").exists)
    kill_all(process.pid)
    process.wait()
    job.setenv("SLURM_RESTART_COUNT", "1")

    result = sh("true", "-n", "first")

    assert result.err.index("recovered first") < result.err.index("attempt 2 of job 17")
    assert [(run.record.name, run.record.status) for run in runs()] == [
        ("first-2", "done"),
        ("first", "interrupted"),
    ]


@pytest.mark.parametrize(("restarts", "code"), [("1", 0), ("0", RunExitCode.REFUSED)])
def test_an_attempt_on_a_machine_that_is_gone_is_over_when_the_scheduler_says_so(
    work_tree: Path,
    job: pytest.MonkeyPatch,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    sh: Sh,
    runs: Runs,
    restarts: str,
    code: int,
) -> None:
    process = start_gitexp("run", "-n", "first", "--", "sh", "-c", "touch begun; exec sleep 1000")
    eventually((work_tree / "begun").exists)
    path = next((work_tree / ".git" / "gitexp" / "journal").glob("*.json"))
    eventually(lambda: json.loads(path.read_text())["child"])
    kill_all(process.pid)
    process.wait()
    entry = json.loads(path.read_text())
    for place in (entry["owner"], entry["child"]):
        place.update(host="node7", machine="another", boot="another")
    path.write_text(json.dumps(entry))
    job.setenv("SLURM_RESTART_COUNT", restarts)

    result = sh("true", "-n", "first")

    assert result.code == code, result.err
    assert names(runs) == ([] if code else ["first-2", "first"])


def test_an_attempt_in_a_copy_goes_on_in_a_copy(
    job: pytest.MonkeyPatch, sh: Sh, runs: Runs
) -> None:
    sh("exit 1", "--temp", "-n", "first")
    job.setenv("SLURM_RESTART_COUNT", "1")

    result = sh("true", "--temp", "-n", "first")

    assert result.code == 0, result.err
    assert names(runs) == ["first-2", "first"]


def test_a_name_without_a_job_in_an_older_record_stays_taken(
    sh: Sh, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    sh("exit 1", "-n", "first")
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")

    assert refused(sh("true", "-n", "first"))
    assert b'"job"' not in runs()[0].blob(".gitexp/run.json")
