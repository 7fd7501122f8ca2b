"""Readings that equal one of an end to the last digit, seed for seed.

A training that is deterministic comes to the same number until something moves it. Such a number
says far more than one that is only near: no other seed has to be tried to believe it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from gitexp.model.values import dumps, flatten
from gitexp.tracing.known import Taken

IsSeed = Callable[[str], bool]
Seeds = frozenset[str]


class Twins:
    """What both ends came to with which seeds."""

    def __init__(self, good: Iterable[Taken], bad: Iterable[Taken], is_seed: IsSeed) -> None:
        self._is_seed = is_seed
        self._good, self._bad = self._by_seeds(good), self._by_seeds(bad)

    def marked(self, taken: Sequence[Taken]) -> list[Taken]:
        """Return readings that know which end they are like, as far as they are."""
        return [replace(one, like=self._like(one)) for one in taken]

    def _like(self, one: Taken) -> bool | None:
        if one.run is None or one.value is None:
            return None
        seeds = self._seeds(one)
        good, bad = (end.get(seeds, frozenset()) for end in (self._good, self._bad))
        if bad == {one.value} and one.value not in good:
            return True
        return False if good == {one.value} and one.value not in bad else None

    def _by_seeds(self, end: Iterable[Taken]) -> Mapping[Seeds, frozenset[float]]:
        found: dict[Seeds, frozenset[float]] = {}
        for one in end:
            if one.value is not None:
                seeds = self._seeds(one)
                found[seeds] = found.get(seeds, frozenset()) | {one.value}
        return found

    def _seeds(self, one: Taken) -> Seeds:
        params = one.run.record.params.values() if one.run is not None else ()
        return frozenset(
            f"{name}={dumps(value)}"
            for values in params
            for name, value in flatten(values).items()
            if self._is_seed(name)
        )
