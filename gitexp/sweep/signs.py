"""Signs of life: whoever has runs under way shows that they have not been lost."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator

from gitexp.store.journal import Journal
from gitexp.sweep.told import threads_expected

_EVERY = 30.0
"""Seconds between two signs; where the lease is short, there are some in each."""
_SHORTEST = 0.2
_IN_LEASE = 4


@contextlib.contextmanager
def signs_of_life(
    journal: Journal, lease: float, under_way: Callable[[], Iterable[str]]
) -> Iterator[None]:
    """Touch the entries of runs now and then, in a thread; `under_way` gives their ids."""
    over = threading.Event()

    def show() -> None:
        while not over.wait(sign_every(lease)):
            for run_id in under_way():
                journal.touch(run_id)

    with threads_expected():
        threading.Thread(target=show, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def sign_every(lease: float) -> float:
    """Return the seconds between two signs of life.

    >>> sign_every(600), sign_every(8)
    (30.0, 2.0)
    """
    return min(_EVERY, max(_SHORTEST, lease / _IN_LEASE))
