"""What a change may touch besides metrics, and how large models may grow, as values."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal

from msgspec import Struct

from gitexp.model.policy import name_pattern

Allowance = Literal["allowed", "noted", "forbidden"]
Signing = Literal["optional", "required"]


class Budget(Struct, frozen=True):
    """How large one file or folder behind a pointer may be."""

    max_size: int | None = None
    """Bytes."""
    max_growth: float | None = None
    """How much it may grow, as a part of its old size."""
    max_growth_bytes: int | None = None


class ChangeRules(Struct, frozen=True, dict=True):
    """The setting `review` of `gitexp.yaml`."""

    params: Allowance = "allowed"
    code: Allowance = "allowed"
    data: Allowance = "noted"
    """Inputs behind pointers; models and other outputs have budgets."""
    environment: Allowance = "noted"
    sizes: tuple[tuple[str, Budget], ...] = ()
    """Budgets by a pattern for paths, as in a `.gitignore`; the first that matches counts."""
    seeds: tuple[str, ...] = ("*seed", "*random_state")
    """Params that do not make a run a different one: runs that differ only in them are repeats."""

    signatures: Signing = "optional"
    """Whether the run behind a result has to be signed by somebody whom git trusts here."""

    def is_seed(self, param: str) -> bool:
        """Return whether a param, by its flat name, is one of the seeds.

        >>> ChangeRules().is_seed("train.seed"), ChangeRules().is_seed("seeds")
        (True, False)
        """
        return any(pattern.fullmatch(param) for pattern in self._seeds)

    @cached_property
    def _seeds(self) -> list[re.Pattern[str]]:
        return list(map(name_pattern, self.seeds))
