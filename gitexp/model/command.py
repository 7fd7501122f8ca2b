"""A command as it was typed: how it is written on one line, and the params on it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from gitexp.model.values import Value

_CONTROL = re.compile(r"[\x00-\x1f\x7f\udc80-\udcff]")
"""What cannot stand on a line of text: control characters, and bytes that are no UTF-8."""
_ASSIGNMENT = re.compile(r"([A-Za-z_][\w.-]*)=(.*)", re.DOTALL)
_OPTION = re.compile(r"--([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_NUMBER = re.compile(
    r"[+-]?(?:(\d{1,300})|nan|inf|infinity|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)",
    re.ASCII,
)
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None, "none": None}


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
    if is_shell_line(command) and not _CONTROL.search(command[0]):
        return command[0]
    return " ".join(_word(word) for word in command)


def _word(word: str) -> str:
    if not _CONTROL.search(word):
        return shlex.quote(word)
    escaped = word.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    escaped = _CONTROL.sub(lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", escaped)
    return f"$'{escaped}'"


def command_params(command: Sequence[str]) -> dict[str, Value]:
    """Return the `--key value`, `--key=value` and `key=value` of a command line.

    A `--key` that no value follows is a switch, hence true; one that comes again makes a list.
    A `key=value` is never taken for the value of the word before it.

    >>> command_params(["python", "train.py", "--lr", "1e-3", "--fast", "depth=4"])
    {'lr': 0.001, 'fast': True, 'depth': 4}
    """
    words = _words(command)
    found: dict[str, Value] = {}
    position = 1
    while position < len(words):
        word = words[position]
        position += 1
        option, assignment = _OPTION.fullmatch(word), _ASSIGNMENT.fullmatch(word)
        if option and option[2] is None:
            takes_next = position < len(words) and _is_value(words[position])
            _add(found, option[1], _typed(words[position]) if takes_next else True)
            position += takes_next
        elif match := option or assignment:
            _add(found, match[1], _typed(match[2]))
    return found


def _words(command: Sequence[str]) -> list[str]:
    if not is_shell_line(command):
        return list(command)
    try:
        return shlex.split(command[0])
    except ValueError:  # an open quote: the shell will say so
        return []


def _is_value(word: str) -> bool:
    if _ASSIGNMENT.fullmatch(word):
        return False
    return not word.startswith("-") or isinstance(_typed(word), int | float)


def _add(found: dict[str, Value], key: str, value: Value) -> None:
    if key not in found:
        found[key] = value
        return
    earlier = found[key]
    found[key] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]


def _typed(text: str) -> Value:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    return int(text) if match[1] else float(text)
