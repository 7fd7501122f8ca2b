"""Whatever kills gitexp or its command, the run is recorded by the next gitexp, once."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest

from gitexp.model.record_json import from_json

from tests.execution.workshop import Eventually, Leftovers, Runs, Sh, StartGitexp, wait_for
from tests.metrics.tracker_stores import mlruns
from tests.workshop import DEADLINE, Git, Gitexp


class Underway(Protocol):
    """Start a run that writes its metrics and then waits; return gitexp and its command."""

    def __call__(self, *options: str) -> tuple[subprocess.Popen[bytes], psutil.Process]: ...


SLOW = """\
import json, os, pathlib, time
pathlib.Path("model.joblib").write_text("weights")
print("begun", flush=True)
pathlib.Path("metrics.json").write_text(json.dumps({"loss": 0.5}))
pathlib.Path("begun").touch()
while not pathlib.Path("end").exists():
    time.sleep(0.01)
"""


@pytest.fixture
def underway(work_tree: Path, start_gitexp: StartGitexp, eventually: Eventually) -> Underway:
    """Start a run that writes its metrics and then waits; return gitexp and its command."""
    (work_tree / "slow.py").write_text(SLOW)
    (work_tree / ".gitignore").write_text("begun\nend\n")

    def start(*options: str) -> tuple[subprocess.Popen[bytes], psutil.Process]:
        gitexp = start_gitexp("run", *options, "--", "python", "slow.py")
        eventually((work_tree / "begun").exists)
        eventually(lambda: _noted_child(work_tree))  # a moment after the start
        return gitexp, _command_of(work_tree)

    return start


def _command_of(project: Path) -> psutil.Process:
    """Return the command of the run under way, as noted.

    Whoever looks for its words among the children of gitexp may find two: between fork and exec
    each of them has the words of gitexp, in which those of the command stand.
    """
    return psutil.Process(_noted_child(project)["pid"])


def _noted_child(project: Path) -> Any:
    [path] = (project / ".git" / "gitexp" / "journal").glob("*.json")
    return json.loads(path.read_text())["child"]


def kill(*processes: Any) -> None:
    for process in processes:
        process.kill()
    for process in processes:
        wait_for(process)


def test_a_run_whose_processes_were_killed_is_recorded_by_the_next_command(
    work_tree: Path, underway: Underway, gitexp: Gitexp, git: Git, runs: Runs, leftovers: Leftovers
) -> None:
    kill(*underway("-n", "victim", "-S", "rate=0.7"))

    listed = gitexp("ls")

    assert "note: recovered victim: lost after" in listed.err
    assert listed.err.endswith(
        "note: params are back as they were; 'metrics.json' in the work tree is of 'victim'\n"
    )
    assert "victim" in listed.out
    [run] = runs()
    assert (run.record.status, run.record.exit.reason) == ("interrupted", "lost")
    assert run.record.metrics == {"metrics.json": {"loss": 0.5}}
    assert run.record.params["params.yaml"]["rate"] == 0.7
    assert [pointer.path for pointer in run.record.pointers] == ["model.joblib"]
    assert run.text(".gitexp/output.log") == "begun\n"
    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 1\n"
    assert leftovers() == []
    assert git("fsck", "--strict", "--no-dangling") == ""
    assert gitexp("ls").err == ""


def test_a_run_whose_command_lives_on_is_left_alone(
    work_tree: Path,
    underway: Underway,
    gitexp: Gitexp,
    runs: Runs,
    leftovers: Leftovers,
) -> None:
    process, command = underway("-n", "orphan")
    kill(process)

    during = gitexp("ls")
    refused = gitexp("run", "--", "true")
    (work_tree / "end").touch()
    wait_for(command)
    after = gitexp("ls")

    alone = f"its command alone, process {command.pid} on {os.uname().nodename}"
    assert "Running\n" in during.out
    assert f"its command alone, process {command.pid}" in during.out
    assert (refused.code, runs()[1:]) == (125, [])
    assert f"error: run 'orphan' is under way in this work tree ({alone})\n" in refused.err
    assert "note: recovered orphan" in after.err
    assert runs()[0].record.metrics == {"metrics.json": {"loss": 0.5}}
    assert leftovers() == []


def test_an_end_that_was_seen_is_recorded_as_it_was(
    work_tree: Path, underway: Underway, gitexp: Gitexp, runs: Runs, leftovers: Leftovers
) -> None:
    """The disk was full, say, when the run was to be committed."""
    process, _ = underway("-n", "second-try", "-S", "rate=0.7")
    with _no_ref_can_be_made(work_tree):
        (work_tree / "end").touch()
        assert process.wait() == 125

    listed = gitexp("ls")

    assert "note: recovered second-try: loss 0.5" in listed.err
    [run] = runs()
    assert (run.record.status, run.record.exit.code) == ("done", 0)
    assert (work_tree / "params.yaml").read_text() == "rate: 0.7\nseed: 1\n"
    assert leftovers() == []


def test_an_end_that_was_seen_is_kept_though_nothing_could_be_learned(
    work_tree: Path, gitexp: Gitexp, sh: Sh, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("gitexp.execution.record.conclude.learn", full)
        failed = sh("exit 3", "-n", "second-try")
    _forget_the_owner(work_tree)

    listed = gitexp("ls")

    assert failed.code == 125
    assert "note: recovered second-try: failed with exit code 3" in listed.err
    assert [run.record.exit.code for run in runs()] == [3]


def test_a_run_is_recorded_though_its_end_cannot_be_written_down(
    work_tree: Path, underway: Underway, runs: Runs, leftovers: Leftovers
) -> None:
    process, _ = underway("-n", "at-once")
    [scratch] = (work_tree / ".git" / "gitexp" / "runs").iterdir()
    for name in ("ended.new", "outcome.new"):
        (scratch / name).mkdir()
    (work_tree / "end").touch()

    assert process.wait() == 0
    said = (work_tree.parent / "gitexp-0.err").read_text()
    assert "warning: what was written is not kept: [Errno 21] Is a directory" in said
    assert [run.record.metrics for run in runs()] == [{"metrics.json": {"loss": 0.5}}]
    assert leftovers() == []


def test_a_run_whose_ref_was_lost_in_a_power_cut_is_recorded(
    work_tree: Path, underway: Underway, gitexp: Gitexp, runs: Runs
) -> None:
    kill(*underway("-n", "victim"))
    [ref] = (work_tree / ".git" / "refs" / "gitexp" / "running").iterdir()
    ref.unlink()

    listed = gitexp("ls")

    assert "note: recovered victim: lost" in listed.err
    assert [run.record.metrics for run in runs()] == [{"metrics.json": {"loss": 0.5}}]


def test_a_run_that_is_on_the_branch_already_is_not_recorded_twice(
    work_tree: Path, underway: Underway, gitexp: Gitexp, runs: Runs, leftovers: Leftovers
) -> None:
    """Gitexp died between the move of the branch and the end of its journal entry."""
    process, _ = underway()
    private = work_tree / ".git" / "gitexp"
    [entry] = (private / "journal").glob("*.json")
    kept = {path: path.read_bytes() for path in (entry, *(private / "runs").rglob("*.*"))}
    (work_tree / "end").touch()
    process.wait()
    for path, content in kept.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    listed = gitexp("ls")

    assert listed.err == ""
    assert len(runs()) == 1
    assert leftovers() == []


def test_two_that_find_the_same_run_record_it_once(
    underway: Underway, start_gitexp: StartGitexp, runs: Runs, leftovers: Leftovers
) -> None:
    kill(*underway())

    finders = [start_gitexp("ls") for _ in range(4)]

    assert [finder.wait() for finder in finders] == [0, 0, 0, 0]
    assert len(runs()) == 1
    assert leftovers() == []


def test_an_edit_made_since_is_not_lost(
    work_tree: Path, underway: Underway, gitexp: Gitexp, runs: Runs
) -> None:
    kill(*underway("-S", "rate=0.7"))
    (work_tree / "params.yaml").write_text("rate: 0.7\nseed: 2\n")
    (work_tree / "train.py").write_text("print('edited')\n")

    gitexp("ls")

    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 2\n"
    assert (work_tree / "train.py").read_text() == "print('edited')\n"
    assert runs()[0].text("params.yaml") == "rate: 0.7\nseed: 1\n"
    assert runs()[0].text("train.py") != "print('edited')\n"


def test_large_outputs_are_left_to_a_command_that_may_take_its_time(
    work_tree: Path, underway: Underway, gitexp: Gitexp, runs: Runs
) -> None:
    kill(*underway("-n", "large"))
    with (work_tree / "model.joblib").open("wb") as file:
        file.truncate(60_000_000)

    listed = gitexp("ls")
    ran = gitexp("run", "--", "true")

    assert listed.err == "note: run 'large' was cut off; the next `gitexp run` records it\n"
    assert "note: recovered large" in ran.err
    assert [run.record.name for run in runs()[1:]] == ["large"]


def test_a_command_that_nobody_noted_is_left_alone_while_it_runs(
    work_tree: Path, underway: Underway, gitexp: Gitexp, runs: Runs
) -> None:
    """Gitexp died between the start of the command and the note of its process."""
    process, command = underway("-n", "unnoted")
    kill(process)
    [path] = (work_tree / ".git" / "gitexp" / "journal").glob("*.json")
    entry = json.loads(path.read_text())
    path.write_text(json.dumps({**entry, "child": None}))

    gitexp("ls")
    during = runs()
    (work_tree / "end").touch()
    wait_for(command)
    gitexp("ls")

    assert during == []
    assert [run.record.name for run in runs()] == ["unnoted"]


def test_a_run_cut_off_before_its_command_could_write_anything_is_recorded(
    work_tree: Path,
    gitexp: Gitexp,
    sh: Sh,
    runs: Runs,
    leftovers: Leftovers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("gitexp.execution.run.clear", lambda *_: None)
        broken.setattr("gitexp.store.journal.Journal.remove", lambda *_: None)
        broken.setattr("gitexp.execution.command.child.start", _cut_off)
        sh("echo 1", "-n", "never-begun")
    _forget_the_owner(work_tree)

    listed = gitexp("ls")

    assert "note: recovered never-begun: lost" in listed.err
    assert [run.record.name for run in runs()] == ["never-begun"]
    assert leftovers() == []


def test_a_recording_that_was_cut_off_loses_no_model_and_takes_no_later_number(
    work_tree: Path,
    gitexp: Gitexp,
    sh: Sh,
    runs: Runs,
    leftovers: Leftovers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The pointer and the ignore line of the model stand in the work tree by then."""
    with monkeypatch.context() as broken:
        broken.setattr("gitexp.execution.record.commit.append", _cut_off)
        failed = sh("echo w > model.joblib; echo '{\"loss\": 1}' > metrics.json")
    _forget_the_owner(work_tree)
    (work_tree / "metrics.json").write_text('{"loss": 99}')

    listed = gitexp("ls")

    assert failed.code == 125
    assert "recovered" in listed.err
    [run] = runs()
    assert run.record.status == "done"
    assert [pointer.path for pointer in run.record.pointers] == ["model.joblib"]
    assert "model.joblib" in run.text(".gitignore")
    assert (run.record.metrics, run.record.left_out) == ({}, ("metrics.json",))
    said = "warning: 'metrics.json' was written after '%s' had ended and is left out\n"
    assert said % run.record.name in listed.err
    assert leftovers() == []


