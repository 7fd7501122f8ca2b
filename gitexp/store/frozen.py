"""Sweeps whose files are kept: which there are, whether they are over, and letting go of them."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from pathlib import Path

from msgspec import Struct

from gitexp.git.refs import ABSENT, Move, RefMoved, list_refs, move
from gitexp.git.repository import Repository
from gitexp.store.journal import Journal
from gitexp.store.own import SWEEPS, own_folder

DEFINITION = "sweep.json"
"""The definition, in the folder of a sweep."""
_OVER = "over"
"""Empty; there once a call has found nothing left to do."""
_FORGOTTEN = 14 * 86_400
"""Seconds after which a sweep that nobody went on with is taken for one that is over."""


class KeptSweep(Struct, frozen=True):
    """A sweep whose files are kept."""

    id: str
    name: str
    runs: int
    """How many runs of it are under way."""
    place: Path
    """Its folder."""
    is_over: bool
    """Whether nobody is at it, and nothing is left to do or nobody went on for two weeks."""


def kept_sweeps(repository: Repository) -> list[KeptSweep]:
    """Return the sweeps whose files are kept, by their ids."""
    claims = [entry.claim for entry in Journal(repository).entries() if entry.claim is not None]
    found = []
    for ref in list_refs(repository, SWEEPS):
        sweep_id = ref.name.removeprefix(SWEEPS)
        folder = own_folder(repository).sweeps / sweep_id
        runs = sum(claim.sweep == sweep_id for claim in claims)
        is_over = not runs and _is_over(folder)
        found.append(KeptSweep(sweep_id, _name(folder) or sweep_id, runs, folder, is_over))
    return found


def note_over(repository: Repository, sweep_id: str, *, is_over: bool) -> None:
    """Write down whether a sweep has anything left to do, as far as a call knows."""
    mark = own_folder(repository).sweeps / sweep_id / _OVER
    with contextlib.suppress(OSError):
        if is_over:
            mark.touch()
        else:
            mark.unlink(missing_ok=True)
            mark.parent.touch()


def is_noted_over(repository: Repository, sweep_id: str) -> bool:
    """Return whether a call, or a person, has said that nothing is to come of a sweep."""
    return (own_folder(repository).sweeps / sweep_id / _OVER).exists()


def thaw(repository: Repository, sweep_id: str) -> None:
    """Let go of the files of a sweep: none of its runs is to come, or they can be found again."""
    ref = f"{SWEEPS}{sweep_id}"
    oid = repository.objects.commit(ref)
    with contextlib.suppress(RefMoved):
        if oid is not None:
            move(repository, [Move(ref, new=ABSENT, old=oid)], reason="gitexp: a sweep is over")
    for place in own_folder(repository).sweeps.glob(f"{sweep_id}*"):  # of starts that were killed
        shutil.rmtree(place, ignore_errors=True)


def _is_over(folder: Path) -> bool:
    try:
        return (folder / _OVER).exists() or time.time() - folder.stat().st_mtime > _FORGOTTEN
    except OSError:  # the folder is gone: nobody can go on with the ref alone
        return True


def _name(folder: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        values = json.loads((folder / DEFINITION).read_bytes())
        name = values.get("name") if isinstance(values, dict) else None
        return name if isinstance(name, str) else ""
    return ""
