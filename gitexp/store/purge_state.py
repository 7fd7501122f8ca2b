"""What this clone has done about purges, in a file of its own; if lost, the user is asked again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from msgspec import MsgspecError, Struct
from msgspec.json import decode, encode

from gitexp.git.repository import Repository
from gitexp.store.locks import held
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
    with contextlib.suppress(OSError, ValueError, RecursionError, MsgspecError):
        return decode(own_folder(repository).purged.read_bytes(), type=Done)
    return Done()


def note_done(repository: Repository, change: Callable[[Done], Done]) -> None:
    """Change what is written down: whole or not at all, and one process after the other."""
    path = own_folder(repository).made().purged
    with contextlib.ExitStack() as kept:
        with contextlib.suppress(OSError):  # a full disk
            kept.enter_context(held(path.with_suffix(".lock")))
        done = read_done(repository)
        changed = change(done)
        if changed != done:
            _write(path, changed)


def _write(path: Path, done: Done) -> None:
    temporary = path.with_suffix(".new")
    with contextlib.suppress(OSError):  # a full disk: it is looked at again next time
        temporary.write_bytes(encode(done, order="deterministic"))
        temporary.replace(path)
