"""How the tests of the import make experiments as DVC leaves them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Experiment(Protocol):
    """Make an experiment: `experiment("name", {"metrics.json": "{}"})`; return its oid.

    `parent` is an earlier checkpoint of it.
    """

    def __call__(
        self,
        name: str,
        files: Mapping[str, str] | None = None,
        *,
        baseline: str = "HEAD",
        parent: str | None = None,
        message: str | None = None,
    ) -> str: ...
