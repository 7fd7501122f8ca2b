"""The kinds of values that settings have, each read from YAML or refused."""

from __future__ import annotations

import math
import posixpath
from collections.abc import Callable, Mapping
from typing import Any

from gitexp.model.lazy_pattern import lazy_pattern

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
_SIZE = lazy_pattern(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)")
_PERCENT = lazy_pattern(r"(\d+(?:\.\d+)?)\s*%")

Kind = Callable[[object], Any]


class Wrong(Exception):
    """A value is of the wrong kind; the text continues after its name."""

    def __init__(self, should: str, *below: str) -> None:
        super().__init__(should)
        self.below = below
        """The keys from the setting down to the value."""


class Unknown(Exception):
    """A key below a setting is not known."""

    def __init__(self, below: tuple[str, ...], known: Mapping[str, object]) -> None:
        super().__init__()
        self.below, self.known = below, known


def text(value: object) -> str:
    """Read a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise Wrong("must be a text")
    return value


def texts(value: object) -> tuple[str, ...]:
    """Read a list of texts, or a single one."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Wrong("must be a list of texts")
    return tuple(value)


def inner_paths(value: object) -> tuple[str, ...]:
    """Read paths in the project, as git spells them: `./data/test/` is `data/test`."""
    found = tuple(map(posixpath.normpath, texts(value)))
    if any(one.startswith("/") or one.split("/")[0] in (".", "..") for one in found):
        raise Wrong("must be a list of paths in the project's folder")
    return found


def yes(value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise Wrong("must be true or false")
    return value


def on_or_off(value: object) -> bool:
    """Read `on` or `off`, which is also what true and false say."""
    if value in ("on", "off"):
        return value == "on"
    if not isinstance(value, bool):
        raise Wrong("must be on or off")
    return value


def size(value: object) -> int:
    """Read bytes: a number, or a text such as `5MB` or `1.5 GiB`."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or match[2].upper() not in _UNITS:
        raise Wrong("must be a size such as 5MB")
    found = float(match[1]) * _UNITS[match[2].upper()]
    if found == math.inf:
        raise Wrong("must be a size such as 5MB")
    return int(found)


def number(value: object) -> float:
    """Read a number that is one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise Wrong("must be a number")
    return value


def distance(value: object) -> float:
    """Read a number that is not negative."""
    found = number(value)
    if not 0 <= found < math.inf:
        raise Wrong("must be a number that is not negative")
    return found


def part(value: object) -> float:
    """Read a part: a number below 1, or a text such as `2%`, which may be above 100.

    Whoever writes a bare 2 means two percent.
    """
    found = percent(value)
    if found is not None:
        return found
    if isinstance(value, str):
        raise Wrong("must be a part such as 0.02 or 2%")
    found = distance(value)
    if found >= 1:
        raise Wrong(f"must be a part such as 0.02 or 2%; {value} would be {found * 100:g}%")
    return found


def percent(value: object) -> float | None:
    """Return the part that a text such as `2%` means, or None if it is not such a text."""
    match = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    return float(f"{match[1]}e-2") if match else None


def one_of(*known: str) -> Callable[[object], str]:
    """Return a reader of one of a few words."""

    def read(value: object) -> str:
        if value not in known:
            raise Wrong(f"must be {', '.join(known[:-1])} or {known[-1]}")
        return str(value)

    return read


def several_of(*known: str) -> Callable[[object], tuple[str, ...]]:
    """Return a reader of a list of a few words, each once, or of a single one."""

    def read(value: object) -> tuple[str, ...]:
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or any(one not in known for one in found):
            raise Wrong(
                f"must be a list of {', '.join(known[:-1])} and {known[-1]}, or one of them"
            )
        return tuple(dict.fromkeys(map(str, found)))

    return read


def fields(value: object, known: Mapping[str, Kind], *above: str) -> dict[str, Any]:
    """Read a mapping whose keys and kinds are known."""
    if not isinstance(value, dict):
        raise Wrong(f"must be a mapping with {', '.join(known)}", *above)
    found = {}
    for key, item in value.items():
        if key not in known:
            raise Unknown((*above, key), known)
        try:
            found[key] = known[key](item)
        except Wrong as wrong:
            raise Wrong(str(wrong), *above, key, *wrong.below) from wrong
    return found
