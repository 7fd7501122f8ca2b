"""What a run of W&B's came to: the last value of each name, without reading all that came before.

A training of hours has millions of values. From the end on, an item whose name is known already is
passed over by its first bytes, which are the name.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence

from msgspec import Struct

from gitexp.metrics.protobuf import fields
from gitexp.model.values import DEEPEST, Value, check_depth

_KEY, _NESTED, _JSON = 1, 2, 16
"""The numbers of an item's fields, in a configuration, a summary and the history alike."""
_SET, _REMOVED = 1, 2
"""Those of items in a message; in the history, the second is the step."""
_SET_TAG, _REMOVED_TAG, _STEP_TAG = 0x0A, 0x12, 0x08
_JSON_START, _STEP_START = b"\x82", b"\x08"
"""How these fields begin."""
_NAMES = (0x0A, 0x12)
_LONG = 0x80
"""From there on, a size has more than one byte."""


class Setting(Struct, frozen=True):
    """What an item says."""

    start: bytes
    """Its first bytes: the names, as they are written."""
    names: list[str]
    is_set: bool
    """Else it is removed."""
    value: Value = None


def update(values: dict[str, Value], message: bytes) -> None:
    """Set what the items of a message say, and take away what they remove."""
    for one in _settings(message, frozenset()):
        _apply(values, one)


def last_values(messages: Sequence[bytes]) -> dict[str, Value]:
    """Return what messages come to, one after the other, each up to what is damaged in it.

    A value that is set again later is not looked at.
    """
    known: set[bytes] = set()
    found: list[list[Setting]] = []
    for message in reversed(messages):
        if not _says_nothing_new(message, known):
            new: list[Setting] = []
            with contextlib.suppress(ValueError, RecursionError):
                for one in _settings(message, known):
                    new.append(one)  # noqa: PERF402 - what came before an error counts
            known.update(one.start for one in new if one.start and one.is_set)
            found.append(new)
    values: dict[str, Value] = {}
    for new in reversed(found):
        for one in new:
            _apply(values, one)
    return values


def summary_of(messages: Sequence[bytes], told: Sequence[bytes]) -> dict[str, Value]:
    """Return the summary of a run from all that sets values of it, and what W&B itself said.

    Where W&B was told to keep the best value instead of the last one, as by
    `define_metric("loss", summary="min")`, both are there: `loss` and `loss.min`.
    """
    values = last_values(messages)
    for name, kept in last_values(told).items():
        if isinstance(kept, dict) and name in values and not isinstance(values[name], dict):
            values |= {f"{name}.{kind}": one for kind, one in kept.items()}
    return values


def _settings(message: bytes, known: set[bytes] | frozenset[bytes]) -> Iterator[Setting]:
    """Yield what the items of a message say, but for those that begin as is known."""
    for number, item in fields(message):
        if number not in (_SET, _REMOVED) or not isinstance(item, bytes):
            continue
        start = item[: _end_of_names(item, 0, len(item))]
        if start in known:
            continue
        names, text = _item(item)
        if names and text is not None:
            value = json.loads(text.decode())
            if isinstance(value, dict | list) or len(names) > 1:
                check_depth(value, DEEPEST - len(names))
            yield Setting(start, names, is_set=True, value=value)
        elif names and number == _REMOVED:
            yield Setting(start, names, is_set=False)


def _says_nothing_new(message: bytes, known: set[bytes]) -> bool:
    """Return whether each item of a message begins as is known; False if that is hard to see."""
    at, end = 0, len(message)
    while at + 4 < end:  # an item has two sizes and a name
        tag, size = message[at], message[at + 1]
        at += 2
        if size >= _LONG:
            if message[at] >= _LONG:
                return False
            size, at = (size & 0x7F) | message[at] << 7, at + 1
        first = at + 2 + message[at + 1]  # of most items all of the name
        if message[at:first] not in known or message[first : first + 1] != _JSON_START:
            name = _end_of_names(message, at, min(at + size, end))
            is_step = tag == _REMOVED_TAG and message[at] == _STEP_TAG
            if not is_step and message[at:name] not in known:
                return False
        if tag not in (_SET_TAG, _REMOVED_TAG):
            return False
        at += size
    return at >= end or (message[at] == _REMOVED_TAG and message[at + 2 : at + 3] == _STEP_START)


def _end_of_names(message: bytes, start: int, end: int) -> int:
    """Return where the names end with which an item begins; its start if that is hard to see."""
    at = start
    while at + 1 < end and message[at] in _NAMES and message[at + 1] < _LONG:
        at += 2 + message[at + 1]
    return at if at == end or message[at : at + 1] == _JSON_START else start


def _item(message: bytes) -> tuple[list[str], bytes | None]:
    """Return the names and the JSON of an item, in one pass."""
    names, text = list[str](), None
    for number, value in fields(message):
        if isinstance(value, bytes):
            if number == _JSON:
                text = value
            elif number in (_KEY, _NESTED):
                names.append(value.decode(errors="replace"))
    return names, text


def _apply(values: dict[str, Value], one: Setting) -> None:
    for name in one.names[:-1]:
        inner = values.get(name)
        if not isinstance(inner, dict):
            if not one.is_set:
                return
            inner = values[name] = {}
        values = inner
    if one.is_set:
        values[one.names[-1]] = one.value
    else:
        values.pop(one.names[-1], None)
