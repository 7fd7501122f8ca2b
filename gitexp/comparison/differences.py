"""What differs among any number of sides: one row for each value that is not the same in all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from gitexp.comparison.changes import ABSENT, CodeChange, MaybeValue, Side
from gitexp.comparison.side_by_side import side_by_side
from gitexp.model.command.rest import rests_differ
from gitexp.model.command.text import command_text
from gitexp.model.identical import identical
from gitexp.model.numbers import is_nan
from gitexp.model.order import in_order
from gitexp.model.policy import Policy
from gitexp.model.record import DataPointer, Documents
from gitexp.model.values import Value, flatten, is_number, same


class Difference(Struct, frozen=True):
    """One value that differs, by its flat name; its values stand in the order of the sides."""

    file: str
    name: str
    values: tuple[MaybeValue, ...]
    best: frozenset[int] = frozenset()
    """Which sides have the best value, if the policy says which direction is better."""


class DataDifference(Struct, frozen=True):
    """One path with pointers that differ; None if a side has none."""

    path: str
    pointers: tuple[DataPointer | None, ...]


class CodeDifference(Struct, frozen=True):
    """One file that is not in all sides what it is in the first; None if it is."""

    path: str
    changes: tuple[CodeChange | None, ...]


class Differences(Struct, frozen=True):
    """All that differs among several sides; true if anything does."""

    labels: tuple[str, ...]
    params: tuple[Difference, ...] = ()
    metrics: tuple[Difference, ...] = ()
    data: tuple[DataDifference, ...] = ()
    environment: tuple[Difference, ...] | None = None
    """None if no two sides' environments were recorded."""
    without_environment: frozenset[int] = frozenset()
    """The sides whose environment was not recorded."""
    machine: tuple[Difference, ...] | None = None
    """None if no two sides' machines were recorded."""
    without_machine: frozenset[int] = frozenset()
    commands: tuple[str | None, ...] = ()
    """The commands of the sides, if they differ in more than params; None for what is no run."""
    outputs: tuple[CodeDifference, ...] = ()
    code: tuple[CodeDifference, ...] = ()

    def __bool__(self) -> bool:
        values = any((self.params, self.metrics, self.data, self.environment, self.commands))
        return values or any((self.machine, self.outputs, self.code))


def differences(
    sides: Sequence[Side],
    code: Sequence[Sequence[CodeChange]],
    policy: Policy,
    outputs: Sequence[Sequence[CodeChange]] = (),
) -> Differences:
    """Compare several sides; `code` holds what each but the first changed from the first."""
    environments = [side.environment for side in sides]
    machines = [side.machine for side in sides]
    return Differences(
        labels=tuple(side.label for side in sides),
        params=tuple(_of_documents([side.params for side in sides], Policy(), identical)),
        metrics=tuple(_of_documents([side.metrics for side in sides], policy)),
        data=tuple(_of_data([side.pointers for side in sides])),
        environment=_of_environments(environments),
        without_environment=frozenset(at for at, one in enumerate(environments) if one is None),
        machine=_of_environments(machines),
        without_machine=frozenset(at for at, one in enumerate(machines) if one is None),
        commands=_commands([side.command for side in sides]),
        outputs=tuple(_of_code(outputs)),
        code=tuple(_of_code(code)),
    )


def _commands(commands: Sequence[tuple[str, ...] | None]) -> tuple[str | None, ...]:
    if not rests_differ(command for command in commands if command is not None):
        return ()
    return tuple(None if command is None else command_text(command) for command in commands)


def best_of(values: Sequence[object], policy: Policy, metric: str) -> frozenset[int]:
    """Return the places of the best values; none without a goal, or with only one number.

    >>> from gitexp.model.policy import Rule
    >>> sorted(best_of([0.9, 0.95, None, 0.95], Policy((("f1", Rule("max")),)), "f1"))
    [1, 3]
    """
    rule = policy.rule(metric)
    numbers = [value for value in values if is_number(value) and not is_nan(value)]
    if rule is None or rule.goal is None or len(numbers) <= 1:
        return frozenset()
    best = max(numbers) if rule.goal == "max" else min(numbers)
    return frozenset(at for at, value in enumerate(values) if is_number(value) and value == best)


def _of_documents(
    documents: Sequence[Documents],
    policy: Policy,
    equal: Callable[[MaybeValue, MaybeValue], bool] = same,
) -> Iterator[Difference]:
    placed = side_by_side(documents)
    for file in _union(placed):
        flat = [flatten(each.get(file, {})) for each in placed]
        for name in policy.ordered(_union(flat), file):
            values = tuple(_or_absent(each, name) for each in flat)
            if not all(equal(values[0], value) for value in values[1:]):
                best = best_of(values, policy, policy.named(file, name))
                yield Difference(file, name, values, best)


def _or_absent(values: Mapping[str, Value], name: str) -> MaybeValue:
    return values.get(name, ABSENT)


def _of_environments(
    environments: Sequence[Mapping[str, str] | None],
) -> tuple[Difference, ...] | None:
    known = [one for one in environments if one is not None]
    if len(known) <= 1:  # nothing to compare with
        return None
    names = sorted(_union(known), key=lambda name: (name != "python", name))
    return tuple(
        Difference("", name, tuple((one or {}).get(name, ABSENT) for one in environments))
        for name in names
        if len({one.get(name) for one in known}) > 1
    )


def _of_data(pointers: Sequence[Mapping[str, DataPointer]]) -> Iterator[DataDifference]:
    for path in _union(pointers):
        found = tuple(each.get(path) for each in pointers)
        if len({pointer and pointer.md5 for pointer in found}) > 1:
            yield DataDifference(path, found)


def _of_code(code: Sequence[Sequence[CodeChange]]) -> Iterator[CodeDifference]:
    by_path = [{change.path: change for change in changes} for changes in code]
    for path in _union(by_path):
        yield CodeDifference(path, (None, *(each.get(path) for each in by_path)))


def _union(mappings: Sequence[Mapping[str, object]]) -> list[str]:
    return in_order(set[str]().union(*mappings))
