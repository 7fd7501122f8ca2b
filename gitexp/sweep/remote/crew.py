"""The workers of an engine that a sweep can use: who is there, who fits, who is ready."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.sweep.remote import worker as there
from gitexp.sweep.remote.engine import Engine, TaskLost, Worker
from gitexp.sweep.remote.versions import Versions, is_silent, problem_of
from gitexp.sweep.told import Told

Tell = Callable[[str], None]

_LOOK_EVERY = 0.2
_COUNT_EVERY = 2.0
"""Seconds between two looks at which workers there are."""
_ANSWER_WITHIN = 10.0
"""Seconds in which a worker has to answer, if not at once."""
_SAY_EVERY = 60.0
"""Seconds after which it is said that there is no worker, again and again."""


class Crew:
    """The workers; they come and go."""

    def __init__(self, engine: Engine, versions: Versions, tell: Tell, *, optuna: bool) -> None:
        self._engine, self._versions, self._tell = engine, versions, tell
        self._uses_optuna = optuna
        self._fit: dict[str, tuple[str, int]] = {}
        """Host and disk of those that can make runs."""
        self._unfit: dict[str, tuple[str, str | None]] = {}
        self._silent: dict[str, float] = {}
        """Since when those that are there have not answered."""
        self._is_new = False
        self._workers: Mapping[str, Worker] = {}
        self._there: Collection[str] = ()
        self._counted = self._seen = time.monotonic()

    def count(self, *, at_once: bool = False) -> Mapping[str, Worker]:
        """Return the workers that there are; say it now and then if there is none."""
        now = time.monotonic()
        if at_once or now - self._counted >= _COUNT_EVERY:
            found, self._counted = self._engine.workers(), now
            self._there = found.keys()
            self._meet(found)
            self._workers = {one: found[one] for one in found if one in self._fit}
        if self._workers:
            self._seen = now
        elif now - self._seen >= _SAY_EVERY:
            self._seen = now
            clock = datetime.now().astimezone().strftime("%H:%M")
            self._tell(f"note: {self._engine.where} has no worker at {clock}: the sweep waits")
        return self._workers

    def is_there(self, worker: str) -> bool:
        """Return whether a worker was there at the last count, whether it is given runs or not."""
        return worker in self._there

    def check_any_fits(self) -> None:
        """Raise GitexpError if there are workers, and none of them can make runs."""
        if self._unfit and not self._workers:
            worker, (problem, hint) = next(iter(self._unfit.items()))
            raise GitexpError(f"worker {worker} {problem}, and there is no other", hint)

    @property
    def places(self) -> int:
        """How many runs are made at once."""
        return sum(one.places for one in self.count().values())

    @property
    def chosen(self) -> list[str] | None:
        """Those that may be given a run; None for all that there are."""
        return [*self._workers] if self._unfit else None

    def places_by_host(self) -> dict[str, int]:
        """Return how many runs each host makes at once."""
        places: Counter[str] = Counter()
        for one in self._workers.values():
            places[self._fit[one.id][0]] += one.places
        return dict(places)

    def any_new(self) -> bool:
        """Return whether workers have come since this was last asked."""
        is_new, self._is_new = self._is_new, False
        return is_new

    def set_aside(self, host: str, disk: int, why: str, hint: str | None) -> None:
        """Give no further run to the workers of a host, and a disk of it, that is at fault itself.

        Whoever mends that starts its worker again, which is another one then. Raises GitexpError
        if there is no other.
        """
        names = [one for one in self._fit if self._fit[one] == (host, disk)]
        for name in names:
            del self._fit[name]
            self._unfit[name] = f"on {host} can make no run: {why}", hint
        self._workers = {one: self._workers[one] for one in self._workers if one in self._fit}
        if names:
            self.check_any_fits()
            who = f"{', '.join(names)} on {host}"
            self._tell(f"warning: {who} is given no further run in this call: {why}")

    def prepare(self, put: object, told: Told) -> None:
        """Have each worker get ready; raises GitexpError if one cannot make runs of the sweep.

        One whose host alone is at fault is passed over, as long as there are others.
        """
        start = self._engine.start
        tasks = {
            one: start(_prepared, put, self._uses_optuna, among=[one]) for one in self._workers
        }
        while tasks and not told.now:
            ended = self._engine.ended(tasks.values(), _LOOK_EVERY)
            now_there = self.count()
            for name, task in list(tasks.items()):
                if task in ended:
                    del tasks[name]
                    with contextlib.suppress(TaskLost):  # its worker is gone, others may be there
                        self._heed(name, self._engine.result(task))
                elif name not in now_there:
                    self._engine.drop(tasks.pop(name))

    def _heed(self, name: str, problem: there.Problem | None) -> None:
        if problem is None:
            return
        if not problem.is_host:
            raise GitexpError(problem.text, problem.hint)
        if name in self._fit:
            self.set_aside(*self._fit[name], problem.text, problem.hint)

    def _meet(self, found: Mapping[str, Worker]) -> None:
        """Ask workers that are new what they have; one that does not fit is passed over.

        One that does not answer is asked again: it may have to be started first.
        """
        if found.keys() <= self._fit.keys() | self._unfit.keys():
            return
        for name, one in self._engine.everywhere(there.versions).items():
            if name in self._fit or name in self._unfit or name not in found:
                continue
            problem = problem_of(self._versions, one, optuna=self._uses_optuna)
            if problem is None and isinstance(one, Versions):
                self._fit[name] = one.host, one.disk
                self._is_new = True
            elif problem is not None and not (is_silent(one) and self._may_answer(name)):
                self._unfit[name] = problem
                self._tell(f"warning: worker {name} is passed over: it {problem[0]}")

    def _may_answer(self, name: str) -> bool:
        """Return whether a worker that has not answered is to be asked once more."""
        since = self._silent.setdefault(name, time.monotonic())
        return time.monotonic() - since < _ANSWER_WITHIN


def _prepared(base: Path, kit: bytes, optuna: bool) -> there.Problem | None:
    return there.prepare(base, kit, optuna=optuna)
