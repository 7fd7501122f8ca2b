"""What users can fix, and the exit codes that programs read."""

from __future__ import annotations

import enum


class ExitCode(enum.IntEnum):
    """The exit codes of every command but `gitexp run`, which returns its command's own."""

    OK = 0
    NO = 1
    """The answer is no: a check failed, or `--exit-code` found a difference."""
    ERROR = 2
    """Something that the user can fix, usage included."""
    BUG = 70
    INTERRUPTED = 130


class RunExitCode(enum.IntEnum):
    """What `gitexp run` returns, as `env` and `timeout` do, if not the command's own status."""

    TIMED_OUT = 124
    REFUSED = 125
    """gitexp refused to start the command, or could not record it."""
    NOT_EXECUTABLE = 126
    NOT_FOUND = 127


class GitexpError(Exception):
    """Something that the user can fix.

    The message says what failed, in lower case and with no full stop; the hint is a
    whole sentence that says what to do next.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def reason_of(error: Exception) -> str:
    """Return in words why something failed that had to go on; a bug is called one."""
    if isinstance(error, GitexpError | OSError):
        return str(error)
    return f"a bug in gitexp, please report it: {type(error).__name__}: {error}"
