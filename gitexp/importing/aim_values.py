"""The keys and values in a store of Aim's, decoded from their bytes.

A key is a path: its parts are texts or numbers of 64 bits, each with `0xfe` behind it, and numbers
with one before. A value is a byte that says of what type it is, and what is of that type.
Aim's own decoder does not look where a number ends; a damaged store would have it read on.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias, cast

from gitexp.errors import GitexpError
from gitexp.model.values import DEEPEST, Value

Part: TypeAlias = "str | int"
Path: TypeAlias = "tuple[Part, ...]"

_END = 0xFE
_NUMBER = struct.Struct(">q")
_INT, _FLOAT = struct.Struct("<q"), struct.Struct("<d")
_MOST = 1_000_000


class Kind:
    """What stands for a value that has parts, which follow it, or for one that is not plain."""

    def __init__(self, name: str) -> None:
        self.name = name


LIST, MAPPING, OBJECT = Kind("list"), Kind("mapping"), Kind("object")


def key_of(*parts: Part) -> bytes:
    """Return the key of a path, which is also how the keys below it begin.

    >>> key_of("attrs", 1)
    b'attrs\\xfe\\xfe\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01\\xfe'
    """
    mark = bytes([_END])
    coded = (one.encode() if isinstance(one, str) else mark + _NUMBER.pack(one) for one in parts)
    return b"".join(one + mark for one in coded)


def path_of(key: bytes) -> Path:
    """Return the path of a key; raises ValueError for what is none.

    >>> path_of(key_of("attrs", 1, "lr"))
    ('attrs', 1, 'lr')
    """
    parts: list[Part] = []
    at = 0
    while at < len(key):
        if key[at] == _END:
            number = key[at + 1 : at + 1 + _NUMBER.size]
            if len(number) < _NUMBER.size:
                raise ValueError("a key is cut off")
            parts.append(_NUMBER.unpack(number)[0])
            at += 2 + _NUMBER.size
        else:
            end = key.find(_END, at)
            if end < 0:
                raise ValueError("a key is cut off")
            parts.append(key[at:end].decode())
            at = end + 1
    return tuple(parts)


def value_of(content: bytes) -> Value | Kind:
    """Return a value; raises ValueError for what is none.

    >>> value_of(b"\\x04adam"), value_of(b"\\x01\\x01"), value_of(b"\\x00")
    ('adam', True, None)
    """
    if not content:
        return OBJECT  # what is large stands elsewhere
    read = _READERS.get(content[0])
    if read is None:
        raise ValueError("a value is of no known type")
    try:
        return read(content[1:])
    except struct.error as error:
        raise ValueError("a value is cut off") from error


_READERS: Mapping[int, Callable[[bytes], Value | Kind]] = {
    0: lambda _: None,
    1: lambda rest: rest[:1] != b"\x00",
    2: lambda rest: int(_INT.unpack(rest)[0]),
    3: lambda rest: float(_FLOAT.unpack(rest)[0]),
    4: bytes.decode,
    5: lambda _: OBJECT,  # bytes
    6: lambda _: LIST,
    7: lambda _: MAPPING,
    15: lambda _: OBJECT,  # of Aim's own: an image, a text
}


class _Node(dict[Part, object]):
    """A value with parts, while they come."""

    kind = MAPPING


def tree_of(items: Iterable[tuple[Path, Value | Kind]]) -> tuple[dict[str, Value], list[str]]:
    """Return nested values from their paths, and the names of what is not plain.

    Raises GitexpError for more, or deeper ones, than a run can have.

    >>> tree_of([(("a", "b"), 1), (("l",), LIST), (("l", 0), 2), (("o",), OBJECT), (("o", "x"), 3)])
    ({'a': {'b': 1}, 'l': [2]}, ['o'])
    """
    root = _Node()
    for number, (path, value) in enumerate(items):
        if number >= _MOST or len(path) > DEEPEST:
            raise GitexpError("its values are nested too deep, or too many")
        place = root
        for part in path[:-1]:
            inner = place.get(part)
            if not isinstance(inner, _Node):
                inner = place[part] = _Node()
            place = inner
        if isinstance(value, Kind):
            node = place[path[-1]] = _Node()
            node.kind = value
        else:
            place[path[-1]] = value
    lost: list[str] = []
    return _mapping(root, "", lost), lost


def _mapping(node: _Node, name: str, lost: list[str]) -> dict[str, Value]:
    named = ((str(key), f"{name}.{key}" if name else str(key), one) for key, one in node.items())
    return {
        key: _plain(one, below, lost) for key, below, one in named if not _is_lost(one, below, lost)
    }


def _is_lost(value: object, name: str, lost: list[str]) -> bool:
    if isinstance(value, _Node) and value.kind is OBJECT:
        lost.append(name)
        return True
    return False


def _plain(value: object, name: str, lost: list[str]) -> Value:
    if not isinstance(value, _Node):
        return cast("Value", value)
    if value.kind is LIST:
        items = [value[key] for key in sorted(value, key=lambda one: (isinstance(one, str), one))]
        return [_plain(one, name, lost) for one in items if not _is_lost(one, name, lost)]
    return _mapping(value, name, lost)
