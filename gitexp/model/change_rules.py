"""What a change may touch besides metrics, and how large models may grow, as values."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Allowance = Literal["allowed", "noted", "forbidden"]


class Budget(Struct, frozen=True):
    """How large one file or folder behind a pointer may be."""

    max_size: int | None = None
    """Bytes."""
    max_growth: float | None = None
    """How much it may grow, as a part of its old size."""
    max_growth_bytes: int | None = None


class ChangeRules(Struct, frozen=True):
    """The setting `review` of `gitexp.yaml`."""

    params: Allowance = "allowed"
    code: Allowance = "allowed"
    data: Allowance = "noted"
    """Inputs behind pointers; models and other outputs have budgets."""
    environment: Allowance = "noted"
    sizes: tuple[tuple[str, Budget], ...] = ()
    """Budgets by a pattern for paths, as in a `.gitignore`; the first that matches counts."""
