"""What is compared, and what may differ of it, as values."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from functools import cached_property
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from gitexp.model.hypothesis import Hypothesis
from gitexp.model.numbers import difference
from gitexp.model.policy import Mark, Policy
from gitexp.model.record import DataPointer, Documents
from gitexp.model.values import Value, are_numbers


class Absent(enum.Enum):
    """The type of ABSENT."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
"""Stands where a side has no such value; null is a value."""

MaybeValue: TypeAlias = "Value | Absent"
CodeStatus = Literal["added", "deleted", "modified", "renamed", "copied", "type changed"]


class Side(Struct, frozen=True):
    """One of the things compared."""

    label: str
    """What people call it: the name of a run, a rev, 'workspace'."""
    params: Documents
    metrics: Documents
    pointers: Mapping[str, DataPointer]
    """Data and models by path."""
    environment: Mapping[str, str] | None
    """The versions of packages, and of 'python'; None if it was not recorded."""
    outputs: tuple[str, ...] = ()
    """The files that a run wrote."""
    machine: Mapping[str, str] | None = None
    """What a run ran on, and its settings of threads and determinism; None if not recorded."""
    unread: tuple[str, ...] = ()
    """What is to be said of files whose values are not read."""
    hypothesis: Hypothesis | None = None
    """What was expected of a run, and what became of it."""
    command: tuple[str, ...] | None = None
    """The command of a run; None for what is none."""


class CodeChange(Struct, frozen=True):
    """One file that differs."""

    path: str
    status: CodeStatus
    added: int | None
    """Lines; None for what is not text."""
    removed: int | None
    old_path: str | None = None


class Change(Struct, frozen=True, dict=True):
    """One value that differs, by its flat name."""

    file: str
    name: str
    old: MaybeValue
    new: MaybeValue
    mark: Mark = ""

    @cached_property
    def numbers(self) -> tuple[float, float] | None:
        """Both values, if they are numbers."""
        pair = (self.old, self.new)
        return pair if are_numbers(pair) else None

    @cached_property
    def delta(self) -> float | None:
        """How far the number moved, if both sides are numbers."""
        return None if self.numbers is None else difference(*self.numbers)

    @cached_property
    def relative(self) -> float | None:
        """The delta as a part of the old number's size, if that is a finite number.

        >>> Change("metrics.json", "loss", -4, -3).relative
        0.25
        """
        if self.delta is None or self.numbers is None or self.numbers[0] == 0:
            return None
        try:
            part = self.delta / abs(self.numbers[0])
        except OverflowError:  # integers beyond what a float can hold
            return None
        return part if math.isfinite(part) else None


def marked(change: Change, policy: Policy) -> Change:
    """Return a change of a metric as a policy judges it."""
    if change.numbers is None:
        return change
    mark = policy.mark(policy.named(change.file, change.name), *change.numbers)
    return replace(change, mark=mark) if mark else change


class DataChange(Struct, frozen=True):
    """One pointer that differs; None if a side has none."""

    path: str
    old: DataPointer | None
    new: DataPointer | None
    old_path: str | None = None
    """Where the old side has its counterpart, if that is elsewhere."""


class Diff(Struct, frozen=True):
    """All that differs between two sides; true if anything does."""

    old: str
    """The label of the old side."""
    new: str
    params: tuple[Change, ...] = ()
    metrics: tuple[Change, ...] = ()
    data: tuple[DataChange, ...] = ()
    environment: tuple[Change, ...] | None = None
    """None if a side's environment was not recorded."""
    machine: tuple[Change, ...] | None = None
    """None if a side's machine was not recorded."""
    outputs: tuple[CodeChange, ...] = ()
    """Plots and other declared or recorded outputs that are in git."""
    code: tuple[CodeChange, ...] = ()
    hypotheses: tuple[tuple[str, Hypothesis], ...] = ()
    """What was expected of each side, by its label."""
    commands: tuple[str, str] | None = None
    """The commands of two runs, if they differ in more than their params."""

    def __bool__(self) -> bool:
        values = any((self.params, self.metrics, self.data, self.environment, self.commands))
        return values or any((self.machine, self.outputs, self.code))
