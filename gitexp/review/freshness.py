"""Whether metrics are those of the inputs that stand beside them, and what changed if not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from gitexp.model.numbers import counted
from gitexp.review.words import listed, named

_NAMED = 2
"""How many paths are named before the rest is counted."""

Ids = tuple["str | None", "str | None"]
"""What the run and the revision have under one path; None where one has nothing."""


class Freshness(Struct, frozen=True):
    """Of some metrics files: the run whose metrics they are, and what changed since."""

    files: tuple[str, ...]
    run: str | None
    """The run's name; None where no recorded run has these metrics."""
    run_id: str | None = None
    paths: tuple[str, ...] = ()
    """The inputs that differ, params and data left out."""
    data: tuple[str, ...] = ()
    """The data behind pointers that differs."""
    params: tuple[str, ...] = ()
    """The params that differ, by flat name."""
    extra: tuple[str, ...] = ()
    """Files that the run had untracked and that the revision has not: no reason to run again."""

    @property
    def fresh(self) -> bool:
        """Whether the inputs are those of the run."""
        return self.run is not None and not self.changed

    @property
    def changed(self) -> int:
        """How much differs."""
        return len(self.paths) + len(self.data) + len(self.params)

    @property
    def words(self) -> str:
        """The finding as a phrase.

        >>> Freshness(("m.json",), "brave-otter-7f", paths=("train.py",), params=("lr", "n")).words
        'train.py and 2 params changed after brave-otter-7f'
        """
        files = named(list(self.files))
        if self.run is None:
            return f"{files}: no recorded run has these metrics"
        if self.fresh:
            return f"{files}: the inputs are those of {self.run}"
        paths = [*self.paths, *self.data]
        parts, more = paths[:_NAMED], len(paths) - _NAMED
        if more > 0:
            parts.append(f"{more} more {'file' if more == 1 else 'files'}")
        if self.params:
            parts.append(counted(len(self.params), "param"))
        return f"{listed(parts)} changed after {self.run}"


def sorted_out(
    differing: Mapping[str, Ids],
    *,
    is_input: Callable[[str], bool],
    is_same: Callable[[str, str, str], bool],
    was_tracked: Callable[[Iterable[str]], Iterable[str]],
) -> tuple[list[str], list[str]]:
    """Return which of the differing paths are inputs that changed, and the run's extra ones.

    `is_same` tells of a path whether two versions come to the same thing. `was_tracked`
    returns those of some paths that the run's baseline has: what it has not was untracked.
    """
    changed: list[str] = []
    gone: list[str] = []
    for path, (old, new) in sorted(differing.items()):
        if not is_input(path) or (old and new and is_same(path, old, new)):
            continue
        (changed if new is not None else gone).append(path)
    tracked = set(was_tracked(gone)) if gone else set()
    return (
        sorted([*changed, *(path for path in gone if path in tracked)]),
        [path for path in gone if path not in tracked],
    )
