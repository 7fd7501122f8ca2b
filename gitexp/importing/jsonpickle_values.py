"""Values that jsonpickle wrote, as Sacred does, without making any object of them.

Its own reader imports whatever module the text names. A value that stands in two places is written
once, and then by its number; the numbers count in an order that Sacred loses when it sorts the
names, so they lead to anything, and such a value is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from gitexp.importing.store_files import plain_value
from gitexp.model.values import DEEPEST, Value

_LISTS = ("py/tuple", "py/set")
_OBJECT, _REDUCE, _TYPE = "py/object", "py/reduce", "py/type"
_KEY = "json://"
"""How the key of a mapping begins that is no text."""
_PATHS = ("pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath")


def restored(value: object) -> tuple[Value, tuple[str, ...]]:
    """Return a value, and the dotted names of what in it is no plain value and was left out.

    >>> restored({"betas": {"py/tuple": [0.9, 0.99]}, "net": {"py/object": "a.Net"}, "json://5": 1})
    ({'betas': [0.9, 0.99], '5': 1}, ('net',))
    """
    lost: list[str] = []
    found = _restored(value, "", lost, DEEPEST)
    return plain_value(None if found is _NOTHING else found), tuple(lost)


_NOTHING = object()


def _restored(value: object, name: str, lost: list[str], depth: int) -> object:
    if depth < 0:
        return value  # which `plain_value` refuses
    if isinstance(value, list):
        items = [_restored(one, f"{name}[{at}]", lost, depth - 1) for at, one in enumerate(value)]
        return [None if one is _NOTHING else one for one in items]
    if not isinstance(value, dict):
        return value
    if any(key.startswith("py/") for key in value):
        found = _object(value, name, lost, depth)
        if found is _NOTHING:
            lost.append(name or "all of it")
        return found
    made = {key.removeprefix(_KEY): one for key, one in value.items()}
    items_ = {
        key: _restored(one, f"{name}.{key}" if name else key, lost, depth - 1)
        for key, one in made.items()
    }
    return {key: one for key, one in items_.items() if one is not _NOTHING}


def _object(value: Mapping[str, object], name: str, lost: list[str], depth: int) -> object:
    """Return what is as good as plain: a tuple, a set, a path, and what NumPy has."""
    for kind in _LISTS:
        if kind in value:
            return _restored(value[kind], name, lost, depth - 1)
    if str(value.get(_OBJECT)).startswith("numpy."):
        plain = value.get("value", value.get("values"))
        return _NOTHING if plain is None else plain
    match value.get(_REDUCE):
        case [{"py/type": kind}, {"py/tuple": [*parts]}, *_] if kind in _PATHS:
            return str(PurePosixPath(*map(str, parts)))
    return _NOTHING
