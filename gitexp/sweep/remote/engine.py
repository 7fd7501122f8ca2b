"""What the coordinator of a sweep asks of an engine, whichever library that is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from gitexp.errors import GitexpError

Answer = TypeVar("Answer")


class EngineLost(GitexpError):
    """The engine does not answer any more."""


class TaskLost(Exception):
    """What ran a task is gone: a process or a host."""


class Worker(Struct, frozen=True):
    """Something that makes runs: a process of Dask's, a node of Ray's."""

    id: str
    host: str
    places: int
    """How many runs it makes at once."""


@contextlib.contextmanager
def answering(lost: Callable[[Exception], EngineLost]) -> Iterator[None]:
    """Raise what `lost` makes of an error of the engine's library; errors of ours stay."""
    try:
        yield
    except GitexpError:
        raise
    except Exception as error:
        raise lost(error) from error


def first_line(error: BaseException) -> str:
    """Return what an error of the engine's library says first."""
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__


class Task(Protocol):
    """A function that runs on some worker."""


class Engine(Protocol):
    """A cluster. Each function that it is given gets first the folder for what gitexp keeps."""

    name: str
    where: str
    """For people."""

    def workers(self) -> dict[str, Worker]:
        """Return the workers that there are now; raises EngineLost."""
        ...

    def put(self, content: bytes) -> object:
        """Hand content to the workers once, for all tasks; raises EngineLost."""
        ...

    def is_there(self, put: object) -> bool:
        """Return whether what was put is still to be had."""
        ...

    def start(
        self,
        function: Callable[..., Any],
        put: object,
        *args: object,
        among: Collection[str] | None = None,
    ) -> Task:
        """Have a function called with what was put, on any worker or on one of a few."""
        ...

    def ended(self, tasks: Iterable[Task], seconds: float) -> list[Task]:
        """Return those of some tasks that have ended, after some seconds at most."""
        ...

    def result(self, task: Task) -> Any:
        """Return what a task gave; raises TaskLost, EngineLost, and what the function raised."""
        ...

    def drop(self, task: Task) -> None:
        """Forget a task; it is not started any more."""
        ...

    def everywhere(
        self, function: Callable[..., Answer], *args: object
    ) -> Mapping[str, Answer | Exception]:
        """Have a function that takes no time called on each worker; raises EngineLost."""
        ...

    def close(self) -> None:
        """Let go of the engine."""
        ...
