"""The only door to Ray: a cluster, its nodes, and plain tasks that are never tried again.

joblib's back end for Ray gives results only when all are there, and none if one worker dies.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from gitexp.errors import GitexpError
from gitexp.sweep.remote.engine import EngineLost, Task, TaskLost, Worker, answering, first_line
from gitexp.sweep.remote.listening import check_listening

Answer = TypeVar("Answer")

_ANSWER = 60
"""Seconds in which a node has to answer."""
_ARRIVE = 3600
"""Seconds in which what a run has written has to arrive; Ray says by itself if its node is gone."""


class RayEngine:
    """A Ray cluster; a run takes one of the CPUs that its nodes offer."""

    name = "ray"

    def __init__(self, address: str) -> None:
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing is sent anywhere
        try:
            import ray  # noqa: PLC0415 - 900 ms, where it is asked for
        except ImportError as error:
            raise GitexpError(
                "Ray is not installed", hint="Install it with `pip install 'ray[client]>=2.40'`."
            ) from error
        self._ray: Any = ray
        self._turns = itertools.count()
        self.where = f"the Ray cluster at {address}" if address else "the Ray cluster"
        try:
            check_listening(address or os.environ.get("RAY_ADDRESS", ""))
            ray.init(address=address or "auto", log_to_driver=False, configure_logging=False)
        except Exception as error:
            raise GitexpError(
                f"{self.where} does not answer: {_first_sentence(error)}",
                hint="`ray start --head` starts one; from a host outside of it, its address is "
                "ray://HOST:10001.",
            ) from error

    def workers(self) -> dict[str, Worker]:
        """Return the nodes that there are now."""
        with self._answering():
            return {
                one["NodeID"]: Worker(
                    one["NodeID"],
                    one["NodeManagerHostname"],
                    int(one["Resources"].get("CPU", 0)),
                )
                for one in self._ray.nodes()
                if one["Alive"]
            }

    def put(self, content: bytes) -> object:
        """Hand content to all nodes that come to need it."""
        with self._answering():
            return cast("object", self._ray.put(content))

    def is_there(self, put: object) -> bool:
        """Return whether what was put is still to be had: this process itself owns it."""
        return put is not None

    def start(
        self,
        function: Callable[..., Any],
        put: object,
        *args: object,
        among: Collection[str] | None = None,
    ) -> Task:
        """Have a function called on some node, or on one of a few."""
        with self._answering():
            chosen = None
            if among is not None:
                chosen = sorted(among)[next(self._turns) % len(among)]
            return cast("Task", self._remote(_called, 1, chosen).remote(function, put, *args))

    def ended(self, tasks: Iterable[Task], seconds: float) -> list[Task]:
        """Return those of some tasks that have ended."""
        tasks = list(tasks)
        if not tasks:
            time.sleep(seconds)
            return []
        with self._answering():
            ready, _ = self._ray.wait(tasks, num_returns=1, timeout=seconds)
            return [one for one in tasks if one in ready]

    def result(self, task: Task) -> Any:
        """Return what a task gave."""
        from ray.exceptions import RayError, RayTaskError  # noqa: PLC0415 - here by now

        try:
            return self._ray.get(task, timeout=_ARRIVE)
        except RayTaskError as error:
            raise error.cause or error from error
        except RayError as error:
            self._check()
            raise TaskLost(f"its process or its node is gone: {_first_sentence(error)}") from error

    def drop(self, task: Task) -> None:
        """Forget a task."""
        with contextlib.suppress(Exception):
            self._ray.cancel(task, force=True)

    def everywhere(
        self, function: Callable[..., Answer], *args: object
    ) -> Mapping[str, Answer | Exception]:
        """Have a function called on each node."""
        with self._answering():
            asked = {
                node: self._remote(_asked, 0, node).remote(function, *args)
                for node in self.workers()
            }
        return {node: self._answer(task) for node, task in asked.items()}

    def close(self) -> None:
        """Let go of the cluster."""
        with contextlib.suppress(Exception):
            self._ray.shutdown()

    def _answer(self, task: Any) -> Any:
        try:
            return self._ray.get(task, timeout=_ANSWER)
        except Exception as error:  # noqa: BLE001 - of one node; others may answer
            return error

    def _remote(self, function: Callable[..., Any], cpus: int, node: str | None) -> Any:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy  # noqa: PLC0415 - here by now

        where = NodeAffinitySchedulingStrategy(node, soft=False) if node is not None else "DEFAULT"
        remote = self._ray.remote(num_cpus=cpus, max_retries=0)(function)
        return remote.options(scheduling_strategy=where)

    def _check(self) -> None:
        """Raise EngineLost if the cluster is gone."""
        if not self._ray.is_initialized():
            raise self._lost("the connection is closed")

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        with answering(lambda error: self._lost(_first_sentence(error))):
            self._check()
            yield

    def _lost(self, why: str) -> EngineLost:
        return EngineLost(
            f"{self.where} is gone: {why}",
            hint="The same command goes on, once a cluster is there again.",
        )


def _first_sentence(error: BaseException) -> str:
    return first_line(error).partition(". ")[0].rstrip(".")


def _called(function: Callable[..., Any], put: bytes, *args: object) -> Any:
    """Call a function in a process of a node."""
    return function(_base(), put, *args)


def _asked(function: Callable[..., Any], *args: object) -> Any:
    """Call a function that takes no time in a process of a node."""
    return function(_base(), *args)


def _base() -> Path:
    """Return the folder of this user on a node."""
    return Path(tempfile.gettempdir()) / f"gitexp-ray-{os.geteuid()}"
