"""Runs one command of gitexp in this process and counts the calls; a program of its own.

`python walker.py ROOT ANSWER ARGUMENT...` runs `gitexp ARGUMENT...` as the checkout in ROOT has it
and writes what was called to ANSWER.
It knows nothing of the other benchmarks, since these could come from another checkout.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType

_OPTIMIZED = 0x1
"""A flag that the code of functions has, and that of modules and classes has not."""
_GENERATOR = 0x20
_MAKING = ("__init__", "__post_init__", "__call__")


class Calls:
    """The calls of the package's named functions; a generator counts when it starts."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._begun: set[FrameType] = set()
        self.functions: Counter[CodeType] = Counter()
        self.names: Counter[str] = Counter()
        self.crossings: Counter[tuple[str, str]] = Counter()
        self.deepest = 0

    def profile(self, frame: FrameType, event: str, _: object) -> None:
        """Take in one event."""
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(self._folder):
            return
        if code.co_name.startswith("<") or not code.co_flags & _OPTIMIZED:
            return
        if code.co_flags & _GENERATOR:
            if frame in self._begun:
                return
            self._begun.add(frame)
        self._count(frame, code)

    def _count(self, frame: FrameType, code: CodeType) -> None:
        self.functions[code] += 1
        self.names[_name(frame)] += 1
        callers = [file for file in _files(frame.f_back) if file.startswith(self._folder)]
        self.deepest = max(self.deepest, len(callers) + 1)
        if callers and callers[0] != code.co_filename:
            self.crossings[self._inner(callers[0]), self._inner(code.co_filename)] += 1

    def _inner(self, file: str) -> str:
        return file.removeprefix(self._folder).replace(os.sep, "/")

    def answer(self) -> dict[str, object]:
        """Return what was counted, for JSON."""
        return {
            "calls": sum(self.functions.values()),
            "functions": len(self.functions),
            "files": len({code.co_filename for code in self.functions}),
            "deepest": self.deepest,
            "crossings": [[*pair, count] for pair, count in sorted(self.crossings.items())],
            "names": dict(sorted(self.names.items())),
        }


def _files(frame: FrameType | None) -> list[str]:
    files = []
    while frame is not None:
        files.append(frame.f_code.co_filename)
        frame = frame.f_back
    return files


def _name(frame: FrameType) -> str:
    """Return what a function is called; one that makes or calls an object, as its class is."""
    name = frame.f_code.co_name
    if name in _MAKING and "self" in frame.f_locals:
        return f"{type(frame.f_locals['self']).__name__}.{name}"
    return name


def main(root: str, answer: str, *argv: str) -> int:
    """Run a command, write down its calls, and return its exit code."""
    sys.path[0] = root  # not this folder, whose modules would hide others of their names
    command = importlib.import_module("gitexp.cli.main").main
    folder = f"{Path(root, 'gitexp')}{os.sep}"
    assert (sys.modules["gitexp"].__file__ or "").startswith(folder)  # another one is installed
    calls = Calls(folder)
    sys.setprofile(calls.profile)
    try:
        code = int(command(argv))
    finally:
        sys.setprofile(None)
    Path(answer).write_text(json.dumps(calls.answer()))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
