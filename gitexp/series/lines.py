"""What a script logs while it runs: lines of JSON in a folder of the run, a file a process.

A line is whole or it does not count. `gitexp/writing/` writes them, and nothing else does.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from gitexp.model.values import Value, loads
from gitexp.series.series import Step

FIGURES = "figures"
"""A folder in that one, with the pictures."""
_FILE = re.compile(r"\d+-(\d+)-\d+\.jsonl")
"""When a process began to log, its rank, its id."""
_FLOATS = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
_MOST_BYTES = 2_000_000_000
_AT_ONCE = 50_000_000
_BEYOND = 10**300
"""No float holds an integer that is much larger."""


class Line(Struct, omit_defaults=True):
    """One line: the values of a step, or one of the other things that may be logged."""

    step: Step | None = None
    time: float | None = None
    """Seconds since 1970."""
    log: dict[str, Any] | None = None
    summary: dict[str, Any] | None = None
    param: dict[str, Any] | None = None
    figure: str | None = None
    """What a picture is called."""
    file: str | None = None
    """Its file, in the folder of pictures."""
    artifact: str | None = None
    """The path of a file or folder that belongs to the run."""


class LogFile:
    """The file of one process: each call of `news` goes on from the last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def news(self) -> Iterator[bytes]:
        """Yield the whole lines that were added; nothing if the file is gone."""
        with contextlib.suppress(OSError), self._path.open("rb") as file:
            while self._read < _MOST_BYTES:
                file.seek(self._read)
                part = file.read(_AT_ONCE)
                end = part.rfind(b"\n") + 1
                if not end:
                    return
                self._read += end
                yield from part[: end - 1].split(b"\n")

    @property
    def is_too_long(self) -> bool:
        """Whether there is more in it than is read."""
        with contextlib.suppress(OSError):
            return self._read >= _MOST_BYTES and self._path.stat().st_size > self._read
        return False


def log_files(folder: Path) -> list[tuple[str, int]]:
    """Return the files of processes in the order in which they began, with their ranks."""
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names alone are needed
    except OSError:
        return []
    found = ((name, _FILE.fullmatch(name)) for name in names)
    return [(name, int(match[1])) for name, match in found if match is not None]


def number_of(value: Value) -> float | None:
    """Return what was logged as a number; None if it is none, or larger than a float can be.

    >>> number_of(True), number_of("nan"), number_of("1"), number_of(10**400)
    (1, nan, None, None)
    """
    if isinstance(value, int):
        return int(value) if -_BEYOND < value < _BEYOND else None
    if isinstance(value, float):
        return value
    return _FLOATS.get(value) if isinstance(value, str) else None


def kind_of(value: Value) -> str:
    """Return what is no number, in words.

    >>> kind_of([1]), kind_of(10**400)
    ('a list', 'an endless integer')
    """
    if value is None:
        return "null"
    kinds = {"str": "a text", "list": "a list", "dict": "a mapping", "int": "an endless integer"}
    return kinds.get(type(value).__name__, "it")


def restored(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return values with the numbers that JSON lacks, which are marked as in a record."""
    found = loads(msgspec.json.encode(values)) if values else {}
    return found if isinstance(found, dict) else {}
