"""Processes that a run leaves behind: named at its end, and while the next one is recorded."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil
import pytest

from gitexp.execution import left
from gitexp.execution.left import _is_service, _text
from gitexp.git.repository import Repository
from gitexp.store.left import Left, remember
from gitexp.store.own import own_folder
from gitexp.store.processes import (
    Place,
    _listed,
    _listed_elsewhere,
    marked_processes,
    our_beginning,
)

from tests.execution.workshop import Eventually, Runs, Sh, StartGitexp, TheRun, wait_for
from tests.workshop import DEADLINE, Gitexp

WORKER = "(while [ ! -e stop ]; do sleep 0.05; done) > /dev/null 2>&1 &"
"""Goes on in the background until it is told to stop."""
RUNS_BY_THEN = "until grep -q '^{}' /proc/$!/cmdline; do sleep 0.01; done"
"""Waits until what was started last in the background is a program, and no shell any more."""
LATE = (
    "(while [ ! -e write ]; do sleep 0.05; done; echo '{\"lr\": 0.1}' > metrics.json;"
    " while [ ! -e stop ]; do sleep 0.05; done) > /dev/null 2>&1 &"
)
"""Writes the metrics when it is told to, in whatever run that is."""


@pytest.fixture(autouse=True)
def _none_left(work_tree: Path) -> Iterator[None]:
    """End what the tests have left running, by the folder that it runs in."""
    yield
    (work_tree / "stop").touch()
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(work_tree)) and process.pid != os.getpid():
                process.kill()
        except (psutil.Error, OSError):
            continue


def remembered(top: Path) -> list[str]:
    """Return the names of the runs that have left something behind."""
    found = sorted((top / ".git" / "gitexp" / "left").glob("*"))
    return [json.loads(path.read_text())["name"] for path in found]


def test_a_run_that_leaves_a_process_behind_says_so_and_so_does_the_next(
    work_tree: Path, sh: Sh, runs: Runs, gitexp: Gitexp
) -> None:
    first = sh(WORKER, "-n", "first")
    second = sh("echo '{\"lr\": 5}' > metrics.json", "-n", "second")

    assert "note: left behind by 'first' and still running: " in first.err
    assert "(`kill " in first.err
    assert "warning: left behind by run 'first' and still running: " in second.err
    beside = "written while processes of 'first' were still running: 'metrics.json'"
    assert f"note: {beside}\n" in second.err
    assert (first.code, second.code) == (0, 0)
    late, early = (run.record for run in runs())
    assert late.notes == (beside,)
    assert early.notes[0].startswith("still running at its end: ")
    assert beside in gitexp("show", "second").out
    assert json.loads(gitexp("show", "second", "--json").out)["notes"] == [beside]
    assert remembered(work_tree) == ["first"]


def test_what_a_process_of_an_earlier_run_writes_is_named_as_such(sh: Sh, the_run: TheRun) -> None:
    sh(LATE, "-n", "first")

    sh("touch write; while [ ! -s metrics.json ]; do sleep 0.05; done", "-n", "second")

    record = the_run().record
    assert record.metrics == {"metrics.json": {"lr": 0.1}}
    assert record.notes == (
        "written while processes of 'first' were still running: 'metrics.json', 'write'",
    )


def test_a_run_without_leftovers_says_and_keeps_nothing(
    work_tree: Path, sh: Sh, the_run: TheRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(left, "_PATIENCE", DEADLINE)

    result = sh("echo '{}' > metrics.json; sleep 0.1 &")

    assert "still running" not in result.err
    assert the_run().record.notes == ()
    assert b'"notes"' not in the_run().blob(".gitexp/run.json")
    assert not (work_tree / ".git" / "gitexp" / "left").exists()


def working_in(folder: Path) -> list[int]:
    """Return the processes in a folder, but for this one: also the last `sleep` of a worker."""
    found = psutil.process_iter(["pid", "cwd"])
    ours = os.getpid()
    return [one.pid for one in found if one.info["cwd"] == str(folder) and one.pid != ours]


def test_a_leftover_that_has_ended_meanwhile_is_forgotten(
    work_tree: Path, sh: Sh, the_run: TheRun, eventually: Eventually
) -> None:
    first = sh(f"{WORKER}", "-n", "first")
    (work_tree / "stop").touch()
    eventually(lambda: not working_in(work_tree))

    second = sh("echo '{}' > metrics.json", "-n", "second")

    assert "left behind" in first.err
    assert "left behind" not in second.err
    assert the_run().record.notes == ()
    assert remembered(work_tree) == []


def test_what_a_leftover_has_started_since_is_seen_though_the_leftover_itself_is_gone(
    work_tree: Path, sh: Sh, eventually: Eventually
) -> None:
    line = "while [ ! -e go ]; do sleep 0.05; done; (sleep 1000; :) &"
    sh(f"({line}) > /dev/null 2>&1 & echo $! > pid", "-n", "first")
    pid = int((work_tree / "pid").read_text())
    (work_tree / "go").touch()
    eventually(lambda: not Place.of(pid).started)

    second = sh("true")

    assert "left behind by run 'first'" in second.err
    assert f"{pid} (" not in second.err


def test_a_leftover_in_a_session_of_its_own_and_without_the_mark_is_found_by_either(
    sh: Sh,
) -> None:
    sleeps = RUNS_BY_THEN.format("sleep")
    own_session = sh(f"setsid sleep 1000 > /dev/null 2>&1 & {sleeps}", "-n", "one")
    no_mark = sh(f"env -i sleep 1001 > /dev/null 2>&1 & {sleeps}", "-n", "two")

    assert "(sleep 1000)" in own_session.err
    assert "(sleep 1001)" in no_mark.err


def test_a_service_is_named_and_no_reason_for_a_warning(
    work_tree: Path, tmp_path: Path, sh: Sh, the_run: TheRun
) -> None:
    service = tmp_path / "tensorboard"
    service.write_text("import time\ntime.sleep(1000)\n")

    is_one = RUNS_BY_THEN.format(sys.executable)
    first = sh(f"{sys.executable} {service} > /dev/null 2>&1 & {is_one}", "-n", "first")
    second = sh("echo '{}' > metrics.json", "-n", "second")

    assert "note: 'first' has left services running: " in first.err
    assert "left" not in second.err
    assert the_run().record.notes == ()
    assert remembered(work_tree) == []


@pytest.mark.parametrize(
    ("words", "service"),
    [
        (["/usr/bin/ssh-agent"], True),
        (["python", "-m", "wandb", "service"], True),
        (["wandb-service(2-77-s-1)"], True),
        (["/env/ray/core/src/ray/gcs/gcs_server", "--log_dir"], True),
        (["ray::IDLE"], True),
        (["ray::train"], False),
        (["ssh: /home/ada/.ssh/cm-host [mux]"], True),
        (["ssh", "host", "python", "worker.py"], False),
        (["python", "train.py", "--logger", "a", "tensorboard"], False),
        (["git", "-c", "x", "maintenance", "run"], True),
    ],
)
def test_programs_that_are_meant_to_go_on_are_known(words: list[str], service: bool) -> None:
    assert _is_service(words) == service


def test_a_command_line_is_named_short_and_without_its_secrets() -> None:
    token = "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789"

    shown = _text(["python", "a.py", "--token", token, "x" * 100])

    assert token not in shown
    assert len(shown) == 60


def test_the_processes_of_a_killed_run_are_remembered_when_it_is_recovered(
    work_tree: Path, start_gitexp: StartGitexp, gitexp: Gitexp, eventually: Eventually, sh: Sh
) -> None:
    line = f"{WORKER} touch begun; sleep 1000"
    process = start_gitexp("run", "-n", "killed", "--", "sh", "-c", line)
    journal = work_tree / ".git" / "gitexp" / "journal"
    eventually((work_tree / "begun").exists)
    # One that could not be noted any more runs as long as anything that it has started.
    eventually(lambda: all(json.loads(one.read_text())["child"] for one in journal.glob("*.json")))
    [entry] = journal.glob("*.json")
    command = psutil.Process(json.loads(entry.read_text())["child"]["pid"])
    process.send_signal(signal.SIGKILL)
    process.wait()
    command.kill()
    wait_for(command)

    recovered = gitexp("ls")
    after = sh("true", "-n", "after")

    assert "recovered killed" in recovered.err
    assert "left behind by 'killed' and still running: " in recovered.err
    assert "left behind by run 'killed'" in after.err


def test_a_copy_that_a_leftover_may_still_write_into_is_not_used_again(
    sh: Sh, the_run: TheRun, gitexp: Gitexp
) -> None:
    first = sh(f"{WORKER} pwd", "--temp", "-n", "first")
    second = sh("pwd; echo '{}' > metrics.json", "--temp", "-n", "second")
    here = sh("true")
    freed = gitexp("gc", "--force")

    assert "left behind by 'first'" in first.err
    assert second.out != first.out
    assert "left behind" not in second.err + here.err
    assert the_run().record.notes == ()
    assert freed.code == 0
    assert Path(first.out.strip()).is_dir()


def test_a_shell_that_was_left_behind_can_start_runs_that_are_recorded(
    work_tree: Path, sh: Sh, runs: Runs, eventually: Eventually
) -> None:
    line = f"{sys.executable} -m gitexp run -n second -- true"
    left = (
        f"(while [ ! -e go ]; do sleep 0.05; done; {line} 2> said; touch over) > /dev/null 2>&1 &"
    )
    first = sh(left, "-n", "first")

    (work_tree / "go").touch()
    eventually((work_tree / "over").exists)

    assert "left behind by 'first'" in first.err
    assert [run.record.name for run in runs()] == ["second", "first"]
    said = (work_tree / "said").read_text()
    assert "left behind" not in said
    assert "second: done" in said


def test_what_is_saved_beside_a_leftover_says_so(
    work_tree: Path, sh: Sh, gitexp: Gitexp, the_run: TheRun
) -> None:
    sh(f"{WORKER} echo '{{}}' > metrics.json", "-n", "first")

    result = gitexp("save", "-n", "saved")

    assert "warning: left behind by run 'first'" in result.err
    assert the_run().record.notes == (
        "saved while processes of 'first' were still running: 'metrics.json'",
    )
    assert work_tree.exists()


def test_what_cannot_be_remembered_costs_a_warning_and_not_the_run(
    work_tree: Path, sh: Sh, runs: Runs
) -> None:
    (work_tree / ".git" / "gitexp").mkdir()
    (work_tree / ".git" / "gitexp" / "left").write_text("in the way")

    result = sh(WORKER, "-n", "first")

    assert result.code == 0
    assert "warning: whether processes were left behind is not known" in result.err
    assert [run.record.name for run in runs()] == ["first"]


def test_a_damaged_note_of_a_leftover_is_passed_over(work_tree: Path, sh: Sh) -> None:
    folder = work_tree / ".git" / "gitexp" / "left"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text("{")
    (folder / "b.json").write_text('{"id": 7}')
    (folder / "c.json").mkdir()

    assert sh("true").code == 0


def test_without_proc_processes_are_found_with_psutil(eventually: Eventually) -> None:
    mark = b"GITEXP_RUN_ID=7fk2m9q4ab"

    def is_marked(listed: Iterable[tuple[int, bytes]]) -> bool:
        return mark in dict(listed)[one.pid].split(b"\0")

    with subprocess.Popen(
        ["sleep", "1000"], env={**os.environ, "GITEXP_RUN_ID": "7fk2m9q4ab"}
    ) as one:
        try:
            eventually(lambda: is_marked(_listed()))  # a new program has no environment so far
            assert is_marked(_listed_elsewhere())
        finally:
            one.kill()


@pytest.mark.parametrize(
    "line",
    [
        "sleep 1000 &",
        "(sleep 1000 &)",
        "setsid sleep 1000 &",
        "setsid sh -c 'sleep 1000 & exec sleep 1000' &",
        "true",
    ],
)
def test_what_began_after_this_process_is_all_that_it_has_started(
    line: str, eventually: Eventually
) -> None:
    run_id, since = uuid.uuid4().hex[:10], our_beginning()  # another worker may be at this test
    env = {**os.environ, "GITEXP_RUN_ID": run_id}
    other = subprocess.Popen(["sleep", "1000"])
    subprocess.run(["sh", "-c", line], env=env, check=True, stdout=subprocess.DEVNULL)

    def agree() -> bool:  # soon, for some are just about to start others
        found = set(marked_processes(run_id))
        return set(marked_processes(run_id, since=since)) == found and bool(found) == (
            line != "true"
        )

    try:
        eventually(agree)
        assert dict(_listed((since or 0) + 10**9)) == {}
    finally:
        for pid in (*marked_processes(run_id), other.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        other.wait()


def test_many_runs_with_leftovers_are_named_and_counted(
    work_tree: Path, sh: Sh, runs: Runs
) -> None:
    sleepers = [subprocess.Popen(["sleep", "1000"]) for _ in range(7)]
    with Repository.open(work_tree) as repository:
        own_folder(repository).made()
        for number, process in enumerate(sleepers):
            places = (Place.of(process.pid),)
            remember(repository, Left(f"0123456{number:03}", f"n{number}", str(work_tree), places))

    result = sh("echo '{}' > metrics.json", "-n", "late")
    for process in sleepers:
        process.kill()
        process.wait()
    after = sh("true")

    assert result.err.count("left behind by run 'n") == 5
    assert "warning: so have 2 other runs; `gitexp doctor` lists the processes\n" in result.err
    many = "'n0', 'n1', 'n2', 'n3', 'n4' and 2 others"
    assert [run.record.notes for run in runs()] == [
        (),
        (f"written while processes of {many} were still running: 'metrics.json'",),
    ]
    assert "left behind" not in after.err
    assert remembered(work_tree) == []


def test_what_was_left_in_a_work_tree_that_is_gone_is_forgotten(
    work_tree: Path, tmp_path: Path, sh: Sh
) -> None:
    with Repository.open(work_tree) as repository:
        own_folder(repository).made()
        places = (Place.of(os.getpid()),)
        remember(repository, Left("0123456789", "gone", str(tmp_path / "gone"), places))

    sh("true")

    assert remembered(work_tree) == []
