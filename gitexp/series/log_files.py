"""The files that scripts log to, one a process: records of MessagePack, or lines of JSON.

A record is whole or it does not count. `gitexp/writing/` writes those of MessagePack; lines of JSON
are for programs in other languages.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from gitexp.model.marks import LINES_ENDING, LOGGED_END, LOGGED_ENDING
from gitexp.series.lines import Line
from gitexp.series.series import Step

_FILE = re.compile(rf"\d+-(\d+)-\d+(?:{re.escape(LOGGED_ENDING)}|{re.escape(LINES_ENDING)})")
"""When a process began to log, its rank, its id."""
_MOST_BYTES = 2_000_000_000
_AT_ONCE = 50_000_000
"""As much as one record may have."""
_LONGEST_CUT = 100_000
"""Bytes of what is no whole record that wait for its second half."""
_OF_STEP = 0x94
"""How a record of a step begins: an array of four."""
_NIL = b"\xc0"


class Format(Struct, frozen=True):
    """How records end, and what one says: it raises DecodeError if it is not whole."""

    end: bytes
    line: Callable[[bytes], Line]
    may_hold_end: bool = False
    """Whether a value may look like the end of a record."""

    def split(self, data: bytes) -> list[bytes]:
        """Return the records in a part of a file; the last may be half or empty."""
        return data.split(self.end)


def format_of(name: str) -> Format:
    """Return how a file is written, by its name."""
    return _LINES if name.endswith(LINES_ENDING) else _PACKED


class Records:
    """Makes lines of records as they come, also of one that an end in a value has cut in two."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self._begun: bytes | None = None
        """What is no whole record, and may be the beginning of one."""
        self._was_cut = False

    @property
    def is_any_cut(self) -> bool:
        """Whether something was no whole record, or is none as far as it was read."""
        return self._was_cut or self._begun is not None

    def line(self, record: bytes) -> Line | None:
        """Return the line that a record makes whole; None if it makes none."""
        if self._begun is None:
            found = self._whole(record) if record else None
            if found is None and record:
                self._keep(record)
            return found
        joined = self._begun + self._form.end + record
        found = self._whole(joined)
        if found is None:
            found = self._whole(record) if record else None
            if found is None:
                self._keep(joined)
                return None
            self._was_cut = True
        self._begun = None
        return found

    def _whole(self, record: bytes) -> Line | None:
        try:
            return self._form.line(record)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None

    def _keep(self, record: bytes) -> None:
        if self._form.may_hold_end and len(record) < _LONGEST_CUT:
            self._begun = record
        else:
            self._begun, self._was_cut = None, True


class LogFile:
    """The file of one process: each call of `news` goes on from the last."""

    def __init__(self, path: Path) -> None:
        self.format = format_of(path.name)
        self._path = path
        self._read = 0
        self._is_inside = False
        """Whether what was read ends inside of a record that is too long."""
        self.has_passed_over = False
        """Whether a record was too long."""

    def news(self) -> Iterator[bytes]:
        """Yield the whole records that were added; nothing if the file is gone."""
        end = self.format.end
        with contextlib.suppress(OSError), self._path.open("rb") as file:
            while self._read < _MOST_BYTES:
                file.seek(self._read)
                part = file.read(_AT_ONCE)
                at = part.rfind(end)
                if at < 0 and len(part) < _AT_ONCE:
                    return
                if at < 0:
                    self._read += len(part) - len(end) + 1  # it may be in part there
                    self._is_inside = self.has_passed_over = True
                    continue
                self._read += at + len(end)
                records = part[:at].split(end)
                yield from records[self._is_inside :]
                self._is_inside = False

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


def _unpacked(record: bytes) -> Line:
    whole = record + _NIL  # in the place of the end
    if whole[0] != _OF_STEP:
        return _json(_other(whole)[0])
    try:
        step, time, values, _ = _step(whole)
    except msgspec.ValidationError:
        step, time, odd, _ = _odd_step(whole)
        values = {str(key): value for key, value in odd.items()}
    return Line(step=step, time=time, log=values)


_json = msgspec.json.Decoder(Line).decode
_step = msgspec.msgpack.Decoder(tuple[Step, float, dict[str, Any], None]).decode
_odd_step = msgspec.msgpack.Decoder(tuple[Step, float, dict[Any, Any], None]).decode
"""A step with keys that are no texts."""
_other = msgspec.msgpack.Decoder(tuple[str, None]).decode
_LINES, _PACKED = Format(b"\n", _json), Format(LOGGED_END, _unpacked, may_hold_end=True)
