"""An engine whose workers are threads, each with a folder of its own: no library, no network."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, TypeVar, cast

from gitexp.sweep.remote.engine import EngineLost, Task, Worker

Answer = TypeVar("Answer")


class Threads:
    """Workers that see nothing of the repository but what they are sent."""

    name = "dask"
    where = "the workshop"

    def __init__(self, folder: Path, workers: int = 1) -> None:
        self.bases = {f"w{number}": folder / f"w{number}" for number in range(workers)}
        self.is_lost = False
        self.made: list[str] = []
        """Which worker each task went to."""
        self._turns = itertools.cycle([*self.bases])
        self._pool = ThreadPoolExecutor(workers + 1)

    def workers(self) -> dict[str, Worker]:
        self._check()
        return {one: Worker(one, one, 1) for one in self.bases}

    def put(self, content: bytes) -> object:
        self._check()
        return content

    def is_there(self, put: object) -> bool:
        return put is not None

    def start(
        self,
        function: Callable[..., Any],
        put: object,
        *args: object,
        among: Collection[str] | None = None,
    ) -> Task:
        self._check()
        chosen = next(one for one in self._turns if one in (self.bases if among is None else among))
        self.made.append(chosen)
        return cast("Task", self._pool.submit(function, self.bases[chosen], put, *args))

    def ended(self, tasks: Iterable[Task], seconds: float) -> list[Task]:
        self._check()
        futures = cast("list[Future[Any]]", list(tasks))
        if not futures:
            time.sleep(seconds)
        return cast("list[Task]", list(wait(futures, seconds, "FIRST_COMPLETED").done))

    def result(self, task: Task) -> Any:
        return cast("Future[Any]", task).result()

    def drop(self, task: Task) -> None:
        cast("Future[Any]", task).cancel()

    def everywhere(
        self, function: Callable[..., Answer], *args: object
    ) -> Mapping[str, Answer | Exception]:
        self._check()
        return {one: function(base, *args) for one, base in self.bases.items()}

    def close(self) -> None:
        self._pool.shutdown()

    def _check(self) -> None:
        if self.is_lost:
            raise EngineLost("the workshop is gone", hint="Build it again.")
