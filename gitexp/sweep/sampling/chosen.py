"""The sampler that a definition names."""

from __future__ import annotations

from gitexp.errors import GitexpError
from gitexp.sweep.sampling.grid import Grid
from gitexp.sweep.sampling.sampler import Sampler
from gitexp.sweep.sweep import Sweep


def sampler_of(sweep: Sweep) -> Sampler:
    """Return what chooses the points of a sweep."""
    if sweep.sampler == "grid":
        return Grid(sweep.space)
    raise GitexpError(f"this gitexp has no sampler '{sweep.sampler}'")
