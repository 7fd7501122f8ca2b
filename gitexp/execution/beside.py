"""What goes on beside a command, and what must not come between its end and its record."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator

from gitexp.execution.command.child import Child
from gitexp.execution.command.process import start_thread
from gitexp.execution.stages import Started

Tell = Callable[[str], None]

_A_MOMENT = 1.0
"""Seconds after which a command is looked at."""
_PATIENCE = 1.0
"""Seconds that a last look may take once the command has ended."""
_HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU)


def attend(started: Started, child: Child) -> None:
    """Have a thread go along with a command; one that ends at once has cost a thread."""
    began, over = time.monotonic(), threading.Event()

    def go_along() -> None:
        try:
            if not child.wait_for_end(_A_MOMENT):
                from gitexp.execution.attendant import Attendant  # noqa: PLC0415 - 20 ms, of commands that go on

                Attendant(started, child, began).attend()
        except Exception:  # noqa: BLE001, S110 - nothing here may harm the run
            pass
        finally:
            over.set()

    with contextlib.suppress(RuntimeError):  # no thread can be started: the run is what matters
        start_thread(go_along)
        # What it is writing must be there, and not come into a folder that is being removed.
        child.follow(lambda: _ignore(over.wait(_PATIENCE)))


def _ignore(_: bool) -> None:
    """Do nothing about whether somebody was waited for long enough."""


@contextlib.contextmanager
def held_signals(tell: Tell, heard: Callable[[int], None]) -> Iterator[None]:
    """Keep Ctrl-C and SIGTERM from cutting off the recording, which takes a moment."""

    def wait(signum: int, _frame: object) -> None:
        heard(signum)
        tell("note: the run is being recorded; please wait")

    heeded = [number for number in _HELD if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, wait) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
