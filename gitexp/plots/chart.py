"""What is to be drawn, as values; nothing here knows how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from gitexp.model.values import Scalar

Log: TypeAlias = Literal["", "x", "y", "xy"]
"""Which axes are logarithmic."""


class Curve(Struct, frozen=True):
    """One line; its points stand in the order in which they are joined."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    """As drawn. What is not finite is a gap."""
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    """The edges of a band around the line; both or neither."""
    raw: Sequence[float] = ()
    """The values before they were smoothed, drawn faintly."""


class Lines(Struct, frozen=True):
    """Curves over one another."""

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    note: str = ""
    """What was done to the values, for a reader of the picture to know."""
    log: Log = ""
    dots: bool = False
    """Whether each point is marked."""


class Points(Struct, frozen=True):
    """A point for each run."""

    title: str
    x_label: str
    y_label: str
    labels: tuple[str, ...]
    x: tuple[Scalar, ...]
    """Numbers, or texts: then each is a place of its own."""
    y: tuple[float, ...]
    front: tuple[int, ...] = ()
    """Which points no other one is better than in both, in the order in which they are joined."""
    note: str = ""
    log: Log = ""

    @property
    def is_numeric(self) -> bool:
        """Whether the x-axis is one of numbers."""
        return not any(isinstance(one, str | bool) or one is None for one in self.x)


class Axis(Struct, frozen=True):
    """One of many parallel axes."""

    name: str
    values: tuple[Scalar, ...]
    """One for each run; None where the run has none."""


class Parallel(Struct, frozen=True):
    """Runs as lines across axes that stand beside one another; the last axis gives the colour."""

    title: str
    labels: tuple[str, ...]
    axes: tuple[Axis, ...]
    note: str = ""

    @property
    def caption(self) -> str:
        """What a picture says below its title; a terminal has no colours for the lines."""
        by = f"coloured by {self.axes[-1].name}"
        return f"{by}; {self.note}" if self.note else by


class Matrix(Struct, frozen=True):
    """How often each class was taken for which."""

    title: str
    actual: tuple[str, ...]
    predicted: tuple[str, ...]
    counts: tuple[tuple[float, ...], ...]
    """By actual, then by predicted class."""
    note: str = ""


class Image(Struct, frozen=True):
    """A picture that a run made."""

    label: str
    """Whose it is."""
    media_type: str
    content: bytes


class Images(Struct, frozen=True):
    """The same picture of several runs, to be seen beside each other."""

    title: str
    images: tuple[Image, ...]
    note: str = ""


class Given(Struct, frozen=True):
    """A Vega-Lite specification that somebody else wrote, with its rows filled in."""

    title: str
    spec: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...] = ()
    plain: Lines | None = None
    """The same points as lines, for a terminal; None where they are something else."""
    note: str = ""


Chart: TypeAlias = Lines | Points | Parallel | Matrix | Images | Given
