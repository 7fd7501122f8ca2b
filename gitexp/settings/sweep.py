"""The setting `sweep`: what the command line of a sweep need not say each time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from msgspec import Struct, field

from gitexp.model.durations import seconds_of
from gitexp.settings.kinds import Kind, Wrong, fields, text, texts

Pruner = Literal["median", "percentile", "threshold", "patient"]
PRUNERS: tuple[Pruner, ...] = get_args(Pruner)
DEFAULT_LEASE = 600.0


class Prune(Struct, frozen=True):
    """How runs are cut off that promise nothing."""

    metric: str
    """In the file that grows while a run goes on."""
    step: str | None = None
    file: str | None = None
    pruner: Pruner = "median"
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the pruner."""


class SweepSettings(Struct, frozen=True):
    """What holds for the sweeps of a project unless the command line says otherwise."""

    jobs: int | Literal["auto"] = 1
    threads: int | Literal["auto", "keep"] = "auto"
    timeout: float | None = None
    """Seconds for each run."""
    copied: tuple[str, ...] = ()
    """Ignored paths that every run gets a copy of."""
    lease: float = DEFAULT_LEASE
    """Seconds without a sign of life after which the point of another host is free."""
    prune: Prune | None = None


def read_sweep(value: object) -> SweepSettings:
    """Read the setting."""
    found = fields(value, _SWEEP)
    if "copy" in found:
        found["copied"] = found.pop("copy")
    if "prune" in found:
        found["prune"] = _prune(found["prune"])
    return SweepSettings(**found)


def _count(value: object, *words: str) -> int | str:
    if isinstance(value, str) and value in words:
        return value
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Wrong(f"must be {', '.join(words)} or a number from 1 on")
    return value


def _duration(value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    seconds = seconds_of(str(value)) if is_number or isinstance(value, str) else None
    if seconds is None:
        raise Wrong("must be a time such as 90s, 15m or 2h")
    return seconds


def _prune(value: object) -> Prune:
    found = fields(value, _PRUNE, "prune")
    if "metric" not in found:
        raise Wrong("must say the metric by which runs are cut off", "prune")
    return Prune(**found)


def _pruner(value: object) -> str:
    if value not in PRUNERS:
        raise Wrong(f"must be one of {', '.join(PRUNERS)}")
    return str(value)


def _options(value: object) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise Wrong("must be a mapping")
    return value


_PRUNE: Mapping[str, Kind] = {
    "metric": text,
    "step": text,
    "file": text,
    "pruner": _pruner,
    "options": _options,
}
_SWEEP: Mapping[str, Kind] = {
    "jobs": lambda value: _count(value, "auto"),
    "threads": lambda value: _count(value, "auto", "keep"),
    "timeout": _duration,
    "copy": texts,
    "lease": _duration,
    "prune": lambda value: value,  # below, with its own name
}
