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
    """Their ids."""
    tip: str | None = None
    """The commit up to which the branch holds nothing of what they purged."""
    left: tuple[str, ...] = ()
    """The oids of what could not be deleted yet, because something here needs it."""
    content: frozenset[str] = frozenset()
    """The oids of what was at purged paths: no run may bring it back."""


def read_done(repository: Repository) -> Done:
    """Return what is written down; nothing if that cannot be read."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        values = json.loads(own_folder(repository).purged.read_bytes())
        return Done(
            frozenset(values["purges"]),
            values["tip"],
            tuple(values["left"]),
            frozenset(values["content"]),
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
    }
    with contextlib.suppress(OSError):  # a full disk: it is looked at again next time
        temporary.write_text(json.dumps(values))
        temporary.replace(path)
