"""Looks at a command while it runs, as rows in a file: few of a long run, none of a short one."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from gitexp.execution.system.gpus import Gpus, open_gpus
from gitexp.execution.system.tree import Counters, Tree
from gitexp.model.system import (
    CPU,
    MEMORY,
    READ,
    WRITTEN,
    Row,
    in_order,
    line_of,
    rounded,
    row_length,
)

_RAREST = 15.0
"""Seconds between two looks at most: peaks of memory are what rare looks miss."""
_WORTH = 100
"""A look costs a hundredth of the time until the next, at most: 1 % of one core."""
_LOOKS = 5
"""How often a row is looked at."""


class Sampler:
    """Samples one command; made only once that has run for a while."""

    def __init__(
        self,
        pid: int,
        file: Path,
        clock: Callable[[], float] = time.monotonic,
        *,
        elapsed: float,
    ) -> None:
        """Begin, so many seconds after the command has started."""
        self._clock = clock
        self._file = file
        self._tree = Tree(pid)
        self._gpus: Gpus | None = open_gpus()
        self._started = clock() - elapsed
        self._row_began = self._last = self._started
        self._before = Counters((), 0.0, 0, 0, 0)
        """At the beginning of the row: what was used before the first look counts for it."""
        self._peaks: dict[str, float] = {}
        self._sums: dict[str, list[float]] = {}
        self._at_last = self._before
        self._due = self._started

    @property
    def pause(self) -> float:
        """How many seconds it is until the next look is due."""
        return max(0.0, self._due - self._clock())

    def look(self) -> None:
        """Look, if that is due; a full row is written down."""
        now = self._clock()
        if now < self._due:
            return
        found = self._tree.look()
        if found is None:  # nobody may look at them: do not ask again and again
            self._due = now + _RAREST
            return
        self._note(found, now)
        length = row_length(self._row_began - self._started)
        if now - self._row_began >= length:
            self._write(found, now)
        cost = self._clock() - now
        pause = min(_RAREST, max(1.0, length / _LOOKS))
        self._due = now + max(pause, cost * _WORTH)

    def _note(self, found: Counters, now: float) -> None:
        """Note what stands at this moment, and how busy the processors were since the last."""
        seconds = now - self._last
        if seconds > 0:
            for name, rate in _rates(self._at_last, found, seconds).items():
                self._peaks[name] = max(self._peaks.get(name, 0.0), rate)
        self._sum(MEMORY, found.memory)
        for gpu in self._gpus.look(found.pids) if self._gpus is not None else ():
            self._sum(f"gpu.{gpu.index}", gpu.busy)
            self._sum(f"gpu.{gpu.index}.memory", gpu.memory)
        self._last, self._at_last = now, found

    def _sum(self, name: str, value: float) -> None:
        self._sums.setdefault(name, []).append(value)
        self._peaks[name] = max(self._peaks.get(name, value), value)

    def _write(self, found: Counters, now: float) -> None:
        seconds = now - self._row_began
        means = _rates(self._before, found, seconds)
        means |= {name: sum(those) / len(those) for name, those in self._sums.items()}
        means = {name: rounded(means[name]) for name in in_order(means)}
        peaks = {name: rounded(value) for name, value in self._peaks.items()}
        peaks = {name: value for name, value in peaks.items() if value > means.get(name, value)}
        row = Row(round(now - self._started, 1), round(seconds, 2), means, peaks)
        with self._file.open("ab") as file:
            file.write(line_of(row))
        self._row_began, self._before = now, found
        self._peaks, self._sums = {}, {}


def _rates(before: Counters, after: Counters, seconds: float) -> dict[str, float]:
    """Return what was used a second; processes that nobody waited for take their part along."""
    rates = {CPU: max(0.0, after.cpu - before.cpu) / seconds}
    for name, old, new in (
        (READ, before.read, after.read),
        (WRITTEN, before.written, after.written),
    ):
        if old is not None and new is not None:
            rates[name] = max(0.0, new - old) / seconds
    return rates
