"""Which line of gitexp makes a system call: calls of the same line, on the same way, are one place.

Python says at each line where it is, by a system call that does nothing and that strace sees among
the others. That makes it slow, and is done once, to count.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

MARK = "getpgid"
_FIRST = 1_000_000_000
"""No process has such a number."""
_WRITTEN_DOWN = 0
_END = "_note"
"""The function of gitexp's that notes the end of the command, before which nothing counts."""

Stacks = dict[int, tuple[str, ...]]


def say_where(path: Path, *, at_once: bool = False) -> None:
    """Say where Python is, in every thread; write down what it means.

    It begins once the command of a run has ended, or `at_once`.
    """
    told = _Told(path, at_once=at_once)
    threading.settrace(told.trace)
    sys.settrace(told.trace)
    leave = os._exit

    def written(code: int) -> None:
        told.write()
        leave(code)

    setattr(os, "_exit", written)  # noqa: B010 - gitexp leaves by it, and by nothing else


def stacks_in(path: Path) -> Stacks:
    """Return the stacks by the numbers that were said."""
    stacks: Stacks = {}
    for number, line in enumerate(path.read_text().splitlines(), start=_FIRST + 1):
        before, _, frame = line.partition(" ")
        stacks[number] = (*stacks.get(_FIRST + int(before), ()), frame)
    return stacks


def is_over(number: int) -> bool:
    """Return whether Python has begun to write down what the numbers mean."""
    return number == _FIRST + _WRITTEN_DOWN


class _Told:
    def __init__(self, path: Path, *, at_once: bool) -> None:
        self._path = path
        self._known: dict[tuple[int, CodeType, int], int] = {}
        self._has_ended = at_once
        self._adding = threading.Lock()
        self._last = threading.local()
        self._mark = getattr(ctypes.PyDLL(None), MARK)

    def trace(self, frame: FrameType, event: str, _: Any) -> Any:
        if not self._has_ended and frame.f_code.co_name != _END:
            return None
        self._has_ended = True
        if event == "line":
            number = self._number(frame)
            if getattr(self._last, "number", 0) != number:
                self._last.number = number
                self._mark(_FIRST + number)
        return self.trace

    def _number(self, frame: FrameType) -> int:
        frames = []
        one: FrameType | None = frame
        while one is not None:
            frames.append((one.f_code, one.f_lineno))
            one = one.f_back
        number = 0
        for code, line in reversed(frames):
            key = number, code, line
            if key not in self._known:
                with self._adding:
                    self._known.setdefault(key, len(self._known) + 1)
            number = self._known[key]
        return number

    def write(self) -> None:
        sys.settrace(None)
        self._mark(_FIRST + _WRITTEN_DOWN)
        known = sorted(self._known.items(), key=lambda item: item[1])
        lines = [f"{before} {_short(code.co_filename)}:{line}" for (before, code, line), _ in known]
        self._path.write_text("\n".join(lines) + "\n")


def _short(name: str) -> str:
    return "/".join(Path(name).parts[-2:])
