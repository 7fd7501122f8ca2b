"""The params that two runs differ in, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from gitexp.comparison.changes import ABSENT, MaybeValue
from gitexp.model.command.spelling import value_text
from gitexp.model.identical import identical
from gitexp.model.record import NO_FILES, Documents
from gitexp.model.values import Value, flatten


class ParamChange(Struct, frozen=True):
    """One param that differs."""

    file: str
    name: str
    old: MaybeValue
    new: MaybeValue

    @property
    def override(self) -> str:
        """What `-S` turns the old value into the new one by."""
        if self.new is ABSENT:
            return f"{self.file}:~{self.name}"
        sign = "+" if self.old is ABSENT else ""
        return f"{self.file}:{sign}{self.name}={value_text(self.new)}"


def changes_of(
    old: Documents, new: Documents, is_seed: Callable[[str], bool]
) -> Iterator[ParamChange]:
    """Yield the params that differ, seeds aside, in the files that the old side has.

    >>> [one.name for one in changes_of({"p.yaml": {"a": 1, "b": 2}}, {"p.yaml": {"b": 3}}, bool)]
    []
    >>> found = changes_of({"p.yaml": {"a": 1, "b": 2}}, {"p.yaml": {"b": 3}}, lambda _: False)
    >>> [one.override for one in found]
    ['p.yaml:~a', 'p.yaml:b=3']
    >>> found = changes_of({"p.yaml": {"a": 1}}, {"p.yaml": {"a": 1.0}}, lambda _: False)
    >>> [one.override for one in found]
    ['p.yaml:a=1.0']
    """
    for file, values in old.items():
        if file in NO_FILES or file not in new:
            continue
        before, after = flatten(values), flatten(new[file])
        for name in dict.fromkeys((*before, *after)):
            pair = before.get(name, ABSENT), after.get(name, ABSENT)
            if not is_seed(name) and not identical(*pair):
                yield ParamChange(file, name, *pair)


def changed(params: Documents, changes: Iterable[ParamChange]) -> dict[str, dict[str, Value]]:
    """Return params with changes, flat."""
    found: dict[str, dict[str, Value]] = {file: {**flatten(one)} for file, one in params.items()}
    for one in changes:
        if one.new is ABSENT:
            found[one.file].pop(one.name, None)
        else:
            found[one.file][one.name] = one.new
    return found


def key_of(changes: Iterable[ParamChange]) -> frozenset[str]:
    """Return what tells some changes from others."""
    return frozenset(one.override for one in changes)
