"""The only door to Dask: a scheduler, its workers, and tasks through its own futures.

joblib's back end for Dask would not return where a task is lost for good.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from gitexp.errors import GitexpError
from gitexp.model.names import new_id
from gitexp.sweep.remote.engine import EngineLost, Task, TaskLost, Worker, answering, first_line
from gitexp.sweep.told import threads_expected

Answer = TypeVar("Answer")

_CONNECT = 10
"""Seconds in which a scheduler has to answer."""
_POLL = 0.05
_LOOK_EVERY = 0.5
_ARRIVE = 3600
"""Seconds in which what a run has written has to arrive."""
_FOLDER = "gitexp"
_LOGGERS = ("distributed", "tornado")


class DaskEngine:
    """A Dask cluster."""

    name = "dask"

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client  # noqa: PLC0415 - 700 ms, where it is asked for
        except ImportError as error:
            raise GitexpError(
                "Dask is not installed", hint="Install it with `pip install 'distributed>=2025.1'`."
            ) from error
        self._levels = _silenced()
        self.where = f"the Dask scheduler at {address}"
        try:
            self._client: Any = Client(
                address, timeout=_CONNECT, set_as_default=False, name="gitexp"
            )
        except Exception as error:
            raise GitexpError(
                f"no Dask scheduler answers at '{address}': {first_line(error)}",
                hint="`dask scheduler` prints its address when it starts.",
            ) from error

    def workers(self) -> dict[str, Worker]:
        """Return the workers that there are now."""
        with self._answering():
            found = self._client.nthreads()
            return {one: Worker(one, host_of(one), places) for one, places in found.items()}

    def put(self, content: bytes) -> object:
        """Hand content to all workers."""
        with self._answering():
            return self._client.scatter(content, broadcast=True, hash=False)

    def is_there(self, put: object) -> bool:
        """Return whether some worker still has what was put."""
        return bool(cast("Any", put).status == "finished")

    def start(
        self,
        function: Callable[..., Any],
        put: object,
        *args: object,
        among: Collection[str] | None = None,
    ) -> Task:
        """Have a function called by some worker, or by one of a few."""
        with self._answering():
            task = self._client.submit(
                _called,
                function,
                put,
                *args,
                key=f"gitexp-{new_id()}",
                workers=among,
                allow_other_workers=False,
                pure=False,
            )
            return cast("Task", task)

    def ended(self, tasks: Iterable[Task], seconds: float) -> list[Task]:
        """Return those of some tasks that have ended."""
        tasks, until = list(tasks), time.monotonic() + seconds
        while True:
            self._check()
            found = [one for one in tasks if cast("Any", one).done()]
            if found or time.monotonic() >= until:
                return found
            time.sleep(_POLL)

    def result(self, task: Task) -> Any:
        """Return what a task gave."""
        from distributed import CancelledError, KilledWorker  # noqa: PLC0415 - here by now

        future = cast("Any", task)
        try:
            return self._arrived(future)
        except KilledWorker as error:
            raise TaskLost(f"{error.last_worker.address} was the last of several to die") from error
        except (CancelledError, OSError, TimeoutError) as error:
            self._check()
            raise TaskLost(
                f"its worker or its files there are gone ({first_line(error)})"
            ) from error
        finally:
            with contextlib.suppress(Exception):
                future.release()  # else what has ended would be done again when its worker dies

    def _arrived(self, future: Any) -> Any:
        """Return what a task gave: as long as its worker is there, a large model may take long."""
        found: Future[Any] = Future()

        def fetch() -> None:
            try:
                found.set_result(future.result(timeout=_ARRIVE))
            except BaseException as error:  # noqa: BLE001 - raised below
                found.set_exception(error)

        with threads_expected():
            threading.Thread(target=fetch, daemon=True).start()
        while not wait([found], _LOOK_EVERY).done:
            self._check()
            if future.status not in ("finished", "error"):  # Dask does it once more
                raise TimeoutError("it has not arrived")
        return found.result()

    def drop(self, task: Task) -> None:
        """Forget a task."""
        with contextlib.suppress(Exception):
            self._client.cancel([task], force=True)
            cast("Any", task).release()

    def everywhere(
        self, function: Callable[..., Answer], *args: object
    ) -> Mapping[str, Answer | Exception]:
        """Have a function called on each worker."""
        with self._answering():
            found = self._client.run(_asked, function, *args, on_error="return")
            return cast("Mapping[str, Answer | Exception]", found)

    def close(self) -> None:
        """Let go of the cluster."""
        with contextlib.suppress(Exception):
            self._client.close(timeout=_CONNECT)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)

    def _check(self) -> None:
        """Raise EngineLost if the scheduler is gone."""
        if self._client.status != "running":
            raise self._lost("it has closed the connection")

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        with answering(lambda error: self._lost(first_line(error))):
            self._check()
            yield

    def _lost(self, why: str) -> EngineLost:
        return EngineLost(
            f"{self.where} is gone: {why}",
            hint="The same command goes on, once a scheduler and workers are there again.",
        )


def _silenced() -> dict[str, int]:
    """Have Dask log nothing, as what fails is told in words; return the levels that there were."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith(_LOGGERS)]
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return levels


def host_of(address: str) -> str:
    """Return the host in the address of a worker.

    >>> host_of("tcp://10.0.0.7:4433"), host_of("tls://[::1]:80"), host_of("inproc://10.0.0.7/1/2")
    ('10.0.0.7', '::1', '10.0.0.7')
    """
    return urlsplit(address).hostname or address


def _called(function: Callable[..., Any], put: bytes, *args: object) -> Any:
    """Call a function in a thread of a worker."""
    from distributed import get_worker  # noqa: PLC0415 - it is what calls us

    return function(_base(get_worker()), put, *args)


def _asked(function: Callable[..., Any], *args: object, dask_worker: Any = None) -> Any:
    """Call a function in the process of a worker, which waits for it."""
    return function(_base(dask_worker), *args)


def _base(worker: Any) -> Path:
    """Return the folder beside those of Dask's own, which are gone when their worker is."""
    return Path(worker.local_directory).parent / _FOLDER
