"""Signals that reach gitexp while a command runs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from gitexp.execution.command.child import CommandNotFound

from tests.execution.command.workshop import Begin, Drive, python, says, shell, told
from tests.execution.workshop import Eventually
from tests.workshop import DEADLINE

TRAPPING = """
import os, signal, sys, time
def say(line):
    os.write(1, (line + chr(10)).encode())
def note(signum, frame):
    say(signal.Signals(signum).name)
    sys.exit({code})
for name in ("INT", "TERM", "HUP", "QUIT", "XCPU"):
    signal.signal(getattr(signal, "SIG" + name), note)
say("ready")
while True: time.sleep(1000)
"""
"""Writes whole lines; unbuffered, a `print` leaves room for a signal before its newline."""
STUBBORN = """
import os, signal, time
def say(text):
    os.write(1, text + bytes([10]))
for signum in (signal.SIGINT, signal.SIGTERM):
    signal.signal(signum, lambda *_: say(b"no"))
signal.signal(signal.SIGUSR1, lambda *_: say(b"message"))
say(b"ready")
while True: time.sleep(1000)
"""
LATE = """
import runpy, sys, time
from gitexp.execution.command.output import Output
end = Output.end
def late(output):
    time.sleep(0.3)
    end(output)
Output.end = late
sys.argv.pop(0)
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""The driver, in which the command is collected a while before the output hears of its end."""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGXCPU"])
def test_a_signal_to_stop_is_passed_on(
    begin: Begin, log: Path, name: str, eventually: Eventually
) -> None:
    child = begin(python(TRAPPING.format(code=7)))
    eventually(says(log, "ready\n"))

    os.kill(os.getpid(), getattr(signal, name))
    ended = child.wait()

    assert log.read_text() == f"ready\n{name}\n"
    assert (ended.code, ended.signal, ended.reason) == (7, None, "signal")


@pytest.mark.parametrize("name", ["SIGUSR1", "SIGTERM"])
def test_a_signal_that_does_not_wake_the_main_thread_is_passed_on_all_the_same(
    begin: Begin, log: Path, name: str, eventually: Eventually
) -> None:
    """As one does that comes at the very moment at which the wait begins."""
    number = getattr(signal, name)
    heeding = TRAPPING.format(code=7).replace('"XCPU"', '"USR1"')
    child = begin(python(heeding), timeout=DEADLINE)
    eventually(says(log, "ready\n"))
    other = threading.Timer(0.1, lambda: signal.pthread_kill(threading.get_ident(), number))
    other.start()

    ended = child.wait()
    other.join()

    assert log.read_text() == f"ready\n{name}\n"
    assert (ended.code, ended.reason) == (7, "signal" if name == "SIGTERM" else None)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU"])
def test_a_command_that_is_told_to_stop_and_exits_with_0_has_stopped(
    begin: Begin, log: Path, name: str, eventually: Eventually
) -> None:
    child = begin(python(TRAPPING.format(code=0)))
    eventually(says(log, "ready\n"))

    os.kill(os.getpid(), getattr(signal, name))
    ended = child.wait()

    assert (ended.code, ended.signal, ended.reason) == (0, None, "signal")


def test_a_signal_after_a_good_end_does_not_make_it_a_bad_one(
    begin: Begin, eventually: Eventually
) -> None:
    child = begin(["true"])
    eventually(lambda: child.has_ended)

    os.kill(os.getpid(), signal.SIGTERM)
    ended = child.wait()

    assert (ended.code, ended.signal, ended.reason) == (0, None, None)


def test_a_signal_that_kills_the_command_is_the_reason(begin: Begin) -> None:
    child = begin(["sleep", "1000"])

    os.kill(os.getpid(), signal.SIGTERM)
    ended = child.wait()

    assert (ended.code, ended.signal, ended.reason) == (None, "SIGTERM", "signal")


def test_a_third_ctrl_c_kills(begin: Begin, log: Path, eventually: Eventually) -> None:
    script = "trap 'echo no' INT; echo ready; while true; do sleep 0.01; done"
    child = begin(shell(script))
    eventually(says(log, "ready"))

    os.kill(os.getpid(), signal.SIGINT)
    eventually(says(log, "no"))
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGINT)
    ended = child.wait()

    assert (ended.signal, ended.reason) == ("SIGKILL", "signal")


def test_a_command_that_nobody_watches_is_told_to_stop_once(
    begin: Begin, log: Path, eventually: Eventually
) -> None:
    child = begin(python(STUBBORN), grace=DEADLINE, shown=False)
    eventually(says(log, "ready\n"))

    os.kill(os.getpid(), signal.SIGTERM)
    eventually(says(log, "no\n"))
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        os.kill(os.getpid(), signum)
    for messages in ("message\n", "message\nmessage\n"):  # what came before the first is said then
        os.kill(os.getpid(), signal.SIGUSR1)
        eventually(says(log, messages))
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()

    assert log.read_text() == "ready\nno\nmessage\nmessage\n"


def test_a_command_that_nobody_watches_is_killed_in_the_end(
    begin: Begin, log: Path, eventually: Eventually
) -> None:
    child = begin(python(STUBBORN), grace=0.05, shown=False)
    eventually(says(log, "ready\n"))

    os.kill(os.getpid(), signal.SIGTERM)
    ended = child.wait()

    assert (ended.signal, ended.reason) == ("SIGKILL", "signal")


def test_a_message_to_the_command_is_passed_on_and_stops_nothing(
    begin: Begin, log: Path, eventually: Eventually
) -> None:
    child = begin(
        shell("trap 'echo got it; exit 3' USR1; echo ready; while :; do sleep 0.01; done")
    )
    eventually(says(log, "ready"))

    os.kill(os.getpid(), signal.SIGUSR1)
    ended = child.wait()

    assert "got it" in log.read_text()
    assert (ended.code, ended.reason) == (3, None)


def test_signals_reach_the_whole_group(
    begin: Begin, tmp_path: Path, eventually: Eventually
) -> None:
    child = begin(shell("sleep 1000 & echo $! > pid; wait"))
    eventually(says(tmp_path / "pid", "\n"))

    os.kill(os.getpid(), signal.SIGTERM)
    child.wait()

    grandchild = int((tmp_path / "pid").read_text())
    eventually(lambda: _is_gone(grandchild))


def test_our_signal_handlers_are_ours_again_afterwards(begin: Begin) -> None:
    before = {signum: signal.getsignal(signum) for signum in signal.valid_signals()}

    begin(["true"]).wait()

    assert {signum: signal.getsignal(signum) for signum in signal.valid_signals()} == before


def test_a_refused_command_leaves_our_signal_handlers_alone(begin: Begin) -> None:
    before = {signum: signal.getsignal(signum) for signum in signal.valid_signals()}

    with pytest.raises(CommandNotFound):
        begin(["no-such-program"])

    assert {signum: signal.getsignal(signum) for signum in signal.valid_signals()} == before


def test_what_was_ignored_stays_ignored(
    begin: Begin, log: Path, restored: Callable[[int], object]
) -> None:
    restored(signal.SIGHUP)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    child = begin(shell("kill -HUP $$; echo alive; kill -HUP $PPID; exit 3"))

    ended = child.wait()

    assert log.read_text() == "alive\n"
    assert (ended.code, ended.reason) == (3, None)


@pytest.mark.parametrize("options", [(), ("-c", LATE)], ids=["at once", "late"])
def test_a_reader_that_never_reads_cannot_keep_us_from_stopping(
    drive: Drive, log: Path, tmp_path: Path, eventually: Eventually, options: tuple[str, ...]
) -> None:
    line = shell("yes | head -n 500000; touch done")
    driver = drive(line, through=options, stdout=subprocess.PIPE)
    eventually((tmp_path / "done").exists)
    eventually(lambda: not psutil.Process(driver.pid).children())

    driver.terminate()
    driver.wait(DEADLINE)

    assert told(log) == {"code": 0, "signal": None, "reason": None}
    assert log.read_text() == "y\n" * 500000


def _is_gone(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True
