"""Places where a system call can fail: counted in a run without faults, then taken one by one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
_INJECTED = "(INJECTED)"


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


def places_in(trace: Path, who: str) -> Iterator[Place]:
    """Yield the places of one process or thread, as strace saw them."""
    counted: Counter[str] = Counter()
    for line in trace.read_text(errors="replace").splitlines():
        found = _CALL.match(line)
        if found and found[1] in ERRORS and not _is_lost_on_git(who, found[1]):
            counted[found[1]] += 1
            yield Place(who, found[1], counted[found[1]])


def _is_lost_on_git(who: str, call: str) -> bool:
    """Return whether git itself takes no notice: of a listing that breaks off half-way."""
    return who.startswith("git-") and call == "getdents64"


def has_failed(trace: Path) -> bool:
    """Return whether a call of this trace was let fail."""
    return trace.exists() and _INJECTED in trace.read_text(errors="replace")
