"""The Python processes below a command, as the system shows them; they are only read."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from gitexp.execution.environment.interpreter import is_python

_PROC = Path("/proc")
_MOST = 500
"""Processes that are looked at in one go."""


class Image(Struct, frozen=True):
    """One program in one process: a process that calls `exec` becomes another one."""

    pid: int
    begun: str
    """When the process began: pids are used again."""
    program: str
    """The file that is executed, links resolved."""
    words: tuple[str, ...]
    """Its command line."""
    stack: str = ""
    """Where its stack begins: at another address in each program, while a title changes nothing."""


class Found(Struct, frozen=True):
    """An image, what started it, and how much it has computed so far."""

    image: Image
    parent: tuple[str, ...]
    """The command line of the process above it."""
    seconds: float


def pythons_below(root: int) -> Iterator[Found]:
    """Yield the Python processes among a process and its descendants, parents first."""
    if os.access(f"/proc/{root}/task/{root}/children", os.R_OK):
        return _in_proc(root)
    if (_PROC / "self" / "stat").exists() and not (_PROC / str(root)).exists():
        return iter(())
    return _by_psutil(root)


def environment_of(pid: int) -> dict[str, str]:
    """Return the variables that a process was started with; none if it does not say."""
    if (_PROC / "self" / "environ").exists():
        with contextlib.suppress(OSError):
            pairs = (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
            return dict(os.fsdecode(pair).split("=", 1) for pair in pairs if b"=" in pair)
        return {}
    import psutil  # noqa: PLC0415 - 15 ms, where there is no /proc

    try:
        found: Mapping[str, str] = psutil.Process(pid).environ()
    except (psutil.Error, OSError):
        return {}
    return dict(found)


def directory_of(pid: int) -> Path | None:
    """Return where a process is, None if that is not to be seen."""
    with contextlib.suppress(OSError):
        return Path(os.readlink(f"/proc/{pid}/cwd"))  # noqa: PTH115 - read as the kernel has it
    return None


def mapped_files(pid: int) -> Iterator[Path]:
    """Yield the files that a process has mapped: its libraries and extension modules."""
    with contextlib.suppress(OSError):
        for line in (_PROC / str(pid) / "maps").read_bytes().splitlines():
            *_, path = line.split(None, 5)
            if path.startswith(b"/"):
                yield Path(os.fsdecode(path))


def _in_proc(root: int) -> Iterator[Found]:
    waiting: list[tuple[int, tuple[str, ...]]] = [(root, ())]
    for _ in range(_MOST):
        if not waiting:
            return
        pid, parent = waiting.pop(0)
        words, program = _words(pid), _program(pid)
        if is_python(program.removesuffix(" (deleted)")) and words:
            times = _times(pid)
            if times is not None and _words(pid) == words:  # else it became another program
                begun, stack, seconds = times
                yield Found(Image(pid, begun, program, words, stack), parent, seconds)
        waiting += [(child, words) for child in _children(pid)]


def _program(pid: int) -> str:
    """Return the file that a process executes, links resolved; '' if that is not to be seen."""
    try:
        return os.readlink(f"/proc/{pid}/exe")  # noqa: PTH115 - may be gone from the disk
    except OSError:
        return ""  # a zombie, or somebody else's


def _words(pid: int) -> tuple[str, ...]:
    try:
        content = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return ()
    return tuple(os.fsdecode(content).rstrip("\0").split("\0")) if content else ()


def _times(pid: int) -> tuple[str, str, float] | None:
    """Return when a process began, where its stack is, and what it has computed.

    None if it has ended.
    """
    try:
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    if fields[0] in "ZX":
        return None
    return fields[19], fields[25], (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> Iterator[int]:
    """Yield the children of a process, whichever of its threads has started them."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - names alone
            with contextlib.suppress(OSError):
                listed = (_PROC / str(pid) / "task" / thread / "children").read_bytes()
                yield from map(int, listed.split())


def _by_psutil(root: int) -> Iterator[Found]:
    import psutil  # noqa: PLC0415 - 15 ms, where /proc does not tell

    try:
        top = psutil.Process(root)
        every = [top, *top.children(recursive=True)][:_MOST]
    except psutil.Error:
        return
    words: dict[int, tuple[str, ...]] = {}
    for one in every:
        with contextlib.suppress(psutil.Error, OSError):
            program, words[one.pid] = one.exe(), tuple(one.cmdline())
            times = one.cpu_times()
            if is_python(program.lower()) and words[one.pid]:
                image = Image(one.pid, str(one.create_time()), program, words[one.pid])
                yield Found(image, words.get(one.ppid(), ()), times.user + times.system)
