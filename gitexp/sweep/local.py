"""The agents of one machine: each a process, which a thread of joblib's starts and watches."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import FileIO
from pathlib import Path

from msgspec.structs import replace

from gitexp.errors import ExitCode
from gitexp.sweep.call import PARENT, VARIABLE, Call
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.told import threads_expected

Said = Callable[[str], None]

_MOST_STARTS = 6
"""An agent that is killed so often is not started again."""


def agent_calls(
    options: SweepOptions, environment: Mapping[str, str], *, covers: bool = False
) -> list[Call]:
    """Return what each agent of a call is told: its place, and how many threads it may have."""
    call = Call.begun(options, covers=covers)
    slots: Sequence[str | None] = options.slots[: options.jobs] or [None] * options.jobs
    threads = _threads(options, len(slots), environment)
    common = {name: str(threads) for name in _variables(environment) if threads is not None}
    return [
        replace(call, environment={**common, **_pairs(slot)}, threads=threads, slot=slot)
        for slot in slots
    ]


def _threads(options: SweepOptions, agents: int, environment: Mapping[str, str]) -> int | None:
    """Return how many numerical threads a command gets; None if nothing is to be set."""
    if options.threads == "keep" or not _variables(environment):
        return None
    if options.threads != "auto":
        return options.threads
    return max(1, cores() // agents)


def cores() -> int:
    """Return how many cores there are for us, by cgroups and affinity."""
    from joblib import cpu_count  # noqa: PLC0415 - 300 ms, with NumPy, where agents start

    return int(cpu_count())


def _variables(environment: Mapping[str, str]) -> list[str]:
    """Return the variables that numerical libraries heed and nobody has set."""
    from joblib.parallel import ParallelBackendBase  # noqa: PLC0415 - as above

    return [name for name in ParallelBackendBase.MAX_NUM_THREADS_VARS if name not in environment]


def _pairs(slot: str | None) -> dict[str, str]:
    words = (word.partition("=") for word in (slot or "").split())
    return {name: value for name, _, value in words}


class Agents:
    """The agents of one call, from their start to the end of the last one."""

    def __init__(self, top: Path, folder: Path, sweep_id: str, said: Said) -> None:
        ours = (sys.executable, "-m", "gitexp", "-C", str(top))
        self._command = (*ours, "sweep", "--agent", "--resume", sweep_id)
        self._folder = folder
        self._said = said
        self._living: dict[int, subprocess.Popen[str]] = {}
        self._changing = threading.RLock()  # signals come at any time
        self._is_stopping = False
        self._ours: FileIO | None = None
        self._theirs = -1
        self._watching: threading.Thread | None = None
        self.codes: list[int] = []
        """The exit codes of those that have ended for good."""

    @contextlib.contextmanager
    def working(self, calls: Sequence[Call]) -> Iterator[Agents]:
        """Start an agent for each call; at the end, none is left."""
        self._theirs, ours = os.pipe()
        self._ours = FileIO(ours, "w")
        watching = threading.Thread(target=self._watch_all, args=(calls,), daemon=True)
        try:
            with threads_expected():
                watching.start()
            self._watching = watching
            yield self
        finally:
            self.stop()
            if self._watching is not None:
                self.wait()
            os.close(self._theirs)

    @property
    def workers(self) -> tuple[tuple[int, int], ...]:
        """The processes that are at work: pid and number."""
        with self._changing:
            return tuple((process.pid, number) for number, process in self._living.items())

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until all have ended; return whether they have."""
        assert self._watching is not None  # else none was started
        self._watching.join(seconds)
        return not self._watching.is_alive()

    def retire(self) -> None:
        """Have each end with the run that it makes."""
        self._is_stopping = True
        if self._ours is not None:
            self._ours.close()  # once only, though another signal may come in the midst of it

    def stop(self) -> None:
        """Have each stop its command, and end when that is recorded."""
        self.retire()
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End them at once; the next command records what they have left."""
        self.retire()
        self._send(signal.SIGKILL)

    def _send(self, signum: int) -> None:
        with self._changing:
            for process in self._living.values():
                process.send_signal(signum)

    def _watch_all(self, calls: Sequence[Call]) -> None:
        from joblib import Parallel, delayed  # noqa: PLC0415 - as above

        watched = (delayed(self._watch)(number, call) for number, call in enumerate(calls, 1))
        try:
            Parallel(n_jobs=len(calls), backend="threading", batch_size=1)(watched)
        except RuntimeError as error:  # no thread can be started, and so no agent was
            self._said(f"warning: no agent can be started: {error}")
            self.codes.append(ExitCode.ERROR)

    def _watch(self, number: int, call: Call) -> None:
        """Have an agent work, and note how it ended; what is wrong with one stops no other."""
        try:
            self._work(number, call)
        except OSError as error:  # too many files or processes, or too much in the environment
            self._said(f"warning: agent {number} cannot be started: {error.strerror or error}")
            self.codes.append(ExitCode.ERROR)

    def _work(self, number: int, call: Call) -> None:
        """Start an agent, and again if a signal has killed it."""
        code = 0
        for _ in range(_MOST_STARTS):
            process = self._started(number, call)
            if process is None:
                return
            with process:
                assert process.stderr is not None  # it is a pipe
                for line in process.stderr:
                    self._said(line.rstrip("\n"))
            code = process.returncode
            with self._changing:
                del self._living[number]
            if code >= 0 or self._is_stopping:
                break
        else:
            often = f"signal {-code} has ended it {_MOST_STARTS} times"
            self._said(f"warning: agent {number} is not started again: {often}")
        self.codes.append(code)

    def _started(self, number: int, call: Call) -> subprocess.Popen[str] | None:
        """Start an agent, in a session of its own: what is typed here is not for it."""
        with self._changing:
            if self._is_stopping:
                return None
            environment = {**os.environ, VARIABLE: call.to_text(), PARENT: str(self._theirs)}
            self._living[number] = process = subprocess.Popen(
                self._command,
                cwd=self._folder,  # Python looks for modules there, and there are none
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="backslashreplace",
                pass_fds=(self._theirs,),
                start_new_session=True,
            )
            return process
