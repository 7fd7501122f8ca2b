"""Points of sweeps that are taken: a file beside the journal's entry of each run that is one.

An older gitexp reads the entry, knows nothing of the file, and removes both together.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import MsgspecError, Struct, convert, to_builtins

from gitexp.git.repository import Repository
from gitexp.model.values import dumps, loads
from gitexp.store.journal import Entry, Journal
from gitexp.store.own import own_folder

if TYPE_CHECKING:
    from gitexp.model.values import Value
else:
    Value = Any  # a type that names itself is more than msgspec can read back


class Claim(Struct, frozen=True):
    """Which point of a sweep a run under way is."""

    run_id: str
    sweep: str
    """The id of the sweep."""
    number: int
    repeat: int = 1
    attempt: int = 1
    values: Mapping[str, Value] | None = None
    """None until they are worked out."""


class Taken(Struct, frozen=True):
    """A claim with the entry of its run."""

    claim: Claim
    entry: Entry
    age: float
    """Seconds since it last gave a sign of life, by the clock of the file system."""

    @property
    def is_silent_after(self) -> float | None:
        """Its age if nothing can be seen of its processes from here; None if they can."""
        seen = self.entry.owner.is_gone or self.entry.living is not None
        return None if seen else self.age


def write_claim(repository: Repository, claim: Claim) -> None:
    """Write or replace a claim, whole or not at all; before its entry, which makes it count."""
    path = _path(repository, claim.run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".sweep-{os.getpid()}")
    temporary.write_text(dumps(to_builtins(claim)))
    temporary.replace(path)


def touch_claim(repository: Repository, run_id: str) -> None:
    """Give a sign of life; nothing comes of it once the run is recorded."""
    with contextlib.suppress(OSError):
        os.utime(_path(repository, run_id))


def claims(repository: Repository, sweep: str) -> list[Taken]:
    """Return the points of a sweep that are taken, with what is known of who has taken them."""
    found = []
    paths = {path.stem: path for path in own_folder(repository).journal.glob("*.sweep")}
    if not paths:
        return []
    now = _now(repository)
    for entry in Journal(repository).entries():
        claim = _read(paths[entry.id]) if entry.id in paths else None
        if claim is not None and claim.sweep == sweep:
            with contextlib.suppress(OSError):  # recorded meanwhile
                age = now - paths[entry.id].stat().st_mtime
                found.append(Taken(claim, entry, age))
    return found


def sweeps_under_way(repository: Repository) -> set[str]:
    """Return the ids of the sweeps of which a point is taken."""
    journal = own_folder(repository).journal
    found = (_read(path) for path in journal.glob("*.sweep"))
    return {claim.sweep for claim in found if claim is not None}


def _now(repository: Repository) -> float:
    """Return the time by the clock of the file system, which other hosts may set as well.

    Ours may go wrong by more than a lease.
    """
    clock = own_folder(repository).sweeps / "clock"
    clock.parent.mkdir(parents=True, exist_ok=True)
    clock.touch()
    os.utime(clock)
    return clock.stat().st_mtime


def _path(repository: Repository, run_id: str) -> Path:
    return own_folder(repository).journal / f"{run_id}.sweep"


def _read(path: Path) -> Claim | None:
    with contextlib.suppress(OSError, ValueError, MsgspecError):
        return convert(loads(path.read_text()), Claim)
    return None
