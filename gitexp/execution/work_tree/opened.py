"""Which files were opened while a command ran, where the system tells: Linux, by inotify(7)."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import itertools
import os
import struct
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from gitexp.execution.work_tree.watched import Opened, nothing_opened

_OPENED, _IS_FOLDER, _ONCE = 0x20, 0x40000000, 0x80000000
_CLOSED_UNWRITTEN = 0x10
"""What had been opened to be read was closed."""
_CAME = 0x100 | 0x80
"""What was made in the folder, or moved into it."""
_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
_HEAD = struct.Struct("iIII")
_MOST_FOLDERS = 1000
"""How many folders are watched of one path."""
_MOST_FILES = 8000
"""How many files are watched: a queue holds twice as many events, and each makes two."""


@contextlib.contextmanager
def watch_opened(places: Mapping[str, Path]) -> Iterator[Opened]:
    """Give a function that tells which of the places, by name, somebody has opened meanwhile.

    It tells of none where the system does not say. A file that comes meanwhile, as by `dvc pull`,
    counts once it is read; this is seen from its folder. A folder that comes meanwhile counts at
    once: nobody sees what is read below it.
    """
    there, above = _new_queue() if places else -1, _new_queue() if places else -1
    # One queue each: what is read beside the file may be more than a queue holds.
    found: dict[str, None] = {}
    try:
        opened = {
            (watch, b""): name
            for name, place in places.items()
            for one in (_watched(place) if place.exists() else ())
            if (watch := _watch(there, one, _OPENED)) >= 0
        }
        read = {
            (watch, os.fsencode(place.name)): name
            for name, place in places.items()
            if not place.is_dir()
            and (watch := _watch(above, place.parent, _CLOSED_UNWRITTEN | _CAME)) >= 0
        }

        absent = [name for name, place in places.items() if not place.exists()]

        def asked() -> tuple[str, ...]:
            for watch, mask, _ in _events(there):
                if mask & _OPENED and not mask & _IS_FOLDER and (watch, b"") in opened:
                    found[opened[watch, b""]] = None
            for watch, mask, file in _events(above):
                counts = _CAME if mask & _IS_FOLDER else _CLOSED_UNWRITTEN
                if mask & counts and (watch, file) in read:
                    found[read[watch, file]] = None
            found.update((name, None) for name in absent if places[name].is_dir())
            return tuple(found)

        yield asked if there >= 0 else nothing_opened
    finally:
        for queue in (there, above):
            if queue >= 0:
                os.close(queue)


@contextlib.contextmanager
def watch_first_opened(places: Mapping[str, Iterable[str]]) -> Iterator[Opened]:
    """Give a function that tells which of the places, by name, have had a file of theirs opened.

    Of each file only the first time is told, so that no queue overflows however much is read.
    The first question is the last that the system is asked.
    """
    queue = _new_queue() if places else -1
    names: dict[int, set[str]] = defaultdict(set)
    found: dict[str, None] = {}
    try:
        files = ((name, file) for name, files in places.items() for file in files)
        for name, file in itertools.islice(files, _MOST_FILES):
            watch = _watch(queue, file, _OPENED | _ONCE)
            if watch >= 0:
                names[watch].add(name)  # one file may have several, through links

        def asked() -> tuple[str, ...]:
            nonlocal queue
            for watch, mask, _ in _events(queue):
                if mask & _OPENED:
                    found.update(dict.fromkeys(sorted(names[watch])))
            if queue >= 0:
                queue, ended = -1, queue
                # Linux takes 20 to 160 ms for it, whatever the number of files
                threading.Thread(target=os.close, args=(ended,)).start()
            return tuple(found)

        yield asked if queue >= 0 else nothing_opened
    finally:
        if queue >= 0:
            os.close(queue)


def _watch(queue: int, place: Path | str, mask: int) -> int:
    return int(_libc().inotify_add_watch(queue, os.fsencode(place), mask)) if queue >= 0 else -1


@functools.cache
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


def _events(queue: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield the watch, what happened and the name in a watched folder."""
    with contextlib.suppress(BlockingIOError, OSError):
        while queue >= 0 and (content := os.read(queue, 1 << 16)):
            at = 0
            while at < len(content):
                watch, mask, _, length = _HEAD.unpack_from(content, at)
                at += _HEAD.size + length
                yield watch, mask, content[at - length : at].rstrip(b"\0")
