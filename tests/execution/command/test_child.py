"""How a user's command is started and how its end is told."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.execution.command.child import (
    CommandNotExecutable,
    CommandNotFound,
    Ended,
    start,
)
from gitexp.execution.command.process import Process

from tests.execution.command.workshop import Begin, Drive
from tests.workshop import DEADLINE


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("exit 0", (0, None, None)),
        ("exit 3", (3, None, None)),
        ("kill -TERM $$", (None, "SIGTERM", None)),
        ("kill -KILL $$", (None, "SIGKILL", None)),
    ],
)
def test_the_exit_status_is_the_truth(
    begin: Begin, script: str, expected: tuple[int | None, str | None, str | None]
) -> None:
    ended = begin(shell(script)).wait()

    assert (ended.code, ended.signal, ended.reason) == expected


def test_a_command_that_is_not_there_is_named(begin: Begin) -> None:
    with pytest.raises(CommandNotFound) as raised:
        begin(["no-such-program"])

    assert str(raised.value) == "no command 'no-such-program'"
    assert raised.value.hint == "Look for it with `type no-such-program`."


def test_a_script_that_lies_in_the_folder_is_run_with_its_path(
    begin: Begin, tmp_path: Path
) -> None:
    (tmp_path / "train.sh").write_text("#!/bin/sh\n")

    with pytest.raises(CommandNotFound) as raised:
        begin(["train.sh"])

    assert raised.value.hint == "A file in this folder is run with its path: `./train.sh`."


@pytest.mark.parametrize(
    ("content", "mode", "refusal", "message"),
    [
        ("#!/bin/sh\n", 0o644, CommandNotExecutable, "cannot run './it': permission denied"),
        ("true\n", 0o755, CommandNotExecutable, "cannot run './it': exec format error"),
        ("#!/no/such\n", 0o755, CommandNotFound, "no command './it'"),
    ],
)
def test_a_command_that_cannot_run_says_why(
    begin: Begin,
    tmp_path: Path,
    content: str,
    mode: int,
    refusal: type[GitexpError],
    message: str,
) -> None:
    (tmp_path / "it").write_text(content)
    (tmp_path / "it").chmod(mode)

    with pytest.raises(refusal) as raised:
        begin(["./it"])

    assert str(raised.value) == message
    assert raised.value.hint is not None


def test_a_folder_that_is_gone_is_not_taken_for_the_command(tmp_path: Path, log: Path) -> None:
    with pytest.raises(GitexpError, match=r"cannot enter '.*gone'") as raised:
        start(["true"], cwd=tmp_path / "gone", env=os.environ, log=log, timeout=None)

    assert not isinstance(raised.value, CommandNotFound)


def test_waiting_adds_no_delay(begin: Begin) -> None:
    def measured(run: Callable[[], object]) -> float:
        before = time.perf_counter()
        run()
        return time.perf_counter() - before

    def delay() -> float:  # beside that of a machine which is slow for everybody
        ours = measured(lambda: begin(["true"]).wait())
        return ours - measured(lambda: subprocess.run(["true"], check=True))

    assert any(delay() < 0.015 for _ in range(200))


def test_waiting_again_tells_the_same(begin: Begin) -> None:
    child = begin(["true"])

    assert child.wait() is child.wait()


def test_the_end_is_that_of_the_command_and_not_of_the_wait(begin: Begin) -> None:
    child = begin(["true"])
    child._process.ended.wait(DEADLINE)
    ended_by = datetime.now(timezone.utc)

    ended = child.wait()

    assert ended.started <= ended.ended <= ended_by


def test_the_use_of_resources_is_that_of_the_command(begin: Begin) -> None:
    script = "import time; x = b'x' * 200_000_000\nwhile time.process_time() < 0.3: pass"

    ended = begin(python(script)).wait()

    assert ended.cpu_seconds is not None
    assert 0.3 <= ended.cpu_seconds <= (ended.ended - ended.started).total_seconds() + 0.1
    assert ended.peak_memory is not None
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # what the child begins with
    assert 200_000_000 <= ended.peak_memory < max(800_000_000, ours + 200_000_000)


def test_a_command_that_takes_too_long_is_stopped(begin: Begin) -> None:
    ended = begin(["sleep", "1000"], timeout=0.05).wait()

    assert (ended.code, ended.signal, ended.reason) == (None, "SIGTERM", "timeout")


def test_a_command_that_ignores_the_time_out_is_killed(
    begin: Begin, restored: Callable[[int], object]
) -> None:
    restored(signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # which the command inherits

    ended = begin(["sleep", "1000"], timeout=0.05, grace=0.05).wait()

    assert (ended.code, ended.signal, ended.reason) == (None, "SIGKILL", "timeout")


def test_a_time_out_is_the_reason_though_whoever_enforces_it_stands_still_then(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, goes_on = Process.send, threading.Event()

    def sent(process: Process, *signums: int, **options: str) -> bool:
        reached = send(process, *signums, **options)
        goes_on.wait(DEADLINE)
        return reached

    monkeypatch.setattr(Process, "send", sent)

    ended = begin(["sleep", "1000"], timeout=0.05).wait()
    goes_on.set()

    assert ended.reason == "timeout"


def test_a_command_that_has_ended_is_not_told_to_stop_before_anybody_has_noticed(
    begin: Begin, tmp_path: Path
) -> None:
    child = begin(shell("while [ ! -e go ]; do sleep 0.01; done"))
    with child._process._reaping:
        (tmp_path / "go").touch()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        child.stop(signal.SIGTERM, "stopped")
        os.kill(os.getpid(), signal.SIGTERM)

    ended = child.wait()

    assert (ended.code, ended.reason) == (0, None)


def test_a_command_in_time_is_no_time_out(begin: Begin) -> None:
    assert begin(["true"], timeout=DEADLINE).wait().reason is None


def test_a_command_can_run_in_a_thread(begin: Begin) -> None:
    ended: list[Ended] = []
    thread = threading.Thread(target=lambda: ended.append(begin(["false"]).wait()))

    thread.start()
    thread.join(DEADLINE)

    assert [one.code for one in ended] == [1]


def test_an_exit_status_survives_a_parent_that_ignores_its_children(
    begin: Begin, restored: Callable[[int], object]
) -> None:
    restored(signal.SIGCHLD)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    ended = begin(shell("exit 3")).wait()

    assert ended.code == 3
    assert signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN


def test_the_command_goes_on_and_is_waited_for_when_we_stumble(begin: Begin, log: Path) -> None:
    child = begin(shell("sleep 0.05; echo finished"))

    with pytest.raises(ZeroDivisionError), child:
        _ = 1 / 0

    assert log.read_text() == "finished\n"


def test_stdin_is_the_commands(drive: Drive) -> None:
    driver = drive(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    out, _ = driver.communicate(b"typed\n", timeout=DEADLINE)

    assert out == b"typed\n"


def test_other_descriptors_are_the_commands_too(drive: Drive, tmp_path: Path) -> None:
    """A shell passes `<(zcat data.gz)` on as /dev/fd/63."""
    (tmp_path / "data").write_text("data\n")
    fd = os.open(tmp_path / "data", os.O_RDONLY)

    driver = drive(["cat", f"/dev/fd/{fd}"], stdout=subprocess.PIPE, pass_fds=[fd])
    out, _ = driver.communicate(timeout=DEADLINE)
    os.close(fd)

    assert out == b"data\n"
