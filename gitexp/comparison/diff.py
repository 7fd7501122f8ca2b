"""What differs between two sides: params, metrics, data, environment and code."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from gitexp.model.command.rest import rests_differ
from gitexp.model.command.text import command_text
from gitexp.model.hypothesis import Hypothesis
from gitexp.model.numbers import difference
from gitexp.model.order import in_order, natural
from gitexp.model.policy import Mark, Policy
from gitexp.model.record import DataPointer, Documents
from gitexp.model.values import Value, flatten, is_number, same


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


class Change(Struct, frozen=True):
    """One value that differs, by its flat name."""

    file: str
    name: str
    old: MaybeValue
    new: MaybeValue
    mark: Mark = ""

    @property
    def delta(self) -> float | None:
        """How far the number moved, if both sides are numbers."""
        if is_number(self.old) and is_number(self.new):
            return difference(self.old, self.new)
        return None

    @property
    def relative(self) -> float | None:
        """The delta as a part of the old number's size, if that is a finite number.

        >>> Change("metrics.json", "loss", -4, -3).relative
        0.25
        """
        delta = self.delta
        if delta is None or not isinstance(self.old, int | float) or self.old == 0:
            return None
        try:
            part = delta / abs(self.old)
        except OverflowError:  # integers beyond what a float can hold
            return None
        return part if math.isfinite(part) else None


class DataChange(Struct, frozen=True):
    """One pointer that differs; None if a side has none."""

    path: str
    old: DataPointer | None
    new: DataPointer | None


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


def diff_sides(
    old: Side,
    new: Side,
    code: tuple[CodeChange, ...],
    policy: Policy,
    outputs: tuple[CodeChange, ...] = (),
) -> Diff:
    """Compare two sides whole; what differs in the code and in outputs is for git to say."""
    return Diff(
        old=old.label,
        new=new.label,
        params=diff_documents(old.params, new.params),
        metrics=diff_documents(old.metrics, new.metrics, policy),
        data=tuple(_data_changes(old.pointers, new.pointers)),
        environment=diff_environments(old.environment, new.environment),
        machine=diff_machines(old.machine, new.machine),
        outputs=tuple(sorted(outputs, key=lambda change: natural(change.path))),
        code=tuple(sorted(code, key=lambda change: natural(change.path))),
        hypotheses=tuple(
            (side.label, side.hypothesis) for side in (old, new) if side.hypothesis is not None
        ),
        commands=_commands(old, new),
    )


def _commands(old: Side, new: Side) -> tuple[str, str] | None:
    if old.command is None or new.command is None or not rests_differ([old.command, new.command]):
        return None
    return command_text(old.command), command_text(new.command)


def diff_documents(
    old: Documents, new: Documents, policy: Policy | None = None
) -> tuple[Change, ...]:
    """Return the changes of nested values; with a policy, judged, and its metrics first.

    >>> diff_documents({"p.yaml": {"a": {"b": 1}}}, {"p.yaml": {"a": {"b": 1.0, "c": None}}})
    (Change(file='p.yaml', name='a.c', old=<Absent.ABSENT: 'absent'>, new=None, mark=''),)
    """
    rules = policy or Policy()
    return tuple(
        Change(file, name, before, after, _mark(rules, name, before, after))
        for file in _union(old, new)
        for name, before, after in _differing(
            flatten(old.get(file, {})), flatten(new.get(file, {})), rules
        )
    )


def diff_environments(
    old: Mapping[str, str] | None, new: Mapping[str, str] | None
) -> tuple[Change, ...] | None:
    """Return the packages that differ, Python first; None if one side was not recorded."""
    if old is None or new is None:
        return None
    names = sorted(_union(old, new), key=lambda name: (name != "python", name))
    return tuple(
        Change("", name, old.get(name, ABSENT), new.get(name, ABSENT))
        for name in names
        if old.get(name) != new.get(name)
    )


def diff_machines(
    old: Mapping[str, str] | None, new: Mapping[str, str] | None
) -> tuple[Change, ...] | None:
    """Return what differs between two machines, in their own order; None if one is not known."""
    if old is None or new is None:
        return None
    return tuple(
        Change("", name, old.get(name, ABSENT), new.get(name, ABSENT))
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name)
    )


def _differing(
    old: Mapping[str, Value], new: Mapping[str, Value], policy: Policy
) -> Iterator[tuple[str, MaybeValue, MaybeValue]]:
    for name in policy.ordered(_union(old, new)):
        before, after = old.get(name, ABSENT), new.get(name, ABSENT)
        if not same(before, after):
            yield name, before, after


def _mark(policy: Policy, name: str, old: MaybeValue, new: MaybeValue) -> Mark:
    return policy.mark(name, old, new) if is_number(old) and is_number(new) else ""


def _data_changes(
    old: Mapping[str, DataPointer], new: Mapping[str, DataPointer]
) -> Iterator[DataChange]:
    for path in _union(old, new):
        before, after = old.get(path), new.get(path)
        if before is None or after is None or before.md5 != after.md5:
            yield DataChange(path, before, after)


def _union(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    return in_order(old.keys() | new.keys())
