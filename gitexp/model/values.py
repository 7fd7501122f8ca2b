"""Params and metrics as values: nested as in files, flat for people, strict JSON in records."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeGuard, cast

from gitexp.model.lean_digests import lean_digest

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = "Scalar | list[Value] | dict[str, Value]"
Values: TypeAlias = "Mapping[str, Value]"
"""A document: a mapping from names to values, nested."""

DEEPEST = 100
"""How many levels a document may nest."""


class Json(str):
    """A value that is already written as JSON."""

    __slots__ = ()


_LONGEST = 14_000
"""Bits of a whole number; from 4,300 digits on, Python refuses to print it."""
LONGEST_LIST = 100
"""How many values a list may hold and still be embedded in a record."""

_FLOAT = "$float"
_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def flatten(values: Values) -> dict[str, Value]:
    """Return the leaves under dotted names; a list is a leaf, and so is an empty mapping.

    If two ways lead to one name (`{"a.b": 1, "a": {"b": 2}}`), the later one counts.

    >>> flatten({"train": {"lr": 0.1, "layers": [64, 32]}, "model": {}})
    {'train.lr': 0.1, 'train.layers': [64, 32], 'model': {}}
    """
    flat: dict[str, Value] = {}
    _put_leaves(flat, values, "")
    return flat


def _put_leaves(flat: dict[str, Value], values: Values, prefix: str) -> None:
    """Do the work of `flatten`: twice as fast as a generator, on a hundred thousand documents."""
    for key, value in values.items():
        if isinstance(value, dict) and value:
            _put_leaves(flat, value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value


def check_depth(value: Value, most: int = DEEPEST) -> None:
    """Raise ValueError for a value that nests more levels than a document may.

    Likewise for a number with more digits than Python prints, which only hex can have.
    """
    level = [value]
    for _ in range(most):
        if any(type(one) is int and one.bit_length() > _LONGEST for one in level):
            raise ValueError("a number has too many digits")
        level = [
            item
            for one in level
            if isinstance(one, dict | list)
            for item in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise ValueError("nested too deep")


def same(left: object, right: object) -> bool:
    """Return whether two values are equal: NaN equals NaN, 1 equals 1.0, and 1 is not True.

    >>> same({"loss": [float("nan")]}, {"loss": [float("nan")]}), same(1, True)
    (True, False)
    """
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right or (_is_nan(left) and _is_nan(right))


def unshared(
    old: Values, new: Values, equal: Callable[[Value, Value], bool] = same
) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return the leaves of each document that the other one does not have, or has otherwise.

    >>> unshared({"a": {"b": 1, "c": 2}}, {"a": {"b": 1.0, "c": 3, "d": None}})
    ({'a.c': 2}, {'a.c': 3, 'a.d': None})
    """
    before, after = flatten(old), flatten(new)
    for name in before.keys() & after.keys():
        if equal(before[name], after[name]):
            del before[name], after[name]
    return before, after


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a value is a number; true and false are not.

    >>> is_number(0.5), is_number(True)
    (True, False)
    """
    return isinstance(value, int | float) and not isinstance(value, bool)


def are_numbers(pair: tuple[object, object]) -> TypeGuard[tuple[int | float, int | float]]:
    """Return whether both of two values are numbers."""
    return is_number(pair[0]) and is_number(pair[1])


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def embeddable(value: Value, limit: int = LONGEST_LIST) -> bool:
    """Return whether a value is not a list, or a list of few enough values, nested ones counted."""
    return not isinstance(value, list) or _count(value) <= limit


def without_long_lists(
    values: Values, limit: int = LONGEST_LIST
) -> tuple[dict[str, Value], list[str]]:
    """Return the document without its lists above the limit, and the dotted names of those.

    >>> without_long_lists({"loss": 0.1, "curve": {"x": [1, 2, 3], "y": [1]}}, limit=2)
    ({'loss': 0.1, 'curve': {'y': [1]}}, ['curve.x'])
    """
    kept: dict[str, Value] = {}
    dropped: list[str] = []
    for key, value in values.items():
        if isinstance(value, dict):
            kept[key], inner = without_long_lists(value, limit)
            dropped += [f"{key}.{name}" for name in inner]
        elif embeddable(value, limit):
            kept[key] = value
        else:
            dropped.append(key)
    return kept, dropped


def _count(value: Value) -> int:
    if isinstance(value, dict):
        return sum(map(_count, value.values())) or 1
    if isinstance(value, list):
        return sum(map(_count, value)) if value else 1
    return 1


def dumps(value: object, *, compact: bool = True) -> str:
    """Return strict JSON in the order of the keys; NaN and infinities as `{"$float": "nan"}`.

    >>> dumps({"loss": float("nan"), "lr": 0.1})
    '{"loss":{"$float":"nan"},"lr":0.1}'
    """
    try:
        text = _dump(value, compact)
    except ValueError:  # NaN or an infinity: rare, so they are looked for only now
        return _dump(_escaped(value), compact)
    return _dump(_escaped(value), compact) if _FLOAT in text else text


def loads(text: str | bytes) -> Value:
    """Read what `dumps` wrote; raise `ValueError` for what is not strict JSON."""
    if isinstance(text, bytes):
        text = text.decode()
    decoder = _RESTORING if _FLOAT in text else _PLAIN
    try:
        return cast("Value", decoder.decode(text))
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _dump(value: object, compact: bool) -> str:
    separators = (",", ":") if compact else (",", ": ")
    indent = None if compact else 2

    def dump(*, ascii_only: bool) -> str:
        return json.dumps(
            value,
            ensure_ascii=ascii_only,
            allow_nan=False,
            separators=separators,
            indent=indent,
        )

    text = dump(ascii_only=False)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: a file name that is not UTF-8
        return dump(ascii_only=True)
    return text


def _refuse(constant: str) -> None:
    raise ValueError(f"'{constant}' is not JSON")


def _is_escape(mapping: Mapping[str, object]) -> bool:
    if len(mapping) != 1:
        return False
    key = next(iter(mapping))
    return key.endswith(_FLOAT) and not key[: -len(_FLOAT)].strip("$")


def _escaped(value: object) -> object:
    """Return the value with floats that JSON lacks as mappings, such mappings marked by a `$`."""
    if isinstance(value, float) and not math.isfinite(value):
        return {_FLOAT: "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}
    if isinstance(value, list | tuple):
        return [_escaped(item) for item in value]
    if isinstance(value, dict):
        mark = "$" if _is_escape(value) else ""
        return {mark + key if mark else key: _escaped(item) for key, item in value.items()}
    return value


def _restored(mapping: dict[str, object]) -> object:
    if not _is_escape(mapping):
        return mapping
    [(key, value)] = mapping.items()
    if key == _FLOAT:
        return _FLOATS.get(value, mapping) if isinstance(value, str) else mapping
    return {key[1:]: value}


_PLAIN = json.JSONDecoder(parse_constant=_refuse)
_RESTORING = json.JSONDecoder(object_hook=_restored, parse_constant=_refuse)
"""Made once: `json.loads` with a hook would make one for each of a thousand records."""


def digest(text: str) -> str:
    """Return 128 bits that stand for a text, in hex."""
    return lean_digest("sha256", text.encode(errors="surrogatepass")).hexdigest()[:32]
