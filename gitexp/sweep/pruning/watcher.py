"""One run watched: what it reports is kept, and it is stopped if it will not come to anything.

Every step is judged, in order, however many arrive at once. So it does not depend on how fast
anybody was whether a run is cut off and where; what comes after that step is not kept.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from gitexp.execution.command.process import start_thread
from gitexp.sweep.pruning.channel import Channel, Report
from gitexp.sweep.pruning.steps import MOST_STEPS, Steps, line_of

INTERVAL = 0.1
"""Seconds between two looks at the file, each of which is one `stat`."""
SILENCE = 300.0
"""Seconds after which it is said that a run has written no file."""


class Watcher:
    """Follows the progress file of one run, in a thread of its own."""

    def __init__(
        self,
        channel: Channel,
        stops: Callable[[Mapping[int, float]], bool],
        stop: Callable[[], None],
        keep: Path,
        *,
        tell_silence: Callable[[], None] = lambda: None,
        interval: float = INTERVAL,
        silence: float = SILENCE,
    ) -> None:
        """Prepare to watch; the run must not have started.

        Args:
            channel: Where the run reports.
            stops: Decides, from all intermediate values by step.
            stop: Stops the command, and returns at once; called once at most.
            keep: The file that what was reported is written to, line by line.
            tell_silence: Called once if there is no file after `silence` seconds.
            interval: Seconds between two looks.
            silence: Seconds.
        """
        self._channel, self._stops, self._stop, self._keep = channel, stops, stop, keep
        self._tell_silence, self._interval, self._silence = tell_silence, interval, silence
        self._values: dict[int, float] = {}
        self._cut = False
        self.failure: Exception | None = None
        """Why nothing was judged any more, if that is so."""
        self._over, self._at_rest = threading.Event(), threading.Event()

    @property
    def steps(self) -> Steps:
        """What was reported so far."""
        return Steps(dict(self._values), self._cut)

    def begin(self) -> None:
        """Begin to watch."""
        start_thread(self._watch)

    def end(self) -> None:
        """Read what the command wrote last, which has ended; nothing stops it any more."""
        self._over.set()
        self._at_rest.wait()
        self._look()

    def _watch(self) -> None:
        try:
            self._watch_on()
        finally:
            self._at_rest.set()

    def _watch_on(self) -> None:
        waited = 0.0
        while not self._over.wait(self._interval):
            if self._look():
                self._stop()
                return
            waited += self._interval
            if not self._channel.exists and waited >= self._silence:
                self._tell_silence()
                waited = float("-inf")

    def _look(self) -> bool:
        """Take in what is new; return whether the run is to be stopped for it."""
        if self._cut or self.failure is not None:
            return False
        try:
            return any(self._take(report) for report in self._channel.read())
        except Exception as error:  # noqa: BLE001 - a training of hours is not lost to a judge
            self.failure = error
            return False

    def _take(self, report: Report) -> bool:
        if report.step in self._values or len(self._values) >= MOST_STEPS:
            return False
        self._values[report.step] = report.value
        self._cut = self._stops(self._values)
        with contextlib.suppress(OSError), self._keep.open("a") as file:
            file.write(line_of(report.step, report.value, cut=self._cut))
        return self._cut