def test_a_run_that_is_recovered_late_has_nothing_of_the_run_after_it(
    work_tree: Path, sh: Sh, gitexp: Gitexp, runs: Runs, leftovers: Leftovers
) -> None:
    """Neither could be committed at once; both wrote the same files, and logged in one store."""
    (work_tree / "gitexp.yaml").write_text("capture: [mlflow]\n")
    mlruns(work_tree / "mlruns", {"0/meta.yaml": "name: a\n"})
    sh("true", "-n", "first")
    with _no_ref_can_be_made(work_tree):
        for name in ("one", "two"):
            line = (
                f"echo 'w {name}' > model.joblib; echo '{{\"loss\": {len(name)}}}' > metrics.json"
            )
            log = (
                f"mkdir -p mlruns/0/{name}/params; printf {name} > mlruns/0/{name}/params/name;"
                f'echo "start_time: $(date +%s%3N)" > mlruns/0/{name}/meta.yaml'
            )
            assert sh(f"{line}; {log}; echo {name} > of-{name}.txt", "-n", name).code == 125
            _forget_the_owners(work_tree)

    listed = gitexp("ls")

    found = {run.record.name: run for run in runs()}
    one, two = found["one"], found["two"]
    assert "'model.joblib' were written after 'one' had ended and are left out" in listed.err
    assert one.record.left_out == ("metrics.json", "model.joblib")
    assert (one.record.metrics, one.record.pointers) == ({}, ())
    assert one.text("of-one.txt") == "one\n"
    assert "of-two.txt" not in one.entries
    assert one.record.params["mlflow"] == {"name": "one"}
    assert two.record.params["mlflow"] == {"name": "two"}
    assert two.record.metrics == {"metrics.json": {"loss": 3}}
    assert [pointer.path for pointer in two.record.pointers] == ["model.joblib"]
    assert leftovers() == []


