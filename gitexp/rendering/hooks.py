"""What `gitexp hooks status` shows: one line for each hook."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import asdict

from gitexp.hooks.names import HookState
from gitexp.rendering.table import Column, Document, Flat, Table

_COLUMNS = (Column("hook"), Column("state"), Column("chained", limit=0))


def hooks_document(states: Sequence[HookState]) -> Document:
    """Show hooks in their order, each with what runs besides."""
    return Document(
        data=lambda: [asdict(one) for one in states],
        flat=lambda: Flat(
            ("name", "state", "chained"),
            [(one.name, one.state, one.chained or "") for one in states],
        ),
        tables=lambda: [Table(_COLUMNS, [(one.name, one.state, _chained(one)) for one in states])],
    )


def _chained(hook: HookState) -> str:
    if hook.chained is None:
        return ""
    if hook.state == "overwritten":
        return f"by {hook.chained}; `gitexp hooks install {hook.name}` says what to do"
    return f"there is {hook.chained}" if hook.state == "not installed" else hook.chained
