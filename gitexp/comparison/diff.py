"""What differs between two sides: params, metrics, data, environment and code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from gitexp.comparison.changes import ABSENT, Change, CodeChange, DataChange, Diff, Side, marked
from gitexp.comparison.moved import joined_moves, moved_files
from gitexp.comparison.side_by_side import paired
from gitexp.model.command.rest import rests_differ
from gitexp.model.command.text import command_text
from gitexp.model.identical import identical
from gitexp.model.order import in_order, natural
from gitexp.model.policy import Policy
from gitexp.model.record import DataPointer, Documents
from gitexp.model.values import Value, same, unshared


def diff_sides(
    old: Side,
    new: Side,
    code: tuple[CodeChange, ...],
    policy: Policy,
    outputs: tuple[CodeChange, ...] = (),
) -> Diff:
    """Compare two sides whole; what differs in the code and in outputs is for git to say."""
    moved = moved_files(old, new)
    return Diff(
        old=old.label,
        new=new.label,
        params=diff_documents(*paired(old.params, new.params), equal=identical),
        metrics=diff_documents(*paired(old.metrics, new.metrics), policy),
        data=tuple(_data_changes(old.pointers, new.pointers, moved)),
        environment=diff_environments(old.environment, new.environment),
        machine=diff_machines(old.machine, new.machine),
        outputs=_by_path(joined_moves(outputs, moved)),
        code=_by_path(code),
        hypotheses=tuple(
            (side.label, side.hypothesis) for side in (old, new) if side.hypothesis is not None
        ),
        commands=_commands(old, new),
    )


def _by_path(changes: Iterable[CodeChange]) -> tuple[CodeChange, ...]:
    return tuple(sorted(changes, key=lambda change: natural(change.path)))


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
        for name in names if policy is None else policy.ordered(names, file):
            change = Change(file, name, before.get(name, ABSENT), after.get(name, ABSENT))
            changes.append(change if policy is None else marked(change, policy))
    return tuple(changes)


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


def _data_changes(
    old: Mapping[str, DataPointer], new: Mapping[str, DataPointer], moved: Mapping[str, str]
) -> Iterator[DataChange]:
    moved = {path: one for path, one in moved.items() if path in new and one in old}
    gone = set(moved.values())
    for path in _union(old, new):
        before, after = old.get(moved.get(path, path)), new.get(path)
        if path not in gone and (before is None or after is None or before.md5 != after.md5):
            yield DataChange(path, before, after, moved.get(path))


def _union(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    names = old.keys() | new.keys()
    return in_order(names) if len(names) > 1 else list(names)
