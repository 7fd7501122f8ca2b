"""A command in a real terminal, with somebody typing."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest

from tests.execution.workshop import Eventually

DRIVER = str(Path(__file__).with_name("driver.py"))
CTRL_C, CTRL_BACKSLASH, CTRL_Z = "\x03", "\x1c", "\x1a"


IN_CONTROL = """
import fcntl, os, sys, termios
fcntl.ioctl(next(fd for fd in range(3) if os.isatty(fd)), termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


class Window:
    """A terminal window with a program in it."""

    def __init__(self, argv: Sequence[str], cwd: Path, **options: Any) -> None:
        self._master, slave = os.openpty()
        self.resize(rows=24, columns=80)
        streams = {"stdin": slave, "stdout": slave, "stderr": slave, **options}
        self.process = subprocess.Popen(
            [sys.executable, "-c", IN_CONTROL, *argv], cwd=cwd, start_new_session=True, **streams
        )
        os.close(slave)
        os.set_blocking(self._master, False)
        self._bytes = b""

    @property
    def shown(self) -> str:
        """What has appeared so far."""
        return self._bytes.decode()

    def resize(self, *, rows: int, columns: int) -> None:
        """Give the window another size, of which the system tells the foreground."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def keys(self, text: str) -> None:
        """Type."""
        os.write(self._master, text.encode())

    def shows(self, text: str) -> bool:
        """Look, and tell whether `text` has appeared."""
        self._look()
        return text in self.shown

    def is_over(self) -> bool:
        """Look, and tell whether the program has ended."""
        ended = self.process.poll() is not None
        self._look()
        return ended

    def close(self) -> None:
        """Close the window, with everything in it."""
        for process in psutil.process_iter():
            try:
                if os.getsid(process.pid) == self.process.pid:
                    process.kill()
            except (psutil.NoSuchProcess, ProcessLookupError):
                continue
        self.process.wait()
        os.close(self._master)

    def _look(self) -> None:
        try:
            while data := os.read(self._master, 65536):
                self._bytes += data
        except OSError:  # nothing there now, or nobody who could write
            return


class OpenWindow(Protocol):
    """Open a window with a program in it."""

    def __call__(self, argv: Sequence[str], **options: Any) -> Window: ...


@pytest.fixture
def window(tmp_path: Path) -> Iterator[OpenWindow]:
    """Open windows, and close them."""
    opened: list[Window] = []

    def window(argv: Sequence[str], **options: Any) -> Window:
        opened.append(Window(argv, tmp_path, **options))
        return opened[-1]

    yield window
    for one in opened:
        one.close()


@pytest.fixture
def run(window: OpenWindow, log: Path) -> OpenWindow:
    """Run a command in a window as gitexp does."""
    return lambda argv, **options: window([sys.executable, DRIVER, str(log), *argv], **options)


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


def told(log: Path) -> dict[str, object]:
    return dict(json.loads(log.with_name("log.json").read_text()))


def test_a_terminal_stays_a_terminal(run: OpenWindow, log: Path, eventually: Eventually) -> None:
    opened = run(python("import os; print([os.isatty(fd) for fd in range(3)])"))

    eventually(opened.is_over)

    assert opened.shown == "[True, True, True]\r\n"
    assert log.read_text() == "[True, True, True]\n"


PROGRESS = """
import sys
from tqdm import tqdm
look = {"mininterval": 0, "miniters": 1, "bar_format": "{l_bar}{bar}|", "dynamic_ncols": True}
for n in tqdm(range(50), **look):
    if n % 10 == 0:
        tqdm.write(f"epoch {n}")
print("\\x1b[1mdone\\x1b[0m")
"""


def test_a_progress_bar_looks_as_it_does_without_gitexp(
    run: OpenWindow, window: OpenWindow, eventually: Eventually
) -> None:
    without, with_gitexp = window(python(PROGRESS)), run(python(PROGRESS))

    eventually(without.is_over)
    eventually(with_gitexp.is_over)

    assert "epoch 40" in without.shown
    assert with_gitexp.shown == without.shown


def test_everything_is_shown_before_the_end(
    run: OpenWindow, log: Path, eventually: Eventually
) -> None:
    opened = run(shell("yes | head -n 50000"))

    eventually(opened.is_over)

    assert opened.shown == "y\r\n" * 50000
    assert log.read_text() == "y\n" * 50000


def test_a_debugger_can_be_used(
    run: OpenWindow, log: Path, tmp_path: Path, eventually: Eventually
) -> None:
    (tmp_path / "train.py").write_text("x = 1\nbreakpoint()\ny = x + 41\nprint('y is', y)\n")
    opened = run([sys.executable, "train.py"])

    eventually(lambda: opened.shows("(Pdb) "))
    opened.keys("n\n")
    eventually(lambda: opened.shows("y = x + 41") and opened.shows("print('y is', y)"))
    opened.keys("c\n")
    eventually(opened.is_over)

    assert "y is 42\r\n" in opened.shown
    assert told(log) == {"code": 0, "signal": None, "reason": None}


def test_ctrl_c_ends_the_command_and_not_gitexp(
    run: OpenWindow, log: Path, eventually: Eventually
) -> None:
    opened = run(python("import time; print('ready', flush=True); time.sleep(1000)"))
    eventually(lambda: opened.shows("ready"))

    opened.keys(CTRL_C)
    eventually(opened.is_over)

    assert "KeyboardInterrupt" in opened.shown
    assert told(log) == {"code": None, "signal": "SIGINT", "reason": "signal"}


def test_ctrl_c_that_the_command_takes_is_no_failure(
    run: OpenWindow, log: Path, eventually: Eventually
) -> None:
    opened = run(shell("trap 'echo saved; exit 0' INT; echo ready; while :; do sleep 0.01; done"))
    eventually(lambda: opened.shows("ready"))

    opened.keys(CTRL_C)
    eventually(opened.is_over)

    assert "saved" in opened.shown
    assert told(log) == {"code": 0, "signal": None, "reason": None}


def test_ctrl_backslash_ends_the_command_and_not_gitexp(
    run: OpenWindow, log: Path, eventually: Eventually
) -> None:
    opened = run(shell("ulimit -c 0; echo ready; exec sleep 1000"))
    eventually(lambda: opened.shows("ready"))

    opened.keys(CTRL_BACKSLASH)
    eventually(opened.is_over)

    assert told(log) == {"code": None, "signal": "SIGQUIT", "reason": "signal"}


WAITING = """
import os, time
print("pid", os.getpid(), ".", flush=True)
while not os.path.exists("go"): time.sleep(0.01)
print("resumed")
"""


@pytest.mark.parametrize("stdin", ["", "< /dev/null"])
def test_ctrl_z_and_fg_work(
    window: OpenWindow, log: Path, tmp_path: Path, eventually: Eventually, stdin: str
) -> None:
    (tmp_path / "train.py").write_text(WAITING)
    opened = window(["/bin/sh", "-i"], env={**os.environ, "ENV": "", "PS1": "prompt> "})
    eventually(lambda: opened.shows("prompt> "))
    opened.keys(f"{sys.executable} {DRIVER} {log} {sys.executable} train.py {stdin}\n")
    eventually(lambda: opened.shows(" .\r\n"))
    child = psutil.Process(int(opened.shown.split("pid ")[1].split()[0]))

    opened.keys(CTRL_Z)
    eventually(lambda: opened.shows("Stopped"))
    eventually(lambda: child.status() == psutil.STATUS_STOPPED)
    opened.keys("fg\n")
    eventually(lambda: child.status() != psutil.STATUS_STOPPED)
    (tmp_path / "go").touch()
    eventually(lambda: opened.shows("resumed\r\n"))
    eventually(log.with_name("log.json").exists)

    assert told(log) == {"code": 0, "signal": None, "reason": None}


def test_sigterm_is_passed_on_though_the_group_is_shared(
    run: OpenWindow, log: Path, eventually: Eventually
) -> None:
    opened = run(shell("echo ready; exec sleep 1000"))
    eventually(lambda: opened.shows("ready"))

    opened.process.terminate()
    eventually(opened.is_over)

    assert told(log) == {"code": None, "signal": "SIGTERM", "reason": "signal"}


def test_a_time_out_ends_the_command_and_not_gitexp(
    run: OpenWindow, log: Path, eventually: Eventually
) -> None:
    opened = run(["sleep", "1000"], env={**os.environ, "DRIVER_TIMEOUT": "0.05"})

    eventually(opened.is_over)

    assert told(log) == {"code": None, "signal": "SIGTERM", "reason": "timeout"}


SIZES = """
import os, signal, time
def show(*_):
    sizes = *os.get_terminal_size(1), *os.get_terminal_size(2)
    os.write(1, (" ".join(map(str, sizes)) + " ." + chr(10)).encode())
signal.signal(signal.SIGWINCH, show)
show()
while not os.path.exists("go"): time.sleep(0.01)
"""
"""Unbuffered: a `print` that a second change of size interrupts fails."""


@pytest.mark.parametrize("options", [{}, {"stdin": subprocess.DEVNULL}])
def test_the_size_of_the_window_is_known_and_kept_up(
    run: OpenWindow, tmp_path: Path, eventually: Eventually, options: dict[str, int]
) -> None:
    opened = run(python(SIZES), **options)

    eventually(lambda: opened.shows("80 24 80 24 ."))
    opened.resize(rows=30, columns=100)
    eventually(lambda: opened.shows("100 30 100 30 ."))
    (tmp_path / "go").touch()
    eventually(opened.is_over)


def test_ctrl_c_reaches_a_command_with_another_stdin(
    run: OpenWindow, log: Path, eventually: Eventually
) -> None:
    opened = run(shell("echo ready; exec sleep 1000"), stdin=subprocess.DEVNULL)
    eventually(lambda: opened.shows("ready"))

    opened.keys(CTRL_C)
    eventually(opened.is_over)

    assert told(log) == {"code": None, "signal": "SIGINT", "reason": "signal"}


def test_each_stream_is_what_it_was(
    run: OpenWindow, log: Path, tmp_path: Path, eventually: Eventually
) -> None:
    script = "import os; [os.write(fd, b'%d\\n' % os.isatty(fd)) for fd in (1, 2)]"
    with (tmp_path / "results").open("wb") as results:
        opened = run(python(script), stdout=results)

    eventually(opened.is_over)

    assert (tmp_path / "results").read_text() == "0\n"
    assert opened.shown == "1\r\n"
    assert sorted(log.read_text().splitlines()) == ["0", "1"]


@pytest.mark.parametrize("daemon", ["sleep 1000", "yes"])
def test_a_daemon_that_keeps_the_terminal_open_holds_up_nobody(
    run: OpenWindow, log: Path, eventually: Eventually, daemon: str
) -> None:
    opened = run(shell(f"trap '' HUP; {daemon} & echo done"))

    eventually(opened.is_over)

    assert "done\r\n" in opened.shown
    assert told(log) == {"code": 0, "signal": None, "reason": None}


def test_a_window_that_is_closed_takes_the_command_along_and_leaves_a_log(
    run: OpenWindow, log: Path, eventually: Eventually
) -> None:
    opened = run(shell("echo ready; exec sleep 1000"))
    eventually(lambda: opened.shows("ready"))

    opened.process.send_signal(signal.SIGHUP)
    eventually(opened.is_over)

    assert log.read_text() == "ready\n"
    assert told(log) == {"code": None, "signal": "SIGHUP", "reason": "signal"}
