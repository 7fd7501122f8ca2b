"""What differs between two sides: params, metrics, data, environment and code."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.counterparts import counterparts
from gitexp.comparison.side_by_side import paired
from gitexp.model.command.rest import rests_differ
from gitexp.model.command.text import command_text
from gitexp.model.hypothesis import Hypothesis
from gitexp.model.identical import identical
from gitexp.model.numbers import difference
from gitexp.model.order import in_order, natural
from gitexp.model.policy import Mark, Policy
from gitexp.model.record import DataPointer, Documents
from gitexp.model.values import Value, are_numbers, same, unshared


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


def diff_sides(
    old: Side,
    new: Side,
    code: tuple[CodeChange, ...],
    policy: Policy,
    outputs: tuple[CodeChange, ...] = (),
) -> Diff:
    """Compare two sides whole; what differs in the code and in outputs is for git to say."""
    moved = _moved(old, new)
    return Diff(
        old=old.label,
        new=new.label,
        params=diff_documents(*paired(old.params, new.params), equal=identical),
        metrics=diff_documents(*paired(old.metrics, new.metrics), policy),
        data=tuple(_data_changes(old.pointers, new.pointers, moved)),
        environment=diff_environments(old.environment, new.environment),
        machine=diff_machines(old.machine, new.machine),
        outputs=tuple(sorted(_joined(outputs, moved), key=lambda change: natural(change.path))),
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
    old: Documents,
    new: Documents,
    policy: Policy | None = None,
    *,
    equal: Callable[[Value, Value], bool] = same,
) -> tuple[Change, ...]:
    """Return the changes of nested values; with a policy, judged, and its metrics first.

    >>> diff_documents({"p.yaml": {"a": {"b": 1}}}, {"p.yaml": {"a": {"b": 1.0, "c": None}}})
    (Change(file='p.yaml', name='a.c', old=<Absent.ABSENT: 'absent'>, new=None, mark=''),)
    """
    changes: list[Change] = []
    for file in _union(old, new):
        before, after = unshared(old.get(file, {}), new.get(file, {}), equal)
        names = _union(before, after)
        for name in names if policy is None else policy.ordered(names):
            change = Change(file, name, before.get(name, ABSENT), after.get(name, ABSENT))
            changes.append(change if policy is None else marked(change, policy))
    return tuple(changes)


def marked(change: Change, policy: Policy) -> Change:
    """Return a change of a metric as a policy judges it."""
    if change.numbers is None:
        return change
    mark = policy.mark(change.name, *change.numbers)
    return replace(change, mark=mark) if mark else change


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


def _moved(old: Side, new: Side) -> dict[str, str]:
    """Return where the old run has what the new one wrote into a folder of its own."""
    if old.command is None or new.command is None:
        return {}
    olds, news = _written(old), _written(new)
    return counterparts(sorted(olds - news), sorted(news - olds))


def _written(side: Side) -> set[str]:
    pointers = (path for path, one in side.pointers.items() if one.role == "output")
    return {*side.outputs, *pointers}


def _data_changes(
    old: Mapping[str, DataPointer], new: Mapping[str, DataPointer], moved: Mapping[str, str]
) -> Iterator[DataChange]:
    moved = {path: one for path, one in moved.items() if path in new and one in old}
    gone = set(moved.values())
    for path in _union(old, new):
        before, after = old.get(moved.get(path, path)), new.get(path)
        if path not in gone and (before is None or after is None or before.md5 != after.md5):
            yield DataChange(path, before, after, moved.get(path))


def _joined(changes: Iterable[CodeChange], moved: Mapping[str, str]) -> Iterator[CodeChange]:
    """Yield what differs in outputs, with what moved as one change.

    What is the same under another name is left out, unless its folder differs in its name alone.
    """
    olds = set(moved.values())
    parts = [part for one in changes for part in _parts(one, moved, olds)]
    gone = {one.path for one in parts if one.status == "deleted"}
    come = {one.path for one in parts if one.status == "added"}
    pairs = {path: old for path, old in moved.items() if path in come and old in gone}
    left = set(pairs.values())
    found = [
        CodeChange(one.path, "modified", None, None, pairs[one.path]) if one.path in pairs else one
        for one in parts
        if one.path not in left
    ]
    unlike = {_apart(one) for one in found if one.status != "renamed"}
    for one in found:
        if one.status != "renamed" or one.path not in moved or _apart(one) not in unlike:
            yield one


def _apart(one: CodeChange) -> tuple[str, str]:
    """Return the outermost folders in which the two names of a file differ."""
    old, new = (one.old_path or one.path).split("/"), one.path.split("/")
    at = next((at for at, pair in enumerate(zip(old, new, strict=False)) if len({*pair}) > 1), 0)
    return "/".join(old[: at + 1]), "/".join(new[: at + 1])


def _parts(
    one: CodeChange, moved: Mapping[str, str], olds: Collection[str]
) -> Iterable[CodeChange]:
    """Return a rename as git sees it as what it is: a counterpart, or two changes."""
    if one.status != "renamed" or one.old_path is None:
        return (one,)
    if moved.get(one.path) == one.old_path:
        return (one if one.added == one.removed == 0 else replace(one, status="modified"),)
    if one.path in moved or one.old_path in olds:
        old = CodeChange(one.old_path, "deleted", None, None)
        return old, CodeChange(one.path, "added", None, None)
    return (one,)


def _union(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    names = old.keys() | new.keys()
    return in_order(names) if len(names) > 1 else list(names)
