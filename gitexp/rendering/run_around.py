"""What is known of a run besides its record."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from gitexp.comparison.changes import Side
from gitexp.series.series import Series


class RunAround(Struct, frozen=True):
    """What is known of a run besides its record; all of it may be missing."""

    baseline: Side | None = None
    """The values that changes are measured from."""
    packages: Mapping[str, str] | None = None
    """The versions of packages, and of 'python'."""
    log: str = ""
    """The last lines of its output."""
    recorded_name: str = ""
    """The name that it was recorded under, if it now goes by another."""
    removed: bool = False
    """Whether it is hidden."""
    rerun_of: str = ""
    """The name of the run that it is a rerun of, if that is here."""
    writers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Id and name of the runs that wrote its inputs behind pointers, by path."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The names of the runs that wrote its other inputs, by id."""
    curves: Mapping[str, Series] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many steps were logged of curves that are kept thinned."""