def test_a_run_whose_end_nobody_saw_has_nothing_of_the_run_after_it(
    work_tree: Path, underway: Underway, sh: Sh, gitexp: Gitexp, runs: Runs
) -> None:
    sh("true", "-n", "first")
    kill(*underway("-n", "killed"))
    with _no_ref_can_be_made(work_tree):
        assert sh("echo '{\"loss\": 99}' > metrics.json", "-n", "next").code == 125
        _forget_the_owners(work_tree)

    gitexp("ls")

    found = {run.record.name: run.record for run in runs()}
    assert found["killed"].metrics == {}
    assert found["killed"].left_out == ("metrics.json",)
    assert [pointer.path for pointer in found["killed"].pointers] == ["model.joblib"]
    assert found["next"].metrics == {"metrics.json": {"loss": 99}}


@contextlib.contextmanager
def _no_ref_can_be_made(project: Path) -> Iterator[None]:
    """Keep git from moving the branch, and from making a ref under which a run could wait."""
    refs = project / ".git" / "refs"
    places = [refs / "heads" / "experiments.lock", refs / "gitexp" / "pending"]
    for place in places:
        place.parent.mkdir(exist_ok=True)
        place.touch()
    yield
    for place in places:
        place.unlink()


def _cut_off(*_args: object, **_options: object) -> None:
    raise RuntimeError("cut off")


