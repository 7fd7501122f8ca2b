"""What a command is besides its params, which say the rest of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gitexp.model.command.text import command_text, is_shell_line
from gitexp.model.lazy_pattern import lazy_pattern

_NUMBERS = lazy_pattern(r"(?<==)\S+|(?<=\s)[-+]?\.?\d[\d.eE+-]*(?=\s|$)")
"""What mostly is the value of a param."""
_BEHIND_DASHES = " -- "
_MOST = 100
"""How many kinds of commands are looked into: each takes 0.1 ms."""


def command_rest(command: Sequence[str]) -> str:
    """Return a command on one line without what its params say.

    >>> command_rest(["python", "train.py", "data.csv", "--lr", "0.1", "--seed=1"])
    'python train.py'
    """
    from gitexp.model.command.params import command_params, command_without  # noqa: PLC0415 - 2 ms, where commands differ

    values = command_params(command).values
    words = command_without(command, values.__contains__)
    return " ".join(words) if is_shell_line(command) else command_text(words)


def rests_differ(commands: Iterable[Sequence[str]]) -> bool:
    """Return whether commands differ in more than their params; of very many, some are asked.

    >>> one, two = ["a.py", "--lr", "1"], ["a.py", "--lr", "2"]
    >>> rests_differ([one, two]), rests_differ([one, two, ["b.py"]])
    (False, True)
    """
    kinds: dict[str, Sequence[str]] = {}
    for command in commands:
        text = " ".join(command)
        kind = text if _BEHIND_DASHES in text else _NUMBERS.sub("#", text)
        if kind not in kinds:
            kinds[kind] = command
            if len(kinds) > _MOST:
                break
    if len(kinds) <= 1:
        return False
    return len(set(map(command_rest, kinds.values()))) > 1
