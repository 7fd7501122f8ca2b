"""What a sweep tries: axes with their choices or intervals, or a list of points."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import force_setattr

if TYPE_CHECKING:
    from gitexp.model.values import Value
else:
    Value = Any  # a type that names itself is more than msgspec can read back


class Choices(Struct, frozen=True, tag_field="kind", tag="choices"):
    """The values that an axis may have, one after another."""

    values: tuple[Value, ...]
    """Each once; 1, 1.0 and true are three values."""
    ordered: bool = False
    """Whether neighbours are alike, as in a range, so that samplers count along them."""


class Interval(Struct, frozen=True, tag_field="kind", tag="interval"):
    """All numbers between two, both included."""

    low: float
    high: float
    log: bool = False
    """Whether orders of magnitude are equally likely."""
    integer: bool = False
    """Whether only whole numbers count."""

    def __post_init__(self) -> None:
        """Keep bounds as floats, so that 1 and 1.0 make the same sweep."""
        force_setattr(self, "low", float(self.low))
        force_setattr(self, "high", float(self.high))


class Axis(Struct, frozen=True):
    """One param, or one placeholder of the command, and what it may be."""

    key: str
    """Dotted, as after `-S`."""
    domain: Choices | Interval
    file: str | None = None
    """The params file, where the words named one."""
    sign: str = ""
    """'+' or '++' where the key need not exist yet, as before the key of an override."""
    when: str | None = None
    """A condition on the axes before this one, in the query language."""

    @property
    def name(self) -> str:
        """What the values of points are filed under: `key`, or `FILE:key`."""
        return self.key if self.file is None else f"{self.file}:{self.key}"

    @property
    def size(self) -> int | None:
        """How many choices there are; None for an interval."""
        return len(self.domain.values) if isinstance(self.domain, Choices) else None

    @property
    def count(self) -> float:
        """How many values are possible: whole numbers of an interval count, else infinity."""
        if isinstance(self.domain, Choices):
            return len(self.domain.values)
        if self.domain.integer:
            return self.domain.high - self.domain.low + 1
        return math.inf


class Space(Struct, frozen=True):
    """All that may be tried; the order of the axes decides the numbers of points."""

    axes: tuple[Axis, ...] = ()
    such_that: str | None = None
    """A condition that every point must fulfil, in the query language."""
    rows: tuple[Mapping[str, Value], ...] = ()
    """The points themselves, by the names of axes, where they were listed; else empty.

    Each column of such a list is an axis, too, with its different values as choices.
    """

    @property
    def size(self) -> int | None:
        """How many combinations there are before any condition; None where an interval is."""
        if self.rows:
            return len(self.rows)
        sizes = [axis.size for axis in self.axes]
        return None if None in sizes else math.prod(size for size in sizes if size is not None)

    @property
    def count(self) -> float:
        """How many different points are possible before any condition; perhaps infinity."""
        return len(self.rows) if self.rows else math.prod(axis.count for axis in self.axes)

    @property
    def is_filtered(self) -> bool:
        """Whether conditions leave out combinations."""
        return self.such_that is not None or any(axis.when is not None for axis in self.axes)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the axes."""
        return tuple(axis.name for axis in self.axes)

    def axis(self, name: str) -> Axis:
        """Return the axis of a name; raises KeyError for none."""
        for axis in self.axes:
            if axis.name == name:
                return axis
        raise KeyError(name)
