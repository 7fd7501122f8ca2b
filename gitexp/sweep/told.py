"""What an agent is told: to stop at once, or after the run that it makes."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from gitexp.errors import GitexpError

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def threads_expected() -> Iterator[None]:
    """Say what to do if the system lets no thread be started, rather than call it a bug."""
    try:
        yield
    except RuntimeError as error:
        raise GitexpError(
            f"no thread can be started: {error}",
            hint="`ulimit -u` says how many there may be, of all your programs together.",
        ) from error


class Stopped(Exception):
    """An agent was told to stop before the command of its run was started."""


class Told:
    """Whether an agent was told to stop."""

    def __init__(self) -> None:
        self.now = False
        self.after = False

    def stop(self, _signum: int, _frame: FrameType | None = None) -> None:
        """Make no further run; whoever runs a command passes the signal on to it."""
        self.now = True

    def may_start(self) -> None:
        """Raise Stopped if the command of a run must not be started any more."""
        if self.now:
            raise Stopped

    def watch(self, parent: int) -> None:
        """Make no further run once the other end of a pipe is closed: nobody waits for us."""
        os.set_inheritable(parent, False)

        def wait() -> None:
            with contextlib.suppress(OSError):
                os.read(parent, 1)
            self.after = True

        with threads_expected():
            threading.Thread(target=wait, daemon=True).start()

    @property
    def is_over(self) -> bool:
        """Whether no run is to be begun."""
        return self.now or self.after


@contextlib.contextmanager
def heeded(told: Told) -> Iterator[None]:
    """Take signals for orders to stop."""
    before = {number: signal.signal(number, told.stop) for number in _STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
