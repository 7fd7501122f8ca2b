"""What a script logs while it runs, a line a call; `log_files.py` reads them from their files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from gitexp.model.values import Value, loads
from gitexp.series.series import Step

FIGURES = "figures"
"""A folder in that one, with the pictures."""
_FLOATS = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
_BEYOND = 10**300
"""No float holds an integer that is much larger."""


class Line(Struct, omit_defaults=True):
    """One line: the values of a step, or one of the other things that may be logged."""

    step: Step | None = None
    time: float | None = None
    """Seconds since 1970."""
    log: dict[str, Any] | None = None
    summary: dict[str, Any] | None = None
    param: dict[str, Any] | None = None
    figure: str | None = None
    """What a picture is called."""
    file: str | None = None
    """Its file, in the folder of pictures."""
    artifact: str | None = None
    """The path of a file or folder that belongs to the run."""


def number_of(value: Value) -> float | None:
    """Return what was logged as a number; None if it is none, or larger than a float can be.

    >>> number_of(True), number_of("nan"), number_of("1"), number_of(10**400)
    (1, nan, None, None)
    """
    if isinstance(value, int):
        return int(value) if -_BEYOND < value < _BEYOND else None
    if isinstance(value, float):
        return value
    return _FLOATS.get(value) if isinstance(value, str) else None


def kind_of(value: Value) -> str:
    """Return what is no number, in words.

    >>> kind_of([1]), kind_of(10**400)
    ('a list', 'an endless integer')
    """
    if value is None:
        return "null"
    kinds = {"str": "a text", "list": "a list", "dict": "a mapping", "int": "an endless integer"}
    return kinds.get(type(value).__name__, "it")


def restored(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return values with the numbers that JSON lacks, which are marked as in a record."""
    found = loads(msgspec.json.encode(values)) if values else {}
    return found if isinstance(found, dict) else {}
