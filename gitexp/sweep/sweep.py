"""The definition of a sweep, its canonical JSON, and the id that is made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from msgspec import Meta, Struct, ValidationError, convert, field, to_builtins

from gitexp.errors import GitexpError
from gitexp.model.hypothesis import Hypothesis
from gitexp.model.names import ALPHABET, ID_LENGTH
from gitexp.model.policy import Goal
from gitexp.model.values import dumps, loads
from gitexp.sweep.space import Space

if TYPE_CHECKING:
    from gitexp.model.values import Value
else:
    Value = Any

SamplerName = Literal["grid", "random", "qmc", "tpe", "gp", "cmaes", "nsga2"]
SAMPLERS: tuple[SamplerName, ...] = get_args(SamplerName)
ADAPTIVE: frozenset[SamplerName] = frozenset({"tpe", "gp", "cmaes", "nsga2"})
"""Those whose points depend on the results of others."""

PrunerName = Literal["median", "percentile", "threshold", "patient"]
PRUNERS: tuple[PrunerName, ...] = get_args(PrunerName)

SWEEP_FILE = ".gitexp/sweep.json"
"""Where the definition stands in the tree of each of its runs, below the project's folder."""

VERSION = 1
"""Of the canonical JSON: raised when the same words would mean other points."""

_BESIDE = ("name", "message", "made_with", "wanted")
"""What a definition says and an id is not made of."""


class Objective(Struct, frozen=True):
    """A metric that a sweep is after."""

    metric: str
    """Its flat name, perhaps `FILE:name`."""
    goal: Goal


class Pruning(Struct, frozen=True):
    """How runs are stopped that will not come to anything."""

    metric: str
    """The value in the progress file that is looked at."""
    goal: Goal
    pruner: PrunerName = "median"
    options: Mapping[str, Value] = field(default_factory=dict)
    """Of the pruner."""
    step: str | None = None
    """The value in the progress file that counts steps; None for 'step' or 'epoch', or else the
    reports are counted."""
    file: str | None = None
    """The progress file, from the project's folder; None for the one of `GITEXP_PROGRESS`."""


class Sweep(Struct, frozen=True):
    """What a sweep is: the same words on the same files are the same sweep, in every clone.

    How many points, how many at once, whether results are used as they come, and limits are no
    part of it.
    """

    command: tuple[str, ...]
    """As it was typed, with its placeholders."""
    space: Space
    inputs: str
    """The inputs oid of the point in which every axis has its first value."""
    project: str = ""
    """The project's folder, from the top of the repository."""
    directory: str = ""
    """Where the command runs, from the top of the repository."""
    fixed: tuple[str, ...] = ()
    """Overrides that all points have, as after `-S`."""
    sampler: SamplerName = "grid"
    options: Mapping[str, Value] = field(default_factory=dict)
    """Of the sampler."""
    seed: int = 0
    """Of the sampler."""
    objectives: tuple[Objective, ...] = ()
    window: int = 0
    """How many of the points before a point it must not know the results of."""
    pruning: Pruning | None = None
    repeat_key: str | None = None
    """The name of the param that tells the repeats of a point apart."""
    seeds: tuple[Value, ...] = ()
    """What that param is in the repeats, in their order; empty without repeats."""
    name: str = ""
    """Of its runs' names, `NAME-17`; no part of the id."""
    message: str = ""
    hypothesis: Hypothesis | None = None
    """What each run is expected to show, with the numbers that it is held against; of these the id
    is not made, so that the same words go on with those of the beginning."""
    made_with: Mapping[str, str] = field(default_factory=dict)
    """The versions of the libraries that choose points; no part of the id."""
    wanted: Annotated[int, Meta(ge=1)] | None = None
    """How many points were asked for last; None for all of a grid. No part of the id."""

    @property
    def repeats(self) -> int:
        """How many runs make a point."""
        return max(1, len(self.seeds))

    @property
    def is_adaptive(self) -> bool:
        """Whether points depend on the results of others."""
        return self.sampler in ADAPTIVE

    @property
    def looks_back(self) -> bool:
        """Whether results decide anything: which points come, or which runs are cut off."""
        return self.is_adaptive or self.pruning is not None

    @property
    def id(self) -> str:
        """Ten characters of the alphabet of run ids, from the canonical JSON."""
        number = int.from_bytes(hashlib.sha256(canonical(self)).digest(), "big")
        characters = []
        for _ in range(ID_LENGTH):
            number, digit = divmod(number, len(ALPHABET))
            characters.append(ALPHABET[digit])
        return "".join(characters)


def canonical(sweep: Sweep) -> bytes:
    """Return the bytes that the id is made of; equal definitions have equal ones.

    1, 1.0 and true stay apart; keys of mappings are sorted, but for the axes, whose order counts.
    """
    values = to_builtins(sweep)
    for name in _BESIDE:
        del values[name]
    if sweep.pruning is None:
        del values["pruning"]
    if sweep.hypothesis is None:
        del values["hypothesis"]
    else:
        values["hypothesis"] = sweep.hypothesis.expect
    return dumps(_sorted({"version": VERSION, **values})).encode()


def to_json(sweep: Sweep) -> bytes:
    """Return the bytes of `.gitexp/sweep.json`."""
    values = {"version": VERSION, "id": sweep.id, **to_builtins(sweep)}
    return f"{dumps(values, compact=False)}\n".encode()


def from_json(content: bytes | str) -> Sweep:
    """Read a definition; raises GitexpError for what is none.

    Its id is made anew: what a file says of itself counts for nothing.
    """
    try:
        values = loads(content)
        if not isinstance(values, dict):
            raise TypeError("not a mapping")  # noqa: TRY301 - told like the others
        version = values.pop("version", None)
        values.pop("id", None)
        if version == VERSION:
            return convert(values, Sweep)
    except (ValueError, TypeError, ValidationError) as error:
        raise GitexpError(f"the definition of the sweep cannot be read: {error}") from error
    raise GitexpError(
        "the sweep was defined by another version of gitexp",
        hint="Upgrade gitexp to go on with it.",
    )


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_sorted(item) for item in value]
    return value
