"""The user's command: run as if gitexp were not there, its output kept, its end reported."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from msgspec import Struct

from gitexp.execution.command.output import Output
from gitexp.execution.command.process import (
    AWAKE_AFTER,
    CommandNotExecutable,
    CommandNotFound,
    Process,
    spawn,
    start_thread,
)
from gitexp.execution.command.signals import Relay

__all__ = ["Child", "CommandNotExecutable", "CommandNotFound", "Ended", "start"]

GRACE = 10.0
"""Seconds from SIGTERM to SIGKILL for a command that took too long."""


_STDIN = 0
_MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024


class Ended(Struct, frozen=True):
    """How a command ended, and what it used."""

    code: int | None
    """Its exit status, if it exited by itself."""
    signal: str | None
    """The name of the signal that killed it, if one did."""
    reason: str | None
    """`timeout`, `pruned`, `stopped` (by `gitexp stop`) or `signal` (we were told to stop, and it
    did, with whatever status) if the cause was outside; `lost` if nobody saw the end."""
    started: datetime
    ended: datetime
    cpu_seconds: float | None
    """User and system time of the command and of its descendants that were waited for."""
    peak_memory: int | None
    """The largest resident set of one of them, in bytes; on Linux at least our own at the start."""


class Child:
    """A running command. Its output flows while the caller does something else."""

    def __init__(
        self,
        process: Process,
        output: Output,
        relay: Relay,
        *,
        started: float,
        timeout: float | None,
        grace: float,
        shown: bool,
    ) -> None:
        self.pid = process.pid
        self.log_failure: OSError | None = None
        """Why the log lacks something, if it does; known after `wait`."""
        self._process = process
        self._output = output
        self._relay = relay
        self._started_at = started
        self._started = datetime.now(timezone.utc) - timedelta(seconds=time.monotonic() - started)
        self._grace = grace
        self._followers: list[Callable[[], None]] = []
        self._outcome: Ended | None = None
        if timeout is not None:
            start_thread(lambda: self._enforce(timeout, grace))
        if not shown:
            start_thread(lambda: self._insist(grace))

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *error: object) -> None:
        """Wait for the command, whatever went wrong here: it may be hours into a training."""
        self.wait()

    @property
    def has_ended(self) -> bool:
        """Whether the command itself has ended, though its output may still be on its way."""
        return self._process.ended.is_set()

    @property
    def last_message(self) -> tuple[str, float] | None:
        """The last SIGUSR1 or SIGUSR2 before the end, and how many seconds before it."""
        if self._relay.last_message is None:
            return None
        signum, at = self._relay.last_message
        before = self._process.ended_at - at
        return (_signal_name(signum), before) if before >= 0 else None

    def follow(self, end: Callable[[], None]) -> None:
        """Have something called once the command has ended, before `wait` returns."""
        self._followers.append(end)

    def prune(self) -> None:
        """Have the command stopped, as nothing will come of it; return at once."""
        self._process.send(signal.SIGTERM, signal.SIGCONT, why="pruned")
        start_thread(self._kill_late)

    def stop(self, signum: int, reason: Literal["stopped", "signal"]) -> None:
        """Have the command end, since somebody asked for it; return at once."""
        self._process.send(signum, signal.SIGCONT, why=reason)

    @property
    def leads_group(self) -> bool:
        """Whether a signal to the command reaches what it has started as well."""
        return self._process.leads_group

    def wait_for_end(self, seconds: float) -> bool:
        """Wait for the end of the command itself; return whether it has ended."""
        return self._process.ended.wait(seconds)

    def wait(self) -> Ended:
        """Wait until the command has ended and its output has been passed on."""
        if self._outcome is None:
            try:
                while not self._process.ended.wait(AWAKE_AFTER):
                    pass
                while self._followers:
                    self._followers.pop()()
                told = tuple(self._relay.told_to_stop)
                last = self._relay.last_told
                if last is not None and last > self._process.ended_at:
                    self._output.give_up()  # it came before the output knew of the end
                self.log_failure = self._output.drain()
            finally:
                self._relay.stops.put(False)
                self._relay.restore()
            self._outcome = self._ended(told)
        return self._outcome

    def _enforce(self, timeout: float, grace: float) -> None:
        """Stop the command if it is still running after `timeout` seconds."""
        if self._process.ended.wait(timeout):
            return
        # SIGCONT, because a stopped process does not notice that it is to end.
        self._process.send(signal.SIGTERM, signal.SIGCONT, why="timeout")
        if not self._process.ended.wait(grace):
            self._process.send(signal.SIGKILL)

    def _kill_late(self) -> None:
        if not self._process.ended.wait(self._grace):
            self._process.send(signal.SIGKILL)

    def _insist(self, grace: float) -> None:
        """Kill the command if it goes on for `grace` seconds after it was told to stop.

        Nobody watches it who could insist.
        """
        if self._relay.stops.get() and not self._process.ended.wait(grace):
            self._process.send(signal.SIGKILL)

    def _ended(self, told: Sequence[int]) -> Ended:
        process = self._process
        assert process.status is not None and process.usage is not None  # noqa: PT018 (for mypy)
        exit_code = os.waitstatus_to_exitcode(process.status)
        killer = -exit_code if exit_code < 0 else None
        return Ended(
            code=exit_code if killer is None else None,
            signal=_signal_name(killer) if killer else None,
            reason=self._reason(exit_code, told),
            started=self._started,
            ended=self._started + timedelta(seconds=process.ended_at - self._started_at),
            cpu_seconds=process.usage.ru_utime + process.usage.ru_stime,
            peak_memory=process.usage.ru_maxrss * _MEMORY_UNIT,
        )

    def _reason(self, exit_code: int, told: Sequence[int]) -> str | None:
        """Say what ended the command from outside.

        One that is told to stop and exits with 0 has stopped all the same: what stands behind
        its loop was not run. What a person types goes to the command itself, whose exit status
        then says what became of it.
        """
        asked = self._process.told_to_stop_for
        for why in ("timeout", "pruned", *asked):
            if why in asked:
                return why
        if exit_code == 0:
            first, end = self._relay.first_told, self._process.ended_at
            return "signal" if first is not None and first <= end else None
        # The note of a signal may come after the end it caused, if we were busy.
        interrupted = told or -exit_code in self._relay.told_to_stop
        return "signal" if interrupted else None


def start(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    timeout: float | None,
    grace: float = GRACE,
    shown: bool = True,
) -> Child:
    """Start a command, with its output on our stdout and stderr and in the file `log`.

    One that is not shown writes to the log alone; it is told to stop once, whoever repeats that,
    and killed after `grace` seconds.
    Signals are its business until `wait` returns. Raise CommandNotFound or
    CommandNotExecutable if there is nothing to run.
    """
    for stream in (sys.stdout, sys.stderr):  # what we printed so far comes first
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    own_group = not os.isatty(_STDIN)
    output = Output(log, shown=shown)
    relay = Relay(
        own_group=own_group, once=not shown, copy_size=output.copy_size, give_up=output.give_up
    )
    relay.install()
    started = time.monotonic()
    try:
        popen = spawn(argv, cwd=cwd, env=env, child_fds=output.child_fds, own_group=own_group)
    except BaseException:
        relay.restore()
        output.cancel()
        raise
    process = Process(popen, leads_group=own_group, on_end=output.end)
    relay.attach(process)
    output.start()
    return Child(process, output, relay, started=started, timeout=timeout, grace=grace, shown=shown)


def _signal_name(signum: int) -> str:
    try:
        return signal.Signals(signum).name
    except ValueError:
        return f"SIGRTMIN+{signum - signal.SIGRTMIN}"
