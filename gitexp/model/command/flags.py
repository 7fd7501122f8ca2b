"""The arguments of a script, read as params."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from gitexp.model.command.words import Part, Word, is_number, value_of
from gitexp.model.values import Value

_LONG = r"(?s)--([A-Za-z_][\w.-]*)(?:=(.*))?"
_SHORT = r"(?s)-([A-Za-z][\w.-]*)(?:=(.*))?"
_NAME = r"[A-Za-z_][\w.-]*(?:/[A-Za-z_][\w.-]*)*(?:@[\w.-]+)?"
ASSIGNMENT = rf"(?s)\+{{0,2}}({_NAME})=(?!=)(.*)"
POSITION = "arg"
"""What the params of words without an option are called, with the number of the word."""
_DELETION = rf"(?s)~{_NAME}(?:=.*)?"


def flag_parts(words: Sequence[Word]) -> Iterator[Part]:
    """Yield what the arguments of a script set, and the words that set nothing.

    Words without an option are known by their place, up to where that is not certain any more.

    >>> from gitexp.model.command.words import as_typed
    >>> typed = as_typed("a.csv --lr 0.1 -n -2 --no-fast +x=1 3 -vv".split())
    >>> [(one.key, *one.values) for one in flag_parts(typed) if one.key]
    [('arg1', 'a.csv'), ('lr', 0.1), ('n', -2), ('fast', False), ('x', 1), ('arg2', 3)]
    """
    place = 0
    for part in _parts(words):
        if part.unclear:
            place = -1
        if part.positional and place >= 0:
            place += 1
            yield replace(part, key=f"{POSITION}{place}")
        else:
            yield replace(part, values=(), positional=False) if part.positional else part


def _parts(words: Sequence[Word]) -> Iterator[Part]:
    multirun = any(re.fullmatch(ASSIGNMENT, word.text) for word in words)
    position = 0
    while position < len(words):
        word = words[position]
        if word.text == "--":
            rest = words[position:]
            yield Part(rest, unclear=any(_may_set(one) for one in rest[1:]))
            return
        option = re.fullmatch(_LONG, word.text) or re.fullmatch(_SHORT, word.text)
        assignment = re.fullmatch(ASSIGNMENT, word.text)
        if option and multirun and _is_multirun(words, position):
            part = Part([word])
        elif option:
            part = _option(words, position, option[1], option[2])
        elif assignment:
            part = _assignment(word, assignment[1], assignment[2])
        else:
            is_file = word.text.startswith("@")  # argparse reads options in it, if told to
            unclear = not word.fixed or is_file or _may_set(word)
            values = () if unclear else (value_of(word.text),)
            part = Part([word], values=values, unclear=unclear, positional=not unclear)
        yield part
        position += len(part.words)


def _may_set(word: Word) -> bool:
    if not word.fixed:
        return True
    if re.fullmatch(ASSIGNMENT, word.text) or re.fullmatch(_DELETION, word.text):
        return True
    return word.text.startswith("-") and word.text != "-" and not is_number(word.text)


def _is_value(word: Word) -> bool:
    return not _may_set(word) if word.fixed else not word.text.startswith("-")


def _is_multirun(words: Sequence[Word], position: int) -> bool:
    """Return whether this is Hydra's `-m`: beside assignments, and without a value."""
    if words[position].text not in {"-m", "--multirun"}:
        return False
    return position + 1 == len(words) or not _is_value(words[position + 1])


def _assignment(word: Word, key: str, text: str) -> Part:
    path = "/" in key and "/" in text  # data/year=2020/a.csv
    return Part([word], key, [value_of(text)], unclear=not word.fixed or path)


def _option(words: Sequence[Word], position: int, key: str, text: str | None) -> Part:
    word = words[position]
    if not word.fixed:
        return Part([word], key, unclear=True)
    if not word.text.startswith("--") and len(key) > 1:
        return _short_option(words, position, key, text)
    if text is not None:
        return Part([word], key, [value_of(text)])
    behind = words[position + 1] if position + 1 < len(words) else None
    denied = key.startswith("no-") and len(key) > len("no-")
    if denied and (behind is None or (behind.fixed and isinstance(value_of(behind.text), str))):
        return Part([word], key[len("no-") :], [False], replaces=True)
    if behind is None or not _is_value(behind):
        return Part([word], key, [True], replaces=True)
    return _with_values(words, position, key)


def _short_option(words: Sequence[Word], position: int, key: str, text: str | None) -> Part:
    """Return what several letters behind one dash set: often options of one letter each."""
    word = words[position]
    if text is not None and key[0] != "D":  # not -Dlr=0.1
        return Part([word], key, [value_of(text)])
    behind = words[position + 1] if position + 1 < len(words) else None
    if text is not None or key[1].isdigit() or behind is None or not _is_value(behind):
        return Part([word], unclear=True)
    return _with_values(words, position, key)


def _with_values(words: Sequence[Word], position: int, key: str) -> Part:
    """Return an option with the word behind it, or with all numbers behind it."""
    end, values = position + 1, list[Value]()
    while end < len(words) and words[end].fixed and is_number(words[end].text):
        values.append(value_of(words[end].text))
        end += 1
    if values:
        return Part(words[position:end], key, values, unclear=_is_open(words[end:]))
    first, rest = words[end], words[end + 1 :]
    several = bool(rest) and _is_value(rest[0])
    unclear = several or not first.fixed
    return Part(words[position : end + 1], key, [value_of(first.text)], unclear=unclear)


def _is_open(rest: Sequence[Word]) -> bool:
    """Return whether what comes next may become another number."""
    return bool(rest) and not rest[0].fixed and _is_value(rest[0])
