"""What goes on beside a command, and what must not come between its end and its record."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator

from gitexp.execution.command.child import Child
from gitexp.execution.command.process import start_thread
from gitexp.execution.stages import Started

Tell = Callable[[str], None]

_A_MOMENT = 1.0
"""Seconds after which a command is looked at."""
_HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU)


def attend(started: Started, child: Child) -> None:
    """Have a thread go along with a command; one that ends at once has cost a thread."""
    began = time.monotonic()

    def go_along() -> None:
        if child.wait_for_end(_A_MOMENT):
            return
        with contextlib.suppress(Exception):  # nothing here may harm the run
            from gitexp.execution.attendant import Attendant  # noqa: PLC0415 - 20 ms, of commands that go on

            Attendant(started, child, began).attend()

    with contextlib.suppress(RuntimeError):  # no thread can be started: the run is what matters
        start_thread(go_along)


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
