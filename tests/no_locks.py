"""A program that runs another one as on a file system without locks: `no_locks.py COMMAND...`.

The kernel itself answers ENOLCK, by a seccomp filter, to this process and all that it starts.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import struct
import sys

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_SYSTEMS = {"x86_64": (0xC000003E, 73, 72), "aarch64": (0xC00000B7, 32, 25)}
"""Architecture, and the numbers of flock and fcntl on it."""

_LOCKING = (fcntl.F_SETLK, fcntl.F_SETLKW, 37, 38)  # and F_OFD_SETLK, F_OFD_SETLKW

_AT_CALL, _AT_ARCHITECTURE, _AT_SECOND_ARGUMENT = 0, 4, 24


def refuse_locks() -> None:
    """Have every attempt to lock a file fail from now on."""
    architecture, flock, control = _SYSTEMS[platform.machine()]
    steps = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_JUMP_IF_EQUAL, 0, 8, architecture),
        (_LOAD, 0, 0, _AT_CALL),
        (_JUMP_IF_EQUAL, 7, 0, flock),
        (_JUMP_IF_EQUAL, 0, 5, control),
        (_LOAD, 0, 0, _AT_SECOND_ARGUMENT),
        *((_JUMP_IF_EQUAL, 4 - place, 0, asked) for place, asked in enumerate(_LOCKING)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | errno.ENOLCK),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        _PR_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(program), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "no seccomp here")


if __name__ == "__main__":
    refuse_locks()
    os.execvp(sys.argv[1], sys.argv[1:])
