"""The names of git's hooks, and how one stands."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

State = Literal["installed", "outdated", "not installed"]


class HookState(Struct, frozen=True):
    """How one hook stands."""

    name: str
    state: State
    chained: str | None
    """What runs before it, or around it."""


HOOKS = {
    "pre-commit": "what is staged is readable and small, and its data is somewhere",
    "prepare-commit-msg": "the changes of metrics, in the message to be edited",
    "post-checkout": "the data behind pointers that changed",
    "post-merge": "the same after a merge",
    "post-rewrite": "the same after a rebase",
    "pre-push": "data goes first, and what is pushed is checked",
}
"""Those that gitexp has something to do in, and what."""

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
