"""What a person asks of a sweep, before it is held against the project."""

from __future__ import annotations

from msgspec import Struct

from gitexp.model.policy import Goal
from gitexp.sweep.sweep import SamplerName


class Asked(Struct, frozen=True):
    """The words of a command line that make a sweep what it is."""

    words: tuple[str, ...] = ()
    """The axes, in Hydra's grammar."""
    command: tuple[str, ...] = ()
    """Empty for that of the settings."""
    space_file: str | None = None
    points_file: str | None = None
    """'-' for stdin."""
    such_that: str | None = None
    fixed: tuple[str, ...] = ()
    """Overrides that all points have."""
    sampler: SamplerName | None = None
    options: tuple[str, ...] = ()
    """Of the sampler, as 'KEY=VALUE'."""
    points: int | None = None
    metrics: tuple[tuple[str, Goal | None], ...] = ()
    """What the sweep is after; None for the goal of the policy."""
    seed: int = 0
    repeat: int = 1
    repeat_key: str | None = None
    jobs: int = 1
    window: int | None = None
    name: str | None = None
    message: str = ""
    allow_secrets: bool = False
