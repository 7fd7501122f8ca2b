"""The names of git's hooks, and how one stands."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

State = Literal["installed", "outdated", "overwritten", "not installed"]
"""`overwritten` is a hook that something else took the place of, and not what was there before."""


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
"""Those that gitexp has something to do in."""

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
"""Those that somebody else may have something to do in, now or later."""
