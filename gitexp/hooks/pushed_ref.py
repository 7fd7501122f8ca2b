"""One ref of a push, as git gives it to `pre-push`."""

from __future__ import annotations

from msgspec import Struct

_HEADS = "refs/heads/"


class PushedRef(Struct, frozen=True):
    """One ref of a push."""

    local: str
    oid: str
    remote: str
    """What it is called on the other side."""
    remote_oid: str
    """Zeros for a new one."""

    @property
    def is_deleted(self) -> bool:
        return not self.oid.strip("0")

    @property
    def branch(self) -> str | None:
        """The branch on the other side, if it is one."""
        is_branch = self.remote.startswith(_HEADS)
        return self.remote.removeprefix(_HEADS) if is_branch else None
