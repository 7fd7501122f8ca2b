"""What this clone has done about purges, in a file of its own; if lost, it is found out again."""

from __future__ import annotations

import contextlib
import json

from msgspec import Struct

from gitexp.git.repository import Repository
from gitexp.store.own import own_folder


class Done(Struct, frozen=True):
    """Which purges were carried out here, and what came of it."""

    purges: frozenset[str] = frozenset()
    """Their keys; ids, where an older gitexp wrote them down."""
    tip: str | None = None
    """The commit up to which the branch holds nothing of what they purged."""
    left: tuple[str, ...] = ()
    """The oids of what could not be deleted yet, because something here needs it."""
    content: frozenset[str] = frozenset()
    """The oids of what was at purged paths: no run may bring it back."""
    accepted: frozenset[str] = frozenset()
    """The keys of purges that are obeyed here: of our own, of trusted signers, agreed to."""
    refused: frozenset[str] = frozenset()
    """The keys of those that the user does not want to obey."""
    looked: frozenset[str] = frozenset()
    """The keys of those that take nothing here, and so were not asked about."""
    looked_tip: str | None = None
    """The commit up to which they take nothing."""


def read_done(repository: Repository) -> Done:
    """Return what is written down; nothing if that cannot be read."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        values = json.loads(own_folder(repository).purged.read_bytes())
        sets = {
            name: frozenset(values.get(name, ()))
            for name in ("purges", "content", "accepted", "refused", "looked")
        }
        return Done(
            tip=values["tip"],
            left=tuple(values["left"]),
            looked_tip=values.get("looked_tip"),
            **sets,
        )
    return Done()


def write_done(repository: Repository, done: Done) -> None:
    """Write it down, whole or not at all."""
    path = own_folder(repository).made().purged
    temporary = path.with_suffix(".new")
    values = {
        "purges": sorted(done.purges),
        "tip": done.tip,
        "left": list(done.left),
        "content": sorted(done.content),
        "accepted": sorted(done.accepted),
        "refused": sorted(done.refused),
        "looked": sorted(done.looked),
        "looked_tip": done.looked_tip,
    }
    with contextlib.suppress(OSError):  # a full disk: it is looked at again next time
        temporary.write_text(json.dumps(values))
        temporary.replace(path)
