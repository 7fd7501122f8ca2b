"""Places where a system call can fail: counted in a run without faults, then taken one by one."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.torture.stacks import MARK, Stacks, is_over

ERRORS: dict[str, tuple[str, ...]] = {
    "access": ("EIO",),
    "chdir": ("EACCES",),
    "chmod": ("EPERM", "EROFS"),
    "clone": ("EAGAIN", "ENOMEM"),
    "clone3": ("EAGAIN", "ENOMEM"),
    "copy_file_range": ("EIO", "ENOSPC"),
    "dup2": ("EMFILE",),
    "faccessat2": ("EIO",),
    "fallocate": ("ENOSPC",),
    "fchmod": ("EPERM", "EROFS"),
    "fchmodat": ("EPERM", "EROFS"),
    "fcntl": ("ENOLCK",),
    "fdatasync": ("EIO",),
    "flock": ("ENOLCK", "EINTR"),
    "fstat": ("EIO",),
    "fsync": ("EIO", "EDQUOT"),
    "ftruncate": ("EIO", "ENOSPC"),
    "getcwd": ("EACCES",),
    "getdents64": ("EIO", "EACCES"),
    "ioctl": ("EIO", "ENOTTY"),
    "link": ("ENOSPC", "EROFS", "EMLINK"),
    "linkat": ("ENOSPC", "EROFS", "EMLINK"),
    "lseek": ("EIO",),
    "lstat": ("EIO", "EACCES"),
    "mkdir": ("ENOSPC", "EROFS", "EACCES"),
    "mkdirat": ("ENOSPC", "EROFS", "EACCES"),
    "mmap": ("ENOMEM",),
    "newfstatat": ("EIO", "EACCES"),
    "openat": ("EIO", "ENOSPC", "EMFILE", "EACCES", "EROFS"),
    "pipe2": ("EMFILE",),
    "pread64": ("EIO",),
    "pwrite64": ("ENOSPC", "EIO", "EDQUOT"),
    "read": ("EIO",),
    "readlink": ("EIO",),
    "rename": ("ENOSPC", "EROFS", "EIO"),
    "renameat2": ("ENOSPC", "EROFS", "EIO"),
    "rmdir": ("EROFS",),
    "sendfile": ("EIO", "ENOSPC"),
    "stat": ("EIO", "EACCES"),
    "statx": ("EIO", "EACCES"),
    "symlink": ("ENOSPC", "EROFS"),
    "unlink": ("EROFS", "EIO", "EACCES"),
    "unlinkat": ("EROFS", "EIO", "EACCES"),
    "utimensat": ("EROFS", "EACCES"),
    "vfork": ("EAGAIN", "ENOMEM"),
    "write": ("ENOSPC", "EIO", "EDQUOT"),
    "writev": ("ENOSPC", "EIO"),
}
"""What is let fail, and how it fails in the field; the rest either cannot, or ends the process.

