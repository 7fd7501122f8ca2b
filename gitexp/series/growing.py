"""Curves that grow: what is added costs as much as itself, however long they are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

from gitexp.model.values import Value
from gitexp.series.lines import kind_of, number_of
from gitexp.series.series import Series, Step

MOST_POINTS = 2_000_000
"""Values that are held at once: with the tables that are made of them, 1.5 GB."""
_MOST_KEYS = 10_000


class GrowingCurve:
    """One curve, in lists side by side whose steps rise.

    Of several values at one step that of the later process counts, and of one process the later.
    """

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._values: list[float] = []
        self._times: list[float | None] = []
        self._files: list[str] = []
        """The files that they came from: in the order of their names the processes began."""
        self._late: dict[Step, tuple[float, float | None, str]] = {}
        """What came after later steps, and has no place in the lists yet."""
        self._since: list[float] = []
        """The first of the times, as seconds since the first value of the run."""
        self._began: float | None = None
        self._made: Series | None = None

    def __len__(self) -> int:
        return len(self._steps) + len(self._late)

    def put(self, step: Step, value: float, time: float | None, file: str) -> bool:
        """Add a value; return whether its step is a new one."""
        self._made = None
        if not self._steps or step > self._steps[-1]:
            self._append(step, value, time, file)
            return True
        at = bisect_left(self._steps, step)
        if self._steps[at] == step:
            if file >= self._files[at]:
                self._values[at], self._times[at], self._files[at] = value, time, file
                del self._since[at:]
            return False
        known = self._late.get(step)
        if known is None or file >= known[2]:
            self._late[step] = value, time, file
        return known is None

    def series(self, key: str, began: float | None) -> Series:
        """Return the curve as it is now; the same one as before if nothing was added."""
        if self._made is None or self._began != began:
            self._settle()
            steps, values, times = self._steps.copy(), self._values.copy(), self._until_now(began)
            self._made = Series(key, steps, values, times)
        return self._made

    def halve(self) -> None:
        """Keep about half of the values, the peaks among them."""
        from gitexp.series.thinning import halved  # noqa: PLC0415 - 2 ms, of very long runs

        self._settle()
        self._keep(halved(self._values))

    def _append(self, step: Step, value: float, time: float | None, file: str) -> None:
        self._steps.append(step)
        self._values.append(value)
        self._times.append(time)
        self._files.append(file)

    def _settle(self) -> None:
        """Put what came late where it belongs."""
        if self._late:
            for step, (value, time, file) in self._late.items():
                self._append(step, value, time, file)
            self._late.clear()
            self._keep(sorted(range(len(self._steps)), key=self._steps.__getitem__))

    def _keep(self, kept: list[int]) -> None:
        self._steps = [self._steps[at] for at in kept]
        self._values = [self._values[at] for at in kept]
        self._times = [self._times[at] for at in kept]
        self._files = [self._files[at] for at in kept]
        self._since, self._made = [], None

    def _until_now(self, began: float | None) -> list[float] | None:
        """Return the times as seconds; None if one of them is not known."""
        if self._began != began:
            self._since, self._began = [], began
        for time in self._times[len(self._since) :]:
            if time is None or began is None:
                return None
            self._since.append(time - began)
        return self._since.copy()


class GrowingCurves:
    """The curves of all ranks of a run."""

    def __init__(self) -> None:
        self.began: float | None = None
        """When the first value was logged, in seconds since 1970."""
        self.ignored: dict[str, None] = {}
        """What is true of all of them, in words."""
        self._of_ranks: dict[int, dict[str, GrowingCurve]] = {}
        self._last: dict[int, Step] = {}
        self._count, self._room = 0, MOST_POINTS
        """How many values are held, and how many may be."""

    def take(
        self, line: tuple[Step, float | None, str], rank: int, values: Mapping[str, Value]
    ) -> list[str]:
        """Add the values of a step, of a line of step, time and file; return what is ignored."""
        ignored: list[str] = []
        curves = self._of_ranks.setdefault(rank, {})
        step = line[0]
        if rank not in self._last or step > self._last[rank]:
            self._last[rank] = step
        try:
            self._put(curves, line, values, ignored)
        except RecursionError:
            ignored.append("a mapping that is nested too deep")
        if self._count > self._room:
            self._halve()
        return ignored

    def _put(
        self,
        curves: dict[str, GrowingCurve],
        line: tuple[Step, float | None, str],
        values: Mapping[str, Value],
        ignored: list[str],
    ) -> None:
        step, time, file = line
        for key, value in values.items():
            if isinstance(value, dict):
                inner = {f"{key}.{name}": one for name, one in value.items()}
                self._put(curves, line, inner, ignored)
                continue
            number = number_of(value)
            if number is None:
                ignored.append(f"'{key}': {kind_of(value)} is not a number")
                continue
            curve = curves.get(key)
            if curve is None:
                if len(curves) >= _MOST_KEYS:
                    ignored.append(f"more than {_MOST_KEYS:,} different keys")
                    continue
                curve = curves[key] = GrowingCurve()
            self._count += curve.put(step, number, time, file)
            if time is not None and (self.began is None or time < self.began):
                self.began = time

    def series(self) -> dict[int, dict[str, Series]]:
        """Return the curves by rank, those of the lowest first."""
        return {
            rank: {key: one.series(key, self.began) for key, one in self._of_ranks[rank].items()}
            for rank in sorted(self._of_ranks)
        }

    def last_step(self, rank: int) -> Step:
        """Return the last one that a rank has logged."""
        return self._last[rank]

    def _halve(self) -> None:
        """Hold about half as many values, of those curves that have many."""
        for curves in self._of_ranks.values():
            for one in curves.values():
                one.halve()
        self._count = sum(len(one) for some in self._of_ranks.values() for one in some.values())
        self._room = max(MOST_POINTS, self._count * 5 // 4)
        self.ignored[f"of more than {MOST_POINTS:,} values, some between the peaks"] = None
