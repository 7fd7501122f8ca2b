"""The names of git's hooks, and how one stands."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

State = Literal["installed", "outdated", "overwritten", "not installed"]
"""`overwritten`: something else took the hook's place, and it is not what was there before."""


class HookState(Struct, frozen=True):
    """How one hook stands."""

    name: str
    state: State
    chained: str | None
    """What runs before it or around it, or in place of it."""


HOOKS = (
    "pre-commit",
    "prepare-commit-msg",
    "post-checkout",
    "post-merge",
    "post-rewrite",
    "pre-push",
)
"""Those in which gitexp has something to do."""

OTHERS = (
    "applypatch-msg",
    "commit-msg",
    "post-applypatch",
    "post-commit",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-merge-commit",
    "pre-rebase",
    "sendemail-validate",
)
"""Those in which somebody else may have something to do, now or later."""
