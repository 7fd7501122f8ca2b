"""A thread that asks for one thing after the other while somebody reads the answers."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Generic, TypeVar

T = TypeVar("T")
Part = list[tuple[str, T]]

_AT_ONCE = 500
_AHEAD = 8
"""How many parts are asked for before the first of them is read."""


class Asking(Generic[T]):
    """What is asked for, in parts, each of which can be read once it is yielded.

    Nobody may be left to wait for the thread, nor it for anybody: whoever stops reading has to
    see to it that `write` fails.
    """

    def __init__(
        self,
        asked: Iterable[tuple[str, T]],
        write: Callable[[Iterable[str]], None],
        end: Callable[[], None],
    ) -> None:
        self._asked, self._write, self._end = iter(asked), write, end
        self._parts: queue.Queue[Part[T] | BaseException | None] = queue.Queue(_AHEAD)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> Iterator[Part[T]]:
        """Start to ask."""
        self._thread.start()
        return self._read()

    def _read(self) -> Iterator[Part[T]]:
        while (part := self._parts.get()) is not None:
            if isinstance(part, BaseException):
                raise part
            yield part

    def _ask(self) -> None:
        is_heard = True
        try:
            while not self._is_over.is_set() and (part := list(islice(self._asked, _AT_ONCE))):
                self._put(part)
                if is_heard:
                    try:
                        self._write(spec for spec, _ in part)
                    except (OSError, ValueError):  # nobody answers any more
                        is_heard = False
        except BaseException as error:  # noqa: BLE001 - raised where the answers are read
            self._put(error)
        else:
            self._put(None)
        finally:
            with contextlib.suppress(OSError, ValueError):
                self._end()

    def _put(self, part: Part[T] | BaseException | None) -> None:
        while not self._is_over.is_set():
            with contextlib.suppress(queue.Full):
                self._parts.put(part, timeout=0.1)
                return

    def __exit__(self, *error: object) -> None:
        """Wait for the thread, which has nothing more to do."""
        self._is_over.set()
        self._thread.join()
