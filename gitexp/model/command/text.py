"""A command written on one line, as it could be typed into a shell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gitexp.model.lazy_pattern import lazy_pattern

_CONTROL = r"[\x00-\x1f\x7f\udc80-\udcff]"
"""What cannot be on a line of text: control characters, and bytes that are not UTF-8."""

_PLAIN = lazy_pattern(r"[\w@%+=:,./-]+", re.ASCII)
"""What no shell reads as anything but itself."""


def is_shell_line(command: Sequence[str]) -> bool:
    """Return whether the command is one quoted word for the shell, such as 'a.py && b.py'."""
    return len(command) == 1 and bool(re.search(r"\s", command[0].strip()))


def command_text(command: Sequence[str]) -> str:
    r"""Return the command on one line, as it could be typed into a shell.

    >>> command_text(["python", "train.py", "--name", "a b"])
    "python train.py --name 'a b'"
    >>> command_text(["printf", "a\nb"])
    "printf $'a\\nb'"
    """
    if is_shell_line(command) and not re.search(_CONTROL, command[0]):
        return command[0]
    return " ".join(_word(word) for word in command)


def _word(word: str) -> str:
    if _PLAIN.fullmatch(word):
        return word
    if not word:
        return "''"
    if not re.search(_CONTROL, word):
        from shlex import quote  # noqa: PLC0415 - 1 ms, for the word that needs it

        return quote(word)
    escaped = word.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    escaped = re.sub(_CONTROL, lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", escaped)
    return f"$'{escaped}'"
