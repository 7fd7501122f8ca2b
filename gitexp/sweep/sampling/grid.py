"""The grid: every combination of the choices once, or the points of a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from gitexp.errors import GitexpError
from gitexp.model.numbers import counted
from gitexp.model.values import Value
from gitexp.sweep.conditions import admits, applies
from gitexp.sweep.sampling.sampler import Exhausted, Proposal, Result
from gitexp.sweep.space import Choices, Space

MOST_FILTERED = 1_000_000
"""How many combinations are looked at to find those that conditions admit: some 5 s."""


class Grid:
    """Points by mixed radix: the axes in their order, the last one fastest.

    Conditions leave out combinations before the others are numbered. Of those that differ only in
    axes which do not apply there is one.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        if space.size is None:
            names = [axis.name for axis in space.axes if axis.size is None]
            raise GitexpError(
                f"a grid needs values, and '{names[0]}' is an interval",
                hint="List its values, as `range(...)` does, or add `--sampler random` and `-N`.",
            )
        if space.is_filtered and space.size > MOST_FILTERED:
            raise GitexpError(
                f"the conditions would have to be tried on {space.size:,} combinations",
                hint="Make the space smaller, or add `--sampler random` and `-N`.",
            )

    def __len__(self) -> int:
        return len(self._kept) if self._space.is_filtered else self._space.size or 0

    def propose(self, number: int, results: Sequence[Result] = ()) -> Proposal:
        """Return the values of a point, whatever the results are."""
        del results
        if not 0 <= number < len(self):
            raise Exhausted(len(self))
        return Proposal(self.values(number))

    def values(self, number: int) -> Mapping[str, Value]:
        """Return the values of a point."""
        if self._space.is_filtered:
            return self._kept[number]
        if self._space.rows:
            return self._space.rows[number]
        found: dict[str, Value] = {}
        for axis, choices in reversed(self._axes):
            number, at = divmod(number, len(choices))
            found[axis] = choices[at]
        return {name: found[name] for name, _ in self._axes}

    @cached_property
    def _axes(self) -> list[tuple[str, tuple[Value, ...]]]:
        return [
            (axis.name, axis.domain.values)
            for axis in self._space.axes
            if isinstance(axis.domain, Choices)
        ]

    @cached_property
    def _kept(self) -> list[Mapping[str, Value]]:
        """The points that the conditions admit, in their order."""
        space = self._space
        every = iter(space.rows) if space.rows else self._combinations()
        kept = [values for values in every if admits(space, values)]
        if not kept:
            raise GitexpError(
                f"no point fulfils '{space.such_that}'",
                hint=f"The space has {counted(space.size or 0, 'combination')} without it.",
            )
        return kept

    def _combinations(self) -> Iterator[Mapping[str, Value]]:
        names, axes = self._space.names, self._space.axes

        def below(depth: int, values: dict[str, Value]) -> Iterator[Mapping[str, Value]]:
            if depth == len(axes):
                yield values
                return
            axis = axes[depth]
            if not applies(axis, names, values):
                yield from below(depth + 1, values)
            elif isinstance(axis.domain, Choices):
                for choice in axis.domain.values:
                    yield from below(depth + 1, {**values, axis.name: choice})

        return below(0, {})