def _forget_the_owner(project: Path) -> None:
    """Make the processes of the run under way look gone."""
    [path] = (project / ".git" / "gitexp" / "journal").glob("*.json")
    _forget_owner(path)


def _forget_the_owners(project: Path) -> None:
    """Make the processes of all runs under way look gone."""
    for path in (project / ".git" / "gitexp" / "journal").glob("*.json"):
        _forget_owner(path)


def _forget_owner(path: Path) -> None:
    entry = json.loads(path.read_text())
    for role in ("owner", "child"):
        if entry[role]:
            entry[role]["started"] = "1"
    path.write_text(json.dumps(entry))


def test_a_record_of_a_crash_that_cannot_be_read_is_kept_and_stops_nobody(
    work_tree: Path, underway: Underway, gitexp: Gitexp
) -> None:
    kill(*underway("-n", "victim", "-S", "rate=0.7"))
    [plan] = (work_tree / ".git" / "gitexp" / "runs").glob("*/plan.json")
    plan.write_text("")

    listed = gitexp("ls")

    assert (listed.code, listed.out) == (0, "No runs.\n")
    assert "run 'victim' was cut off and cannot be recorded" in listed.err
    assert (plan.parent / "params-0").read_text() == "rate: 0.1\nseed: 1\n"


@pytest.mark.parametrize("seen", [True, False], ids=["environment kept", "killed before"])
def test_the_environment_is_that_of_the_command_and_not_of_who_recovers(
    work_tree: Path,
    underway: Underway,
    gitexp: Gitexp,
    runs: Runs,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
    seen: bool,
) -> None:
    extra = work_tree.parent / "extra" / "only_there-1.5.dist-info"
    extra.mkdir(parents=True)
    monkeypatch.setenv("PYTHONPATH", str(extra.parent))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", str(work_tree.parent / "logged"))
    (work_tree / "gitexp.yaml").write_text("capture: mlflow\n")
    processes = underway()
    meta = f"start_time: {time.time_ns() // 1_000_000}\n"
    mlruns(
        work_tree.parent / "logged",
        {"0/meta.yaml": "name: a\n", "0/r/meta.yaml": meta, "0/r/metrics/f1": "1 0.5 0\n"},
    )
    (scratch,) = (work_tree / ".git" / "gitexp" / "runs").iterdir()
    eventually((scratch / "environment.json").exists)
    kill(*processes)
    if seen:
        extra.rmdir()
    else:
        (scratch / "environment.json").unlink()
    monkeypatch.delenv("PYTHONPATH")
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    (work_tree.parent / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{work_tree.parent / 'bin'}:/usr/bin:/bin")

    gitexp("ls")

    [run] = runs()
    assert "only-there==1.5\n" in run.text(".gitexp/environment.txt")
    assert run.record.environment
    assert Path(run.record.environment).parent == Path(sys.executable).parent
    assert run.record.metrics["mlflow"] == {"f1": 0.5}


@pytest.fixture
def elsewhere(work_tree: Path, eventually: Eventually) -> Callable[[], str]:
    """Make the run under way one of another machine; return its id."""

    def change() -> str:
        (file,) = (work_tree / ".git" / "gitexp" / "journal").glob("*.json")
        eventually(lambda: _noted_child(work_tree))
        entry = json.loads(file.read_text())
        for place in (entry["owner"], entry["child"]):
            place.update(host="node7", machine="another", boot="another")
        file.write_text(json.dumps(entry))
        return file.stem

    return change


def test_a_run_of_another_machine_is_left_alone_until_a_person_says_that_it_is_gone(
    underway: Underway,
    elsewhere: Callable[[], str],
    gitexp: Gitexp,
    runs: Runs,
    leftovers: Leftovers,
) -> None:
    kill(*underway("-n", "victim"))
    run_id = elsewhere()

    listed = gitexp("ls")
    busy = gitexp("run", "--", "true")
    recovered = gitexp("doctor", "--recover", run_id)

    assert listed.err == ""
    assert listed.out.splitlines()[2].endswith("   on node7")
    assert busy.code == 125
    assert f"`gitexp doctor --recover {run_id}` records it" in busy.err
    assert (recovered.code, recovered.out) == (0, "")
    assert "note: recovered victim: lost after" in recovered.err
    assert [(run.record.status, run.record.exit.reason) for run in runs()] == [
        ("interrupted", "lost")
    ]
    assert leftovers() == []
    assert gitexp("doctor", "--recover", run_id).code == 2


def test_a_run_that_is_seen_to_live_is_not_recovered_whatever_a_person_says(
    underway: Underway, gitexp: Gitexp, runs: Runs
) -> None:
    process, command = underway("-n", "alive")

    whole = gitexp("doctor", "--recover", "alive")
    kill(process)
    orphan = gitexp("doctor", "--recover", "alive")
    kill(command)

    hint = "hint: Once it is stopped, the next gitexp command records it.\n"
    for result, pid in ((whole, process.pid), (orphan, command.pid)):
        said = f"error: run 'alive' is running on this machine as process {pid}\n"
        assert result == (2, "", said + hint)
    assert runs() == []


def test_a_run_in_another_container_cannot_be_seen_and_is_recovered_on_request(
    work_tree: Path, gitexp: Gitexp, runs: Runs, leftovers: Leftovers, eventually: Eventually
) -> None:
    contained = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if subprocess.run([*contained, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no right to make a container")
    line = "echo '{\"loss\": 0.5}' > metrics.json; touch begun; exec sleep 1000"
    command = [*contained, sys.executable, "-m", "gitexp", "run", "-n", "contained", "--"]
    with subprocess.Popen([*command, "sh", "-c", line], stderr=subprocess.DEVNULL) as process:
        try:
            eventually((work_tree / "begun").exists)
            eventually(lambda: _noted_child(work_tree))
            inside = psutil.Process(process.pid).children(recursive=True)
            living = gitexp("ls")
        finally:
            process.kill()
    for one in inside:
        wait_for(one)
    listed = gitexp("ls")
    recovered = gitexp("doctor", "--recover", "contained")

    for seen in (living, listed):
        assert seen.out.splitlines()[2].endswith(f"   on {os.uname().nodename}")
    assert recovered.code == 0
    assert [run.record.metrics for run in runs()] == [{"metrics.json": {"loss": 0.5}}]
    assert leftovers() == []


def test_a_run_that_was_given_up_too_early_says_so_when_it_ends(
    work_tree: Path,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    gitexp: Gitexp,
    elsewhere: Callable[[], str],
    runs: Runs,
) -> None:
    line = "touch begun; until [ -e end ]; do sleep 0.01; done"
    process = start_gitexp("run", "-n", "alive", "--", "sh", "-c", line)
    eventually((work_tree / "begun").exists)
    elsewhere()
    recovered = gitexp("doctor", "--recover", "alive")
    (work_tree / "end").touch()

    assert process.wait() == 125, recovered
    said = (work_tree.parent / "gitexp-0.err").read_text()
    assert "run 'alive' was recovered by another process while it ran" in said
    assert [run.record.status for run in runs()] == ["interrupted"]


def test_a_run_that_is_too_large_for_a_reader_is_recovered_on_request(
    work_tree: Path, underway: Underway, gitexp: Gitexp, runs: Runs
) -> None:
    kill(*underway("-n", "large"))
    with (work_tree / "model.joblib").open("r+b") as model:
        model.truncate(51_000_000)

    told = gitexp("ls").err
    examined = gitexp("doctor")
    recovered = gitexp("doctor", "--recover", "large")

    assert told == "note: run 'large' was cut off; the next `gitexp run` records it\n"
    assert examined.code == 1
    assert "wrong   journal    run 'large'" in examined.out
    assert recovered.code == 0
    assert [run.record.status for run in runs()] == ["interrupted"]


def test_a_reader_waits_for_nobody_while_a_run_is_under_way(
    work_tree: Path, underway: Underway, start_gitexp: StartGitexp
) -> None:
    underway("-n", "slow")
    with (work_tree / ".git" / "gitexp" / "branch.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        assert start_gitexp("ls").wait(DEADLINE) == 0


def test_two_that_find_the_same_run_record_it_once_without_locks(
    work_tree: Path,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    runs: Runs,
    leftovers: Leftovers,
) -> None:
    """As on a file system that has none: the kernel refuses every lock.

    Without a model, for DVC's own database would be waited for.
    """
    no_locks = [sys.executable, str(Path(__file__).parents[1] / "no_locks.py"), sys.executable]
    if subprocess.run([*no_locks, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip("a system without seccomp")
    process = start_gitexp("run", "-n", "victim", "--", "sh", "-c", "touch begun; exec sleep 1000")
    eventually((work_tree / "begun").exists)
    eventually(lambda: _noted_child(work_tree))
    kill(process, _command_of(work_tree))

    command = [*no_locks, "-m", "gitexp", "ls"]
    finders = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [finder.communicate()[1] for finder in finders]

    assert [finder.returncode for finder in finders] == [0, 0, 0, 0]
    assert sum("recovered victim" in text for text in said) == 1
    assert len(runs()) == 1
    assert leftovers() == []


@pytest.mark.usefixtures("work_tree")
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace tells what is flushed")
def test_what_recovers_a_run_is_on_the_disk_while_the_command_runs(tmp_path: Path) -> None:
    """A power cut takes what was not flushed."""
    trace = tmp_path / "trace"
    traced = ["strace", "-f", "-y", "-e", "trace=fsync", "-o", str(trace)]
    waiting = f"until grep -q 'refs/gitexp/running>' {trace}; do sleep 0.05; done"

    subprocess.run([*traced, sys.executable, "-m", "gitexp", "run", "--", waiting], check=True)

    flushed = trace.read_text()
    for name in ("plan.json", "started.json", "snapshot.index"):
        assert f"/{name}>" in flushed


@pytest.mark.usefixtures("work_tree")
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace tells what is flushed")
def test_a_command_starts_when_its_entry_is_on_the_disk(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    late = ("-e", "inject=fsync:delay_enter=200000:when=1")  # a slow disk
    traced = ["strace", "-f", "-y", "-e", "trace=fsync,execve", *late, "-o", str(trace)]
    program = shutil.which("true")

    subprocess.run([*traced, sys.executable, "-m", "gitexp", "run", "--", "true"], check=True)

    lines = trace.read_text().splitlines()
    begun = next(place for place, line in enumerate(lines) if "/gitexp/journal/" in line)
    thread = lines[begun].split()[0]
    done = next(
        place
        for place, line in enumerate(lines[begun:], begun)
        if line.startswith(f"{thread} ") and " = 0" in line
    )
    started = next(place for place, line in enumerate(lines) if f'execve("{program}"' in line)
    assert begun <= done < started


@pytest.mark.usefixtures("work_tree")
def test_a_project_that_is_moved_while_a_command_runs_is_recorded_where_it_is_then(
    work_tree: Path, start_gitexp: StartGitexp, gitexp: Gitexp, eventually: Eventually, git: Git
) -> None:
    line = (
        "touch ready; while [ ! -e end ]; do sleep 0.01; done; echo '{\"loss\": 1}' > metrics.json"
    )
    process = start_gitexp("run", "-n", "moved", "--", "sh", "-c", f"{line}; exit 3")
    eventually((work_tree / "ready").exists)
    eventually(lambda: _noted_child(work_tree))
    moved = work_tree.with_name("elsewhere")
    work_tree.rename(moved)
    (moved / "end").touch()

    status = process.wait()

    assert (status, gitexp("ls", cwd=moved).err) == (3, "")
    record = from_json(git("show", "experiments:.gitexp/run.json", cwd=moved).encode())
    assert record.metrics == {"metrics.json": {"loss": 1}}
    assert (record.exit.code, record.changed_meanwhile) == (3, ())
