"""What a person asks of a sweep, before it is held against the project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from gitexp.model.policy import Goal
from gitexp.sweep.sweep import PrunerName, SamplerName


class Asked(Struct, frozen=True):
    """The words of a command line that make a sweep what it is."""

    words: tuple[str, ...] = ()
    """The axes, in Hydra's grammar."""
    axes: Mapping[str, Any] = field(default_factory=dict)
    """More of them, as a space file has them."""
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
    prune_on: str | None = None
    """The value by which runs are cut off; None for what the settings say."""
    prune_step: str | None = None
    prune_file: str | None = None
    pruner: PrunerName | None = None
    prune_options: tuple[str, ...] = ()
    """Of the pruner, as 'KEY=VALUE'."""
    no_prune: bool = False
    """Whether no run is cut off, whatever the settings say."""
    seed: int = 0
    repeat: int = 1
    repeat_key: str | None = None
    jobs: int = 1
    window: int | None = None
    name: str | None = None
    message: str = ""
    expect: str | None = None
    """What each run is expected to show."""
    allow_secrets: bool = False
