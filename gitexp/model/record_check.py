"""What a record must be before anything is made of it: it may come from anybody."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import get_args

from msgspec import Struct, ValidationError, convert, to_builtins

from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.record import RunRecord, Status, parse_time
from gitexp.model.values import DEEPEST, check_depth

_TEXTS = "id name status baseline started ended gitexp message project directory".split()
_MAYBE_TEXTS = "host user python platform environment sweep".split()
_LISTS = "command outputs changed_meanwhile overwritten left_out artifacts tags notes".split()
_PARTS = "exit inputs resources machine job".split()
_HASH = lazy_pattern(r"[0-9A-Za-z]*(?:\.dir)?")
"""What may be the name of a file in a cache."""
_FIRST, _LAST = 2, 9998
"""The years that are years in every zone."""
_MOST = 2**63 - 1
"""What SQLite can count to."""


def check(record: RunRecord) -> None:
    """Raise TypeError or ValueError for a field of the wrong kind."""
    _check_texts(record)
    _check_documents(record)
    for name in _PARTS:
        _check_part(name, getattr(record, name))
    for pointer in record.pointers:
        _check_part("pointers", pointer)
    for usage in record.system.values():
        _check_part("system", usage)
    numbers = (record.resources.cpu_seconds or 0, *_usages(record))
    if not all(map(math.isfinite, numbers)):
        raise ValueError("what it used is not a number")
    if record.status not in get_args(Status):
        raise ValueError(f"unknown status '{record.status}'")
    check_values(record)


def _usages(record: RunRecord) -> Iterator[float]:
    for usage in record.system.values():
        yield from (usage.mean, usage.peak)


def _check_texts(record: RunRecord) -> None:
    for names, kind in ((_TEXTS, str), (_MAYBE_TEXTS, str | None)):
        for name in names:
            if not isinstance(getattr(record, name), kind):
                raise TypeError(f"'{name}' is not a text")
    for name in _LISTS:
        value = getattr(record, name)
        if not isinstance(value, tuple) or not all(isinstance(item, str) for item in value):
            raise TypeError(f"'{name}' is not a list of texts")


def check_values(record: RunRecord) -> None:
    """Raise ValueError for what is wrong with a record whose fields are all of their kinds."""
    for text in (record.started, record.ended):
        moment = parse_time(text)
        if moment.tzinfo is None or not _FIRST <= moment.year <= _LAST:
            raise ValueError(f"'{text}' is not the time of a run")
    _check_command(record.command)
    point = record.point
    if point is not None and max(abs(point.number), abs(point.repeat)) > _MOST:
        raise ValueError("'point' has too large a number")
    for path in (record.project, record.directory, *record.outputs):
        _check_path(path)
    for pointer in record.pointers:
        _check_path(pointer.path)
        if not _HASH.fullmatch(pointer.md5):
            raise ValueError(f"'{pointer.md5}' is not a hash")


def _check_command(command: tuple[str, ...]) -> None:
    if any("\0" in word for word in command):
        raise ValueError("'command' holds a NUL, which no command can")


def _check_path(path: str) -> None:
    """Raise ValueError for what can be no path on any disk."""
    if not path.isascii():
        path.encode(errors="surrogateescape")
    if "\0" in path:
        raise ValueError(f"{path!a} is not a path")


def _check_part(name: str, part: Struct | None) -> None:
    if part is None:
        return
    try:
        convert(to_builtins(part), type(part))
    except ValidationError as error:
        raise ValueError(f"'{name}' is not one: {error}") from error


def _check_documents(record: RunRecord) -> None:
    for name in ("params", "metrics"):
        value = getattr(record, name)
        if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
            raise TypeError(f"'{name}' does not hold values by file")
        check_depth(value, DEEPEST + 1)  # and the file
    for name in ("series", "figures", "read"):
        if not isinstance(getattr(record, name), dict):
            raise TypeError(f"'{name}' is not a mapping")
    if not all(isinstance(one, dict) for one in dict(record.series).values()):
        raise TypeError("'series' does not hold summaries by key")
    if not all(isinstance(one, str) for one in dict(record.figures).values()):
        raise TypeError("'figures' does not hold files by name")
    if not all(isinstance(one, str) for one in dict(record.read).values()):
        raise TypeError("'read' does not hold ids by path")
