"""What the machine refuses: a full disk, no more processes. That is no bug, and can be mended."""

from __future__ import annotations

import errno

from gitexp.errors import GitexpError

_NO_THREAD = "can't start new thread"
"""How Python says so, whose error has no number."""

_AGAIN = "give the command again: what it had done so far is kept"
_HINTS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), f"Free some space, then {_AGAIN}."),
    **dict.fromkeys(
        (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM),
        f"Something takes all of what the machine has (`ulimit -a`); once it is over, {_AGAIN}.",
    ),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), f"See who owns it, then {_AGAIN}."),
    **dict.fromkeys(
        (errno.EIO, errno.ENOLCK, errno.EINTR, errno.ESTALE),
        f"The disk or its network fails (`dmesg`); once it works, {_AGAIN}.",
    ),
}


def refusal(error: Exception) -> GitexpError | None:
    """Return what the machine has refused; None if that is not why a call failed.

    >>> str(refusal(OSError(errno.ENOSPC, "No space left on device", "a/b")))
    "no space left on device: 'a/b'"
    >>> str(refusal(RuntimeError("can't start new thread")))
    'no more threads can be started'
    """
    if isinstance(error, RuntimeError) and str(error) == _NO_THREAD:
        return GitexpError("no more threads can be started", _HINTS[errno.EAGAIN])
    if not isinstance(error, OSError):
        return None
    hint = _HINTS.get(error.errno or 0)
    if hint is None:
        return None
    said = error.strerror or str(error)
    place = f": '{error.filename}'" if error.filename is not None else ""
    return GitexpError(f"{said[:1].lower()}{said[1:]}{place}", hint)
