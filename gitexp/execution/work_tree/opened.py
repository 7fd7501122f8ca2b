"""Which files were opened while a command ran, where the system tells: Linux, by inotify(7)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from gitexp.execution.work_tree.watched import Opened, nothing_opened

_OPENED, _IS_FOLDER = 0x20, 0x40000000
_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
_HEAD = struct.Struct("iIII")
_MOST_FOLDERS = 1000
"""How many folders are watched of one path."""


@contextlib.contextmanager
def watch_opened(places: Mapping[str, Path]) -> Iterator[Opened]:
    """Give a function that tells which of the places, by name, somebody has opened meanwhile.

    It tells of none where the system does not say.
    """
    number = _new_queue() if places else -1
    if number < 0:
        yield nothing_opened
        return
    try:
        names = {
            watch: name
            for name, place in places.items()
            for one in _watched(place)
            if (watch := _libc().inotify_add_watch(number, os.fsencode(one), _OPENED)) >= 0
        }
        found: dict[str, None] = {}

        def opened() -> tuple[str, ...]:
            found.update(dict.fromkeys(names[one] for one in _events(number) if one in names))
            return tuple(found)

        yield opened
    finally:
        os.close(number)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _new_queue() -> int:
    if sys.platform != "linux":
        return -1
    try:
        return int(_libc().inotify_init1(_FLAGS))
    except (AttributeError, OSError):
        return -1


def _watched(place: Path) -> Iterator[Path]:
    """Yield what has to be watched: a file, or the folders below one."""
    yield place
    if place.is_dir():
        for count, (folder, names, _) in enumerate(os.walk(place)):
            yield from (Path(folder, name) for name in names)
            if count > _MOST_FOLDERS:
                return


def _events(number: int) -> Iterator[int]:
    """Yield the number of the watch of each file that was opened."""
    with contextlib.suppress(BlockingIOError):
        while content := os.read(number, 1 << 16):
            at = 0
            while at < len(content):
                watch, mask, _, length = _HEAD.unpack_from(content, at)
                if not mask & _IS_FOLDER:
                    yield watch
                at += _HEAD.size + length