Not `close`, which strace can only leave undone: the system closes the file even if it reports an
error, and whoever reads the other end of a pipe would wait for ever.
"""

WATCHED = ",".join(f"?{call}" for call in ERRORS)
"""For strace, which knows some of them on some machines alone."""

_CALL = re.compile(r"^(\w+)\(")
_MARKED = re.compile(rf"^{MARK}\((\d+)\)")
_STARTED = re.compile(r"^execve\([^[]*\[(.*)\], ")
_NATIVE = re.compile(r"^ > (\S+?)\([^)]*\) \[(0x[0-9a-f]+)\]")
_CHANGING = re.compile(r"\b[0-9a-f]{7,64}\b|[0-9]+|[^\s\"=:]*/(?=[^/\s\"]*)")
"""What differs from run to run in the words of a git: names of objects, numbers, folders."""

_INJECTED = "(INJECTED)"

_STARTS = 4
"""How often each git is let fail on the way to its command."""

Way = tuple[str, ...]
"""How the program got to a call: the lines of Python, or the addresses in git and its libraries."""


@dataclass(frozen=True, order=True)
class Place:
    """A call, by the process or thread that makes it and by how many of its kind came before."""

    who: str
    """`main`, `thread-N`, `reader` (git's `cat-file --batch`) or `git-N`, by order of start."""
    call: str
    nth: int

    def __str__(self) -> str:
        return f"{self.who}:{self.call}:{self.nth}"

    @classmethod
    def parsed(cls, text: str) -> Place:
        """Return the place of this name."""
        who, call, nth = text.split(":")
        return cls(who, call, int(nth))

    def error(self, turn: int) -> str:
        """Return how it fails this time: each error of the call has its turn."""
        errors = ERRORS[self.call]
        return errors[(self.nth + turn) % len(errors)]


def places_in(trace: Path, who: str, stacks: Stacks) -> Iterator[tuple[Place, Way]]:
    """Yield the calls of one process or thread, as strace saw them, and the way to each.

    Its first part is the program; then come what Python said last, or the native frames that
    stand below a call.
    """
    counted: Counter[str] = Counter()
    program = who
    said: Way = ()
    lines = [line for line in trace.read_text(errors="replace").splitlines() if line]
    for number, line in enumerate(lines):
        if marked := _MARKED.match(line):
            if is_over(int(marked[1])):
                return
            said = stacks.get(int(marked[1]), ())
        elif started := _STARTED.match(line):
            program = _CHANGING.sub("", started[1])
        elif (found := _CALL.match(line)) and found[1] in ERRORS:
            counted[found[1]] += 1
            if _is_lost_on_git(who, line):
                continue
            way = said if is_python(who) else _native(lines[number + 1 :])
            yield Place(who, found[1], counted[found[1]]), (program, *way)


def _native(lines: Iterable[str]) -> Way:
    frames = map(_NATIVE.match, lines)
    known = itertools.takewhile(bool, frames)
    return tuple(f"{Path(frame[1]).name}+{frame[2]}" for frame in known if frame)


def told_apart(found: Iterable[tuple[Place, Way]]) -> dict[Place, Way]:
    """Return the ways, with programs that were started in the very same words numbered."""
    ways: dict[Place, Way] = {}
    known: dict[str, list[str]] = defaultdict(list)
    for place, (program, *way) in found:
        same = known[program]
        if place.who not in same:
            same.append(place.who)
        ways[place] = (f"{program} {same.index(place.who)}", *way)
    return ways


def places_of(ways: Mapping[Place, Way]) -> dict[Way, list[Place]]:
    """Return the calls by place: calls of one kind whose way is the same.

    What every git does on its way to its command, from the loader on, is the same in all of them.
    That is one place, too; but each git is let fail there a few times, since what it was asked for
    is then missing.
    """
    gits = {place.who for place in ways if place.who.startswith("git-")}
    passed: dict[Way, set[str]] = defaultdict(set)
    for place, way in ways.items():
        without_program = (place.call, *way[1:])
        passed[without_program].add(place.who)
    groups: dict[Way, list[Place]] = defaultdict(list)
    starting: dict[str, list[Place]] = defaultdict(list)
    for place, way in sorted(ways.items()):
        without_program = (place.call, *way[1:])
        if gits and passed[without_program] >= gits:
            groups[without_program].append(place)
            starting[place.who].append(place)
        else:
            with_program = (place.call, *way)
            groups[with_program].append(place)
    for calls in starting.values():
        for part in range(_STARTS):
            groups[("start", ways[calls[0]][0], str(part))] = calls[part::_STARTS]
    return {way: calls for way, calls in groups.items() if calls}


def is_python(who: str) -> bool:
    """Return whether this is a thread of gitexp, not a git."""
    return who == "main" or who.startswith("thread-")


def _is_lost_on_git(who: str, line: str) -> bool:
    """Return whether git itself takes no notice, and so nobody else can.

    That goes for a listing of a folder that breaks off half-way, and for a write into a pipe, which
    no system lets fail while somebody reads there.
    """
    return not is_python(who) and line.startswith(("getdents64(", "write(1, ", "write(2, "))


def has_failed(trace: Path) -> bool:
    """Return whether a call of this trace was let fail."""
    return trace.exists() and _INJECTED in trace.read_text(errors="replace")
