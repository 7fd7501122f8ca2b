"""A command as it was typed: how it is written on one line, and the params on it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence

from gitexp.model.values import Value

_CONTROL = r"[\x00-\x1f\x7f\udc80-\udcff]"
"""What cannot be on a line of text: control characters, and bytes that are not UTF-8."""
_ASSIGNMENT = r"(?s)([A-Za-z_][\w.-]*)=(.*)"
_OPTION = r"(?s)-(?:-([A-Za-z][\w.-]*)|([A-Za-z]))(?:=(.*))?"
_NUMBER = (
    r"(?a)[+-]?(?:(\d{1,300})|nan|inf|infinity|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
)
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None, "none": None}


_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "fish"})


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
    if not re.search(_CONTROL, word):
        return shlex.quote(word)
    escaped = word.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    escaped = re.sub(_CONTROL, lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", escaped)
    return f"$'{escaped}'"


def command_params(command: Sequence[str]) -> dict[str, Value]:
    """Return the `--key value`, `--key=value`, `-k value` and `key=value` of a command line.

    A `--key` without a value after it is a switch, hence true; one that comes again, or that
    is followed by several numbers, makes a list. A `key=value` is never the value of the word
    before it. What comes before the script is the interpreter's.

    >>> command_params(["python", "-u", "train.py", "--lr", "1e-3", "--fast", "depth=4", "-n", "2"])
    {'lr': 0.001, 'fast': True, 'depth': 4, 'n': 2}
    """
    found: dict[str, Value] = {}
    for key, values, _ in _parts(_words(command)):
        if key is not None:
            for value in values:
                _add(found, key, value)
    return found


def command_without(command: Sequence[str], left_out: Callable[[str], bool]) -> list[str]:
    """Return the words of a command line without the params that are left out.

    >>> command_without(["python", "a.py", "--seed", "3", "lr=1"], lambda key: key == "seed")
    ['python', 'a.py', 'lr=1']
    """
    kept: list[str] = []
    for key, _, words in _parts(_words(command)):
        if key is None or not left_out(key):
            kept += words
    return kept


def _parts(words: Sequence[str]) -> Iterator[tuple[str | None, Sequence[Value], Sequence[str]]]:
    """Yield the params of a command line with the words that set them; other words have no key."""
    position = _first_argument(words)
    yield None, (), words[:position]
    while position < len(words):
        start, word = position, words[position]
        position += 1
        option, assignment = re.fullmatch(_OPTION, word), re.fullmatch(_ASSIGNMENT, word)
        key, values = None, list[Value]()
        if option and option[3] is None:
            key, values = option[1] or option[2], _values_after(words, position)
            position += len(values)
        elif option:
            key, values = option[1] or option[2], [_typed(option[3])]
        elif assignment:
            key, values = assignment[1], [_typed(assignment[2])]
        yield key, values or [True], words[start:position]


def _first_argument(words: Sequence[str]) -> int:
    """Return where the arguments of the script begin, behind a Python's own or a shell's."""
    program = words[0].rpartition("/")[2] if words else ""
    if program in _SHELLS:
        return len(words)
    position = 1
    if not program.startswith("python"):
        return position
    while position < len(words) and words[position].startswith("-"):
        option = words[position]
        if option in ("-c", "-m"):
            return position + 2
        position += 2 if option in ("-X", "-W") else 1
    return position + 1


def _values_after(words: Sequence[str], position: int) -> list[Value]:
    """Return the value of an option, or all of them if they are numbers."""
    found: list[Value] = []
    while position < len(words) and _is_value(words[position]):
        value = _typed(words[position])
        if found and not _are_numbers([*found, value]):
            break
        found.append(value)
        position += 1
    return found


def _are_numbers(values: Sequence[Value]) -> bool:
    return all(isinstance(one, int | float) and not isinstance(one, bool) for one in values)


def _words(command: Sequence[str]) -> list[str]:
    if not is_shell_line(command):
        return list(command)
    try:
        return shlex.split(command[0])
    except ValueError:  # an open quote: the shell will say so
        return []


def _is_value(word: str) -> bool:
    if re.fullmatch(_ASSIGNMENT, word):
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
    match = re.fullmatch(_NUMBER, text)
    if match is None:
        return text
    return int(text) if match[1] else float(text)
