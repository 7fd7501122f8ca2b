"""The file that one process logs to: a record a call, whole or not at all.

Nothing here raises into a training: what goes wrong is said once, on stderr.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from gitexp.model.marks import LINES_ENDING, LOGGED_END, LOGGED_ENDING
from gitexp.model.ranks import rank_of
from gitexp.writing.numbers import NotANumber, plain

VARIABLE = "GITEXP_LOG_DIR"
"""Names the folder in which the run's lines are gathered; gitexp sets it for the command."""
_TAIL, _LONGEST_TAIL = 65_536, 67_108_864
_MOST_SAID = 20
END = msgspec.Raw(LOGGED_END)
_NIL = b"\xc0"

encode = msgspec.msgpack.Encoder(enc_hook=plain, decimal_format="number").encode
now = time.time
_json = msgspec.json.Encoder(enc_hook=plain).encode
_said: set[str] = set()


def warn(text: str) -> None:
    """Say once what went wrong; not by `warnings`, which may raise."""
    if text in _said or len(_said) >= _MOST_SAID:
        return
    _said.add(text)
    with contextlib.suppress(Exception):
        sys.stderr.write(f"gitexp: warning: {text}\n")
        sys.stderr.flush()


class Writer:
    """One process's own file in a folder of a run."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        mine = rank_of(os.environ)
        self.step: float = _last_step(folder, mine)
        """The last one that was logged."""
        self._file = _created(folder, mine)
        self.write: Callable[[bytes], int | None] = io.FileIO(self._file, "wb", closefd=False).write
        """Write a record and return how much of it is written: a method of C's is the fastest."""

    def log(self, values: Any, step: Any) -> None:
        """Write the values of a step; raises for what cannot be written."""
        if step is None:
            step = self.step + 1
        elif type(step) is not int:
            step = _step(step)
        self.step = step
        moment = now()
        record = None
        if type(values) is dict:
            with contextlib.suppress(Exception):  # an array, an odd key: looked at one by one
                record = encode((step, moment, values, END))
        if record is None:
            self.put({"step": step, "time": moment, "log": _each(values)})
        else:
            self._put(record)

    def put(self, values: dict[str, Any]) -> None:
        """Write what MessagePack may not have, such as an integer of 100 bits, as JSON."""
        self._put(encode((_json(values).decode(), END)))

    def _put(self, record: bytes) -> None:
        if self.write(record) != len(record):
            self.cut()

    def cut(self) -> None:
        """Remember that a record is half written, because the disk was full."""
        self.write = self._end_and_write
        warn("a line is not whole: is the disk full?")

    def _end_and_write(self, record: bytes) -> int:
        """End what is half written before the next record."""
        if os.write(self._file, LOGGED_END + record) == len(LOGGED_END + record):
            self.write = io.FileIO(self._file, "wb", closefd=False).write
            return len(record)
        return 0


def _step(step: Any) -> float:
    found = plain(step) if not isinstance(step, int) else int(step)
    if isinstance(found, float) and found.is_integer():
        return int(found)
    if not isinstance(found, int | float):
        raise NotANumber(f"a step is a number, not {step!r}")
    return found


def _each(values: Any) -> dict[str, Any]:
    """Return the values that are numbers, one by one; say which are not."""
    if not hasattr(values, "keys"):
        raise NotANumber('what is logged is a mapping: `gitexp.log({"loss": 0.1})`')
    found: dict[str, Any] = {}
    for key in values.keys():  # noqa: SIM118 - a mapping of any kind
        value = values[key]
        try:
            found[str(key)] = _each(value) if hasattr(value, "keys") else _one(value)
        except Exception as error:  # noqa: BLE001 - whatever a library raises
            warn(f"'{key}' is left out: {error}")
    return found


def _one(value: Any) -> Any:
    if value is None or isinstance(value, list | tuple | str):
        raise NotANumber(f"{value!r:.40} is not a number")
    return plain(value)


def _created(folder: str, mine: int) -> int:
    """Open a file that no other process has; the folder is made by gitexp alone.

    A process that outlives its run must not make it again.
    """
    while True:
        name = f"{time.time_ns() // 1_000_000:013d}-{mine}-{os.getpid()}{LOGGED_ENDING}"
        with contextlib.suppress(FileExistsError):
            return os.open(
                os.path.join(folder, name),  # noqa: PTH118 - pathlib takes 5 ms to import
                os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC,
                0o666,
            )


def _last_step(folder: str, mine: int) -> float:
    """Return the last step that an earlier process of this run and rank has logged; -1 if none."""
    names = [
        name
        for name in sorted(os.listdir(folder), reverse=True)  # noqa: PTH208 - as above
        if name.endswith((LOGGED_ENDING, LINES_ENDING)) and name.split("-")[1:2] == [str(mine)]
    ]
    for name in names:
        with contextlib.suppress(OSError, msgspec.DecodeError, ValueError):
            steps = _steps_at_end(os.path.join(folder, name))  # noqa: PTH118 - as above
            if steps:
                return max(steps)
    return -1


def _steps_at_end(path: str) -> list[float]:
    """Return the last steps in a file; a text in front of its end may be a long one."""
    is_text, tail = path.endswith(LINES_ENDING), _TAIL
    while True:
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - tail))
            records = file.read(tail).split(b"\n" if is_text else LOGGED_END)[:-1]
        found = [*_steps_in(records[size > tail :], is_text=is_text)]
        if found or tail >= min(size, _LONGEST_TAIL):
            return found
        tail *= 32


def _steps_in(records: list[bytes], *, is_text: bool) -> Iterator[float]:
    for record in records:
        with contextlib.suppress(Exception):  # it was cut
            step = record.decode() if is_text else msgspec.msgpack.decode(record + _NIL)[0]
            if isinstance(step, str):
                step = msgspec.json.decode(step)["step"]
            if isinstance(step, int | float):
                yield step
