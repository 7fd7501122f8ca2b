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
from gitexp.series.series import Series, Step, series_of_steps

FIGURES = "figures"
"""A folder in that one, with the pictures."""
_FILE = re.compile(r"\d+-(\d+)-\d+\.jsonl")
"""When a process began to log, its rank, its id."""
_FLOATS = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
_MOST_KEYS = 10_000
_MOST_BYTES = 2_000_000_000
_AT_ONCE = 50_000_000
_MOST_POINTS = 2_000_000
"""Values that are held at once: with the tables that are made of them, 1.5 GB."""
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


class Logged(Struct, frozen=True):
    """What was logged so far."""

    series: Mapping[str, Series] = {}
    """The curves by key, each as the lowest rank logged it, in the order of their first values."""
    params: Mapping[str, Value] = {}
    summary: Mapping[str, Value] = {}
    figures: Mapping[str, str] = {}
    """The files of pictures, in the folder of pictures, by what they are called."""
    artifacts: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    """What was logged and is not a number, or came on a line that is none: in words."""
    began: float | None = None
    """When the first value was logged, in seconds since 1970; None if none was."""
    last_step: Step | None = None
    """The last one that the lowest rank logged."""
    ranks: tuple[int, ...] = ()
    """The ranks that logged values."""
    of_ranks: Mapping[int, Mapping[str, Series]] = {}
    """The curves of each rank, if there are several."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was logged at all."""
        return not (self.series or self.params or self.summary or self.figures or self.artifacts)

    @property
    def metrics(self) -> dict[str, Value]:
        """The values that stand for the run: the last of each curve, or what the summary says."""
        return {**{key: one.last for key, one in self.series.items()}, **self.summary}


def read_logged(folder: Path) -> Logged:
    """Return what was logged into a folder; nothing if there is none."""
    return Reader(folder).read()


class Reader:
    """What is logged into a folder, read as it grows: each call of `read` goes on from the last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._offsets: dict[str, int] = {}
        self._points: dict[int, dict[str, dict[Step, tuple[float, float | None]]]] = {}
        self._last: dict[int, Step] = {}
        self._params: dict[str, Value] = {}
        self._summary: dict[str, Value] = {}
        self._figures: dict[str, str] = {}
        self._artifacts: dict[str, None] = {}
        self._ignored: dict[str, None] = {}
        self._count, self._room = 0, _MOST_POINTS
        """How many values are held, and how many may be."""
        self._decode = msgspec.json.Decoder(Line).decode

    def read(self) -> Logged:
        """Return all that was logged up to now."""
        for name, rank in _files(self._folder):
            for text in self._news(name):
                self._take(text, rank)
        return self._logged()

    def _news(self, name: str) -> Iterator[bytes]:
        """Yield the whole lines that were added to a file."""
        with contextlib.suppress(OSError), (self._folder / name).open("rb") as file:
            while self._offsets.get(name, 0) < _MOST_BYTES:
                at = self._offsets.get(name, 0)
                file.seek(at)
                part = file.read(_AT_ONCE)
                end = part.rfind(b"\n") + 1
                if not end:
                    return
                self._offsets[name] = at + end
                yield from part[: end - 1].split(b"\n")
            if file.seek(0, os.SEEK_END) > self._offsets[name]:
                self._ignored["what comes after 2 GB of a file"] = None

    def _take(self, text: bytes, rank: int) -> None:
        if not text:
            return
        try:
            line = self._decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            self._ignored["a line that is not whole"] = None
            return
        if line.log is not None and line.step is not None:
            self._take_step(line.log, line.step, line.time, rank)
        self._params |= _restored(line.param or {})
        self._summary |= _restored(line.summary or {})
        if line.figure is not None and line.file is not None:
            self._figures[line.figure] = line.file
        if line.artifact is not None:
            self._artifacts[line.artifact] = None

    def _take_step(
        self, values: Mapping[str, Value], step: Step, time: float | None, rank: int
    ) -> None:
        if number_of(step) is None:
            self._ignored["a step of more than 300 digits"] = None
            return
        try:
            self._take_values(values, step, time, rank)
        except RecursionError:
            self._ignored["a mapping that is nested too deep"] = None
        if self._count > self._room:
            self._halve()

    def _take_values(
        self, values: Mapping[str, Value], step: Step, time: float | None, rank: int
    ) -> None:
        columns = self._points.setdefault(rank, {})
        known = self._last.get(rank)
        if known is None or step > known:
            self._last[rank] = step
        for key, value in values.items():
            if isinstance(value, dict):
                inner = {f"{key}.{name}": one for name, one in value.items()}
                self._take_values(inner, step, time, rank)
                continue
            number = number_of(value)
            if number is None:
                self._ignored[f"'{key}': {_kind(value)} is not a number"] = None
                continue
            column = columns.get(key)
            if column is None:
                if len(columns) >= _MOST_KEYS:
                    self._ignored[f"more than {_MOST_KEYS:,} different keys"] = None
                    continue
                column = columns[key] = {}
            self._count += step not in column
            column[step] = number, time

    def _halve(self) -> None:
        """Hold about half as many values, of those curves that have many."""
        from gitexp.series.thinning import halved  # noqa: PLC0415 - 2 ms, of very long runs

        self._count = 0
        for columns in self._points.values():
            for key, column in columns.items():
                columns[key] = halved(column)
                self._count += len(columns[key])
        self._room = max(_MOST_POINTS, self._count * 5 // 4)
        self._ignored[f"of more than {_MOST_POINTS:,} values, some between the peaks"] = None

    def _logged(self) -> Logged:
        moments = [
            time
            for columns in self._points.values()
            for column in columns.values()
            for _, time in column.values()
            if time is not None
        ]
        began = min(moments, default=None)
        of_ranks = {rank: self._series(self._points[rank], began) for rank in sorted(self._points)}
        series: dict[str, Series] = {}
        for some in of_ranks.values():
            series |= {key: one for key, one in some.items() if key not in series}
        ranks = tuple(rank for rank, some in of_ranks.items() if some)
        return Logged(
            series=series,
            params=dict(self._params),
            summary=dict(self._summary),
            figures=dict(self._figures),
            artifacts=tuple(self._artifacts),
            ignored=tuple(self._ignored),
            began=began,
            last_step=self._last[ranks[0]] if ranks else None,
            ranks=ranks,
            of_ranks=of_ranks if len(ranks) > 1 else {},
        )

    def _series(
        self, columns: Mapping[str, dict[Step, tuple[float, float | None]]], began: float | None
    ) -> dict[str, Series]:
        found: dict[str, Series] = {}
        for key, points in columns.items():
            one = series_of_steps(key, points)
            if one is not None and one.times is not None and began is not None:
                times = [time - began for time in one.times]
                one = Series(one.key, one.steps, one.values, times)
            found |= {key: one} if one is not None else {}
        return found


def _files(folder: Path) -> list[tuple[str, int]]:
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


def _kind(value: Value) -> str:
    if value is None:
        return "null"
    kinds = {"str": "a text", "list": "a list", "dict": "a mapping", "int": "an endless integer"}
    return kinds.get(type(value).__name__, "it")


def _restored(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return values with the numbers that JSON lacks, which are marked as in a record."""
    found = loads(msgspec.json.encode(values)) if values else {}
    return found if isinstance(found, dict) else {}
