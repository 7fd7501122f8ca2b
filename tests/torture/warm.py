"""An interpreter that has imported what gitexp needs, and is forked for each call of it.

A fork is the real thing but for the imports, which are over before the command of a run ends
(`gitexp/execution/record/preloading.py`), and which take two thirds of a call's time.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

_IMPORTED = (
    *("gitexp.cli.commands.run", "gitexp.cli.commands.ls", "gitexp.rendering.formats.json"),
    *("gitexp.execution.recover", "gitexp.execution.record.conclude"),
    *("gitexp.execution.record.surroundings", "gitexp.execution.start.isolation"),
    *("gitexp.execution.overrides.resolve", "gitexp.data.checkout", "gitexp.pointers.door"),
)


MORE = "TORTURE_IMPORTS"
"""The variable that says what else to import."""

LIBRARIES = "dvc.repo dvc_data.hashfile.checkout git gto.tag"
"""What else is imported by commands that move data or write tags; half a second of each."""


class Running:
    """A call of gitexp that was started."""

    def __init__(self, pid: int, warm: Warm) -> None:
        self.pid = pid
        self._warm = warm
        self._status: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit status; raise TimeoutExpired if it does not end."""
        if self._status is None:
            answer = self._warm.answer(timeout)
            if answer is None:
                raise subprocess.TimeoutExpired("gitexp", timeout or 0.0)
            self._status = answer
        return self._status

    def has_ended(self) -> bool:
        """Return whether it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0.0)
        return self._status is not None


class Warm:
    """A process that has imported gitexp; one call of it at a time."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**env, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            cwd=Path(__file__).parents[2],
        )
        self._unread = b""

    def __enter__(self) -> Warm:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()

    def start(
        self,
        args: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        out: Path,
        err: Path,
        stacks: Path | None = None,
        *,
        own_session: bool = False,
        stopped: bool = False,
    ) -> Running:
        """Start gitexp; with `stacks`, have it say at each line where it is.

        One that is `stopped` begins once it gets SIGCONT, and says so from its start.
        """
        asked = {
            "args": ["gitexp", *args],
            "cwd": str(cwd),
            "env": dict(env),
            "out": str(out),
            "err": str(err),
            "stacks": stacks and str(stacks),
            "own_session": own_session,
            "stopped": stopped,
        }
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(asked).encode() + b"\n")
        self._server.stdin.flush()
        pid = self.answer(None)
        assert pid is not None
        return Running(pid, self)

    def answer(self, timeout: float | None) -> int | None:
        """Return the next number that the process says; None if there is none yet."""
        assert self._server.stdout is not None
        out = self._server.stdout.fileno()
        while b"\n" not in self._unread:
            if not select.select([out], [], [], timeout)[0]:
                return None
            read = os.read(out, 4096)
            assert read, "the warm interpreter has ended"
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        return int(line)


def _serve() -> tuple[str | None, bool]:
    """Fork for each line of stdin; in the fork, return where its stacks go, and if it stops."""
    answers = os.dup(1)
    os.set_inheritable(answers, False)
    for line in iter(sys.stdin.buffer.readline, b""):
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os.close(answers)
            _become(asked)
            return asked["stacks"], asked["stopped"]
        os.write(answers, b"%d\n" % pid)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(answers, b"%d\n" % status)
    os._exit(0)


def _become(asked: Mapping[str, Any]) -> None:
    """Take over standard streams, folder, environment and arguments."""
    if asked["own_session"]:
        os.setsid()
    for number, name, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, asked["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, asked["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(name, flags, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = list(asked["args"])


def _main() -> None:
    import ctypes  # noqa: PLC0415 - not in the tests themselves, as the rest here
    import gc  # noqa: PLC0415 - as below
    import importlib  # noqa: PLC0415

    from gitexp.cli.main import entry  # noqa: PLC0415
    from gitexp.data.cache import preload  # noqa: PLC0415
    from gitexp.execution.record.preloading import LATE  # noqa: PLC0415

    from tests.torture.stacks import say_where  # noqa: PLC0415

    preload()
    for name in (*_IMPORTED, *LATE, *os.environ.get(MORE, "").split()):
        importlib.import_module(name)
    gc.freeze()  # what is never looked at again need not be copied in a fork
    stacks, stopped = _serve()
    ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)  # strace may attach
    if stopped:
        os.kill(os.getpid(), signal.SIGSTOP)
    if stacks is not None:
        say_where(Path(stacks), at_once=stopped)
    entry()


if __name__ == "__main__":
    _main()
