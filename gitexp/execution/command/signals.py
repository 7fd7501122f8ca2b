"""What becomes of the signals that reach gitexp while a command of the user's runs.

With a terminal on stdin the command shares our process group, so the terminal itself sends it
Ctrl-C, Ctrl-\\ and Ctrl-Z; gitexp stays alive to record the outcome. Otherwise the command leads
a group of its own, which hears of nothing unless it is passed on.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType
from typing import Protocol

_TYPED = (signal.SIGINT, signal.SIGQUIT)
"""Sent by the terminal to everyone in the foreground."""

_STOPS = (*_TYPED, signal.SIGTERM, signal.SIGHUP, signal.SIGXCPU)
"""Schedulers say with SIGXCPU that a job has had its time."""
_MESSAGES = (signal.SIGUSR1, signal.SIGUSR2)
_INSISTING = 3
"""This many times SIGINT means: now."""


class Receiver(Protocol):
    """Whom signals are passed on to."""

    def send(self, *signums: int) -> bool: ...


class Relay:
    """The handlers of one command's time. Outside the main thread there are none."""

    def __init__(
        self,
        *,
        own_group: bool,
        once: bool,
        copy_size: Callable[[], bool],
        give_up: Callable[[], None],
    ) -> None:
        """Prepare to pass signals on; of those to stop, with `once`, only the first."""
        self.told_to_stop: list[int] = []
        """The signals to stop that came so far."""
        self.first_told: float | None = None
        """When the first of them came that reached the command, on the monotonic clock."""
        self.last_told: float | None = None
        """When the last of them came."""
        self.stops: SimpleQueue[bool] = SimpleQueue()
        """Gets something whenever one of them comes: all that a signal handler may touch."""
        self.last_message: tuple[int, float] | None = None
        """The last signal that may mean anything, and when it came, on the same clock."""
        self._own_group = own_group
        self._once = once
        self._copy_size = copy_size
        self._give_up = give_up
        self._receiver: Receiver | None = None
        self._early: list[int] = []
        self._before: dict[int, Callable[[int, FrameType | None], object] | int] = {}

    def install(self) -> None:
        """Take over, from before the command starts: an early Ctrl-C is for it already."""
        if threading.current_thread() is not threading.main_thread():
            return
        for signum, act in self._actions().items():
            before = signal.getsignal(signum)
            # What is ignored from the start (nohup, `&` in a script) stays so in both of us.
            if before is not None and before != signal.SIG_IGN:
                self._before[signum] = before
                signal.signal(signum, act)
        if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
            # Inherited from a careless parent: the system would throw the exit status away.
            self._before[signal.SIGCHLD] = signal.SIG_IGN
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    def attach(self, receiver: Receiver) -> None:
        """Pass signals on to `receiver`, starting with those that came before it was there."""
        self._receiver = receiver
        for signum in self._early:
            receiver.send(signum)

    def restore(self) -> None:
        """Put back the handlers that were there before."""
        while self._before:
            signal.signal(*self._before.popitem())

    def _actions(self) -> dict[signal.Signals, Callable[[int, FrameType | None], None]]:
        shared = {
            **dict.fromkeys(_STOPS, self._stop),
            **dict.fromkeys(_MESSAGES, self._pass_on),
            signal.SIGWINCH: self._resize,
            signal.SIGCONT: self._continue,
        }
        return {**shared, signal.SIGTSTP: self._suspend} if self._own_group else shared

    def _stop(self, signum: int, _frame: FrameType | None) -> None:
        now = self.last_told = time.monotonic()
        self.told_to_stop.append(signum)
        self.stops.put(True)
        typed = signum in _TYPED and not self._own_group
        if not typed or self._receiver is None:
            insists = signum == signal.SIGINT and self.told_to_stop.count(signum) >= _INSISTING
            is_passed_on = not self._once or len(self.told_to_stop) == 1
            has_reached = False
            if insists and self._own_group:
                has_reached = self._send(signal.SIGKILL)
            elif is_passed_on:
                has_reached = self._send(signum)
            if self.first_told is None and has_reached and not typed:
                self.first_told = now
        self._give_up()

    def _pass_on(self, signum: int, _frame: FrameType | None) -> None:
        self.last_message = signum, time.monotonic()
        self._send(signum)

    def _resize(self, _signum: int, _frame: FrameType | None) -> None:
        if not self._copy_size():
            return
        if self._own_group:
            self._send(signal.SIGWINCH)
        else:  # the terminal has told everyone, but some have looked before the size was copied
            os.killpg(0, signal.SIGWINCH)

    def _continue(self, signum: int, frame: FrameType | None) -> None:
        if self._own_group:
            self._send(signum)
        self._resize(signum, frame)

    def _suspend(self, signum: int, _frame: FrameType | None) -> None:
        # Not SIGTSTP: the system ignores it in a group without a shell in its session.
        self._send(signal.SIGSTOP)
        signal.signal(signum, signal.SIG_DFL)
        os.kill(os.getpid(), signum)  # here we stop, and go on when the shell says so
        signal.signal(signum, self._suspend)
        self._send(signal.SIGCONT)

    def _send(self, signum: int) -> bool:
        """Signal the command as soon as it is there; return False if it has ended."""
        if self._receiver is None:
            self._early.append(signum)
            return True
        return self._receiver.send(signum)
