"""What follows a run in the background: a push to a real remote, and a message."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from gitexp.errors import ExitCode

from tests.cli.workshop import MODELLING, Run
from tests.host_server import HostServer
from tests.workshop import DEADLINE, Git, Gitexp

PUSH = "import sys; from pathlib import Path; from gitexp.afterwards.pushing import push_wanted;"


@pytest.fixture
def project_files() -> Mapping[str, str]:
    return MODELLING


@pytest.fixture
def own(work_tree: Path) -> Path:
    """Where the background keeps what it does."""
    return work_tree / ".git" / "gitexp" / "afterwards"


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_over(own: Path) -> bool:
    """Whether a push has begun, and has ended one way or the other."""
    if (own / "push-wanted").exists():
        return False
    try:
        return "why" in json.loads((own / "push.json").read_text())
    except FileNotFoundError:
        return True


def hang(hub: Path, marker: Path) -> None:
    """Have the hub take nothing and say nothing."""
    hook = hub / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\ntouch '{marker}'\nexec sleep 1000\n")
    hook.chmod(0o755)


@pytest.fixture
def pushing(work_tree: Path) -> Iterator[Callable[[float], subprocess.Popen[bytes]]]:
    """Start what the background does, and end it with the test."""
    started = []

    def start(patience: float) -> subprocess.Popen[bytes]:
        code = f"{PUSH} push_wanted(Path({str(work_tree)!r}), {patience})"
        process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_run_is_pushed_with_its_data_and_told_of(
    gitexp: Gitexp,
    git: Git,
    hub: Path,
    store: Path,
    own: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = Path(os.environ["HOME"])
    git("config", "gitexp.push", "after-run")
    git("config", "--global", "gitexp.notify", "env > env; cat > told")
    monkeypatch.setenv("GITEXP_RUN_ID", "0000000000")  # of a run of something else

    ran = gitexp("run", "-n", "one")

    assert (ran.code, ran.err) == (ExitCode.OK, "one: accuracy 0.95, loss 0.4\n")
    until(lambda: own.exists() and is_over(own))
    assert git("rev-parse", "experiments", cwd=hub) == git("rev-parse", "experiments")
    assert [one.read_bytes() for one in store.rglob("*") if one.is_file()] == [b"model 0.1"]
    told = json.loads((home / "told").read_text())
    assert (told["run"]["name"], told["metrics"]) == ("one", {"accuracy": 0.95, "loss": 0.4})
    environment = (home / "env").read_text()
    assert "GIT_TERMINAL_PROMPT=0" in environment
    assert "GITEXP_RUN_ID" not in environment
    assert gitexp("ls").err == ""


def test_a_push_that_failed_is_said_once_and_tried_again(
    gitexp: Gitexp, git: Git, hub: Path, own: Path, run: Run, tmp_path: Path
) -> None:
    git("config", "gitexp.push", "after-run")
    hub.rename(tmp_path / "gone")
    run("one")
    until(lambda: own.exists() and is_over(own))

    said, again = gitexp("ls").err, gitexp("ls").err

    assert said.startswith("note: 1 run is not pushed: remote 'origin' failed: fatal: ")
    assert said.endswith("; `gitexp push` tries again, and so does the next run\n")
    assert again == ""
    (tmp_path / "gone").rename(hub)
    run("two")
    until(lambda: is_over(own))
    assert git("rev-parse", "experiments", cwd=hub) == git("rev-parse", "experiments")


@pytest.mark.usefixtures("work_tree")
def test_a_push_that_hangs_is_given_up(
    gitexp: Gitexp,
    hub: Path,
    own: Path,
    run: Run,
    tmp_path: Path,
    pushing: Callable[[float], subprocess.Popen[bytes]],
) -> None:
    run("one")
    hang(hub, tmp_path / "marker")
    own.mkdir()
    (own / "push-wanted").touch()

    code = pushing(1.0).wait(DEADLINE)

    assert code == -signal.SIGKILL
    assert "not pushed: 'origin' did not answer for 0 minutes" in gitexp("ls").err


@pytest.mark.usefixtures("work_tree")
def test_of_two_pushes_one_goes_on_and_a_killed_one_is_said(
    gitexp: Gitexp,
    git: Git,
    hub: Path,
    own: Path,
    run: Run,
    tmp_path: Path,
    pushing: Callable[[float], subprocess.Popen[bytes]],
) -> None:
    run("one")
    hang(hub, tmp_path / "marker")
    own.mkdir()
    (own / "push-wanted").touch()
    first = pushing(1000.0)
    until((tmp_path / "marker").exists)
    (own / "push-wanted").touch()  # as the end of another run does

    second = pushing(1000.0).wait(DEADLINE)

    assert (second, first.poll()) == (0, None)
    assert (own / "push-wanted").exists()  # the first looks again
    assert gitexp("ls").err == ""  # one is under way
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert "1 run is not pushed: the push in the background was cut off;" in gitexp("ls").err
    (hub / "hooks" / "pre-receive").unlink()
    assert pushing(1000.0).wait(DEADLINE) == 0
    assert git("rev-parse", "experiments", cwd=hub) == git("rev-parse", "experiments")


def test_a_yes_for_all_clones_and_a_settings_file_have_nothing_pushed(
    gitexp: Gitexp, git: Git, own: Path, work_tree: Path
) -> None:
    git("config", "--global", "gitexp.push", "after-run")

    first = gitexp("run", "-n", "one", "--", "true").err
    second = gitexp("run", "-n", "two", "--", "true").err

    note = (
        "note: gitexp.push counts only where it is set for this clone: "
        "`git config gitexp.push after-run`\n"
    )
    assert first.endswith(note)
    assert note not in second
    assert not (own / "push-wanted").exists()
    (work_tree / "gitexp.yaml").write_text("push: after-run\n")
    assert gitexp("ls").err == (
        "error: gitexp.yaml, line 1: unknown setting 'push'\n"
        "hint: Only you can have your runs sent away: `git config gitexp.push after-run`.\n"
    )


def test_a_webhook_is_told_of_failures_alone_if_it_is_to(
    gitexp: Gitexp, git: Git, own: Path, host_server: HostServer
) -> None:
    git("config", "gitexp.notify", f"{host_server.url}/hook")
    git("config", "gitexp.notifyOn", "fail")

    assert gitexp("run", "-n", "good", "--", "true").code == 0
    assert gitexp("run", "-n", "bad", "--", "false").code == 1

    until((own / "notify.json").exists)  # the server does not know the address
    [request] = host_server.requests
    assert (request.body["run"]["name"], request.body["events"]) == ("bad", ["end", "fail"])
    assert gitexp("ls").err == "note: no message was sent of 'bad': '127.0.0.1' answered with 404\n"


@pytest.mark.usefixtures("store")
def test_a_sweep_is_pushed_and_told_of_once(gitexp: Gitexp, git: Git, hub: Path, own: Path) -> None:
    home = Path(os.environ["HOME"])
    git("config", "gitexp.notify", "cat >> told; echo >> told")
    git("config", "gitexp.notifyOn", "best")
    assert gitexp("run", "-n", "before").code == 0
    git("config", "gitexp.push", "after-run")

    assert gitexp("sweep", "rate=0.2,0.3", "-n", "scan", "--maximize", "accuracy").code == 0

    until(lambda: own.exists() and is_over(own))
    assert git("rev-parse", "experiments", cwd=hub) == git("rev-parse", "experiments")
    [told] = map(json.loads, (home / "told").read_text().splitlines())
    assert told["events"] == ["end", "best"]
    assert told["sweep"]["runs"] == {"done": 2, "failed": 0, "pruned": 0, "stopped": 0}
    assert told["best"]["metrics"]["accuracy"] == 1.05
