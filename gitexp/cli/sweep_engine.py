"""`gitexp sweep --engine`: what goes with it, and how many runs it makes at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitexp.errors import GitexpError

_ELSEWHERE = {
    "gpus": (
        "`--gpus` names the GPUs of this host, and `--engine` runs on others",
        "Start workers with CUDA_VISIBLE_DEVICES set.",
    ),
    "slots": (
        "`--slot` names places on this host, and `--engine` runs on others",
        "Start workers with the variables set.",
    ),
    "copied": (
        "`-C` copies from this disk, which the workers of `--engine` do not see",
        "Install it where the workers run, or put it behind a pointer: `gitexp track`.",
    ),
    "follow": (
        "`--follow` reads a log on this disk, and `--engine` runs on other hosts",
        "`gitexp show` has the output of a run once it is recorded.",
    ),
    "is_agent": (
        "`--agent` makes runs on this host, and `--engine` makes them on others",
        "Leave out one of them.",
    ),
    "script": (
        "`--script` writes a script that starts agents, and `--engine` has none",
        "Leave out one of them.",
    ),
}


def engine_jobs(said: Mapping[str, Any], script: str | None) -> tuple[int, int | None]:
    """Return how many runs an engine makes at once: now, and at most.

    Raises GitexpError for options that are about this host, and if the engine is not there.
    """
    for name, (what, hint) in _ELSEWHERE.items():
        value = {**said, "script": script}.get(name)
        if value or (value is not None and name == "follow"):  # there is a point 0
            raise GitexpError(what, hint)
    from gitexp.sweep.remote.call import places_of  # noqa: PLC0415 - 20 ms, and a second for the engine

    places = places_of(said["engine"])
    if said["jobs"] in (None, "auto"):
        return max(1, places), None
    return int(said["jobs"]), int(said["jobs"])
