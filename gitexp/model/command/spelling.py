"""Values as words: after `-S`, in Hydra's grammar, and in a command in place of `{key}`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from gitexp.model.command.text import is_shell_line
from gitexp.model.values import Scalar, Value, dumps

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*", re.ASCII)
_WORDS = frozenset({"true", "false", "null", "nan", "inf"})
_BEFORE_QUOTE = re.compile(r"(\\*)('|\Z)")
_SHELLS = frozenset({"sh", "bash", "dash", "ksh", "zsh"})
_READS_LINE = re.compile(r"-[a-z]*c")
_ODD_IN_KEY = re.compile(r"([^\w$+./*%?|@-])", re.ASCII)


def value_text(value: Value) -> str:
    r"""Return a value as Hydra's grammar of overrides reads it.

    >>> value_text([1e-05, "it's", None]), value_text({"a": True})
    ("[1e-05,'it\\'s',null]", '{a:true}')
    """
    if isinstance(value, dict):
        return f"{{{','.join(f'{_key(key)}:{value_text(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{','.join(map(value_text, value))}]"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if plain else f"'{_BEFORE_QUOTE.sub(_doubled, value)}'"
    return _scalar(value)


def _doubled(match: re.Match[str]) -> str:
    """Return backslashes that stand before a quote, and that quote, escaped."""
    return match[1] * 2 + ("\\'" if match[2] else "")


def _key(key: str) -> str:
    return _ODD_IN_KEY.sub(r"\\\1", key)


def _scalar(value: Scalar) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def placeholder(name: str) -> str:
    """Return how a command asks for a value."""
    return f"{{{name}}}"


def filled(command: tuple[str, ...], values: Mapping[str, Value]) -> tuple[str, ...]:
    """Return a command with values in place of the placeholders that name them.

    Other braces stay; in a line for a shell, values are quoted, so that they stay values.

    >>> filled(("train.py", "--lr={lr}", "{other}"), {"lr": 0.1})
    ('train.py', '--lr=0.1', '{other}')
    """
    marks = {placeholder(name): _word(value) for name, value in values.items()}
    if not marks:
        return command
    pattern = re.compile("|".join(map(re.escape, marks)))

    def put(word: str, *, in_shell: bool) -> str:
        def value(match: re.Match[str]) -> str:
            return shlex.quote(marks[match[0]]) if in_shell else marks[match[0]]

        return pattern.sub(value, word)

    return tuple(put(word, in_shell=_is_line(command, at)) for at, word in enumerate(command))


def _is_line(command: tuple[str, ...], at: int) -> bool:
    """Return whether a word of a command is a line for a shell."""
    if is_shell_line(command):
        return True
    program = command[0].rpartition("/")[2]
    return at > 1 and program in _SHELLS and bool(_READS_LINE.fullmatch(command[at - 1]))


def _word(value: Value) -> str:
    if isinstance(value, str):
        return value
    return dumps(value) if isinstance(value, list | dict) else _scalar(value)
