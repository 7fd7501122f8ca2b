"""What a call of a sweep says beside its definition: it may differ from call to call."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Again = Literal["failed", "all"]


class SweepOptions(Struct, frozen=True):
    """How a sweep is worked on; settings are in it already where the command line said nothing."""

    points: int | None = None
    """How many points are wanted; None for all of a grid."""
    jobs: int = 1
    """How many agents."""
    slots: tuple[str, ...] = ()
    """What tells the places of agents apart, as 'VAR=VALUE …', one for each; else all are alike."""
    threads: int | Literal["auto", "keep"] = "auto"
    """Numerical threads of a command: cores by jobs, those that are set anyway, or a number."""
    asap: bool = False
    """Whether results are used as they come, whatever the window."""
    timeout: float | None = None
    """Seconds for each run."""
    max_time: float | None = None
    """Seconds after which no run of this call is started any more."""
    max_failures: int | None = None
    """How many failures end this call; None: only where the first three points all failed."""
    again: Again | None = None
    """Which settled points are run again."""
    lease: float = 600.0
    """Seconds without a sign of life after which the point of another host is free."""
    count: int | None = None
    """How many runs an agent makes before it ends."""
    copied: tuple[str, ...] = ()
    """Ignored paths that every run gets a copy of."""
    is_agent: bool = False
    """Whether to be one agent, without a screen, for a sweep that has begun."""
    follow: int | None = None
    """The number of the point whose output is shown."""
    as_json: bool = False
    engine: str | None = None
    """What starts runs on hosts that do not see the repository, as 'dask:ADDRESS'."""
    at_once: int | None = None
    """How many runs an engine makes at once; None for as many as it has places for."""
    allow_secrets: bool = False
