"""The file that one process logs to: a line a call, whole or not at all.

Nothing here raises into a training: what goes wrong is said once, on stderr.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import Any

import msgspec
from msgspec import Struct

from gitexp.model.ranks import rank_of
from gitexp.writing.numbers import NotANumber, plain

VARIABLE = "GITEXP_LOG_DIR"
"""Names the folder in which the run's lines are gathered; gitexp sets it for the command."""
_TAIL = 65_536
_MOST_SAID = 20
_U = ord("u")
_NULL = b":null\n"
"""What msgspec writes for NaN and the infinities; it stands for what it cannot write, too."""

_encode = msgspec.json.Encoder(enc_hook=plain).encode
_said: set[str] = set()
_now = time.time
_write = os.write


class _Step(Struct, gc=False):
    """The line of a step: a class is written in less time than a mapping."""

    step: float
    time: float
    log: Any


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
        self.step: float = -1
        """The last one that was logged."""
        self._file = -1
        self._is_cut = False
        mine = rank_of(os.environ)
        self.step = _last_step(folder, mine)
        self._file = _created(folder, mine)

    def log(self, values: Any, step: Any) -> None:
        """Write the values of a step; raises for what cannot be written."""
        if step is None:
            step = self.step + 1
        elif type(step) is not int:
            step = _step(step)
        self.step = step
        moment = _now()
        try:
            line = _encode(_Step(step, moment, values)) + b"\n"
        except Exception:  # noqa: BLE001 - an array, an odd key: looked at one by one
            line = _NULL
        # A number in bytes is found six times as fast as bytes are; most lines have no "u".
        if (_U in line and line.find(b":null") >= 0) or type(values) is not dict:
            line = _encode(_Step(step, moment, _each(values))) + b"\n"
        if self._is_cut or _write(self._file, line) != len(line):
            self._mend(line)

    def put(self, values: dict[str, Any]) -> None:
        """Write a line that is not of a step."""
        line = _encode(values) + b"\n"
        if self._is_cut or _write(self._file, line) != len(line):
            self._mend(line)

    def _mend(self, line: bytes) -> None:
        """End the line that is half written, because the disk was full, before the next one."""
        self._is_cut = not self._is_cut or _write(self._file, b"\n" + line) <= len(line)
        if self._is_cut:
            warn("a line is not whole: is the disk full?")

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):
            os.close(self._file)


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
        name = f"{time.time_ns() // 1_000_000:013d}-{mine}-{os.getpid()}.jsonl"
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
        if name.endswith(".jsonl") and name.split("-")[1:2] == [str(mine)]
    ]
    for name in names:
        with contextlib.suppress(OSError, msgspec.DecodeError, ValueError):
            steps = _steps_at_end(os.path.join(folder, name))  # noqa: PTH118 - as above
            if steps:
                return max(steps)
    return -1


def _steps_at_end(path: str) -> list[float]:
    with open(path, "rb") as file:  # noqa: PTH123 - as above
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        lines = file.read().split(b"\n")[:-1]
    found = []
    for line in lines:
        with contextlib.suppress(msgspec.DecodeError):
            step = msgspec.json.decode(line).get("step")
            found += [step] if isinstance(step, int | float) else []
    return found
