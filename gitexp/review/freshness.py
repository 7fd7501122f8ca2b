"""Whether metrics come from the inputs beside them, and what changed if not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitexp.model.record import Status
from gitexp.review.words import listed, named

_NAMED = 2
"""How many paths are named before the rest is counted."""
_WORDS = (".md", ".rst")
"""How files end that are written for people."""

Ids = tuple["str | None", "str | None"]
"""What the run and the revision have under one path; None if one has nothing."""


class Freshness(Struct, frozen=True):
    """Of some metrics files: the run whose metrics they are, and what changed since."""

    files: tuple[str, ...]
    run: str | None
    """The run's name; None if no recorded run has these metrics."""
    run_id: str | None = None
    paths: tuple[str, ...] = ()
    """The inputs that differ, params and data left out."""
    new: tuple[str, ...] = ()
    """Those of them that the run did not have at all."""
    data: tuple[str, ...] = ()
    """The data behind pointers that differs."""
    params: tuple[str, ...] = ()
    """The params that differ, by flat name."""
    extra: tuple[str, ...] = ()
    """Untracked files of the run that the revision does not have: no reason to run again."""
    status: Status = "done"
    """How the run ended."""
    removed: bool = False
    """Whether somebody has removed the run since."""
    outputs: tuple[str, ...] = ()
    """Models and other outputs of the run in whose place the revision has others."""
    untold: tuple[str, ...] = ()
    """Inputs that cannot be read yet, so that nothing says whether they are the run's."""
    here: str | None = None
    """The run whose metrics the work tree has, with its inputs: they need only be committed."""

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
        'train.py and params lr, n changed after brave-otter-7f'
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
            noun = "param" if len(self.params) == 1 else "params"
            parts.append(f"{noun} {named(list(self.params))}")
        return f"{listed(parts)} changed after {self.run}"

    @property
    def advice(self) -> str:
        """What to do about metrics that are not fresh.

        Files that the run did without, and those for people, may well decide nothing.
        """
        if self.here is not None:
            return to_commit(self.files, self.here)
        if self.run is None:
            return "run again, or `gitexp push` where it ran and `gitexp pull` here"
        idle = all(path in self.new or path.lower().endswith(_WORDS) for path in self.paths)
        if self.paths and idle and not (self.data or self.params):
            return "run again, or list under `not_inputs` what does not decide results"
        return "run again"


def to_commit(files: Sequence[str], run: str) -> str:
    """Return what to do about metrics of a run that only the work tree has.

    >>> to_commit(["m.json"], "brave-otter-7f")
    'commit m.json: the work tree has that of brave-otter-7f'
    """
    pronoun = "that" if len(files) == 1 else "those"
    return f"commit {named(list(files))}: the work tree has {pronoun} of {run}"


def without_paths(freshness: Freshness, broken: Collection[str]) -> Freshness:
    """Return what is said if files still have to be mended: that they differ is not news.

    A commit stays as it is, and there they count.
    """
    paths = tuple(path for path in freshness.paths if path not in broken)
    data = tuple(name for name in freshness.data if f"{name}.dvc" not in broken)
    differing = (*freshness.paths, *(f"{name}.dvc" for name in freshness.data))
    untold = tuple(path for path in differing if path in broken)
    return replace(freshness, paths=paths, data=data, untold=untold) if untold else freshness


def sorted_out(
    differing: Mapping[str, Ids],
    *,
    is_input: Callable[[str], bool],
    is_same: Callable[[str, str, str], bool],
    was_tracked: Callable[[Iterable[str]], Iterable[str]],
) -> tuple[list[str], list[str]]:
    """Return which of the differing paths are inputs that changed, and the run's extra ones.

    `is_same` says whether two versions of a path come to the same thing. `was_tracked`
    returns those of some paths that the run's baseline has: what it lacks was untracked.
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
