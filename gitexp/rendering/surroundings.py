"""What differs in machines and variables: limits of threads that go together are one row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from msgspec.structs import replace

from gitexp.comparison.changes import Change
from gitexp.comparison.differences import Difference
from gitexp.model.variables import VARIABLES

Found = TypeVar("Found", Change, Difference)

_LIMITS = frozenset(name for name in VARIABLES if name.endswith("_THREADS"))
_MANY = 2
"""As many limits as say more together than one by one."""


def by_kind(
    found: Sequence[Found], packages: Sequence[Found] = ()
) -> Iterator[tuple[str, list[Found]]]:
    """Yield what differs of the packages, the machines, then the variables, under their titles."""
    if packages:
        yield "Environment", list(packages)
    machine = [one for one in found if one.name not in VARIABLES]
    if machine:
        yield "Machine", machine
    variables = _together([one for one in found if one.name in VARIABLES])
    if variables:
        yield "Variables", variables


def _together(found: Sequence[Found]) -> list[Found]:
    """Return one of the limits of threads that have the same values everywhere, named for all.

    A sweep sets seven of them, so that its runs do not get into one another's way.
    """
    alike: dict[tuple[object, ...], list[Found]] = {}
    for one in found:
        alike.setdefault(_values(one) if one.name in _LIMITS else (one.name,), []).append(one)
    return [
        replace(some[0], name=f"{some[0].name} and {len(some) - 1} more")
        if len(some) > _MANY
        else one
        for some in alike.values()
        for one in (some[:1] if len(some) > _MANY else some)
    ]


def _values(one: Change | Difference) -> tuple[object, ...]:
    return (one.old, one.new) if isinstance(one, Change) else tuple(one.values)
