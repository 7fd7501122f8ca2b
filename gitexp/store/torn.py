"""Runs whose entry in the journal a disk has damaged: their pieces are there all the same."""

from __future__ import annotations

from datetime import datetime, timezone

from gitexp.git.repository import Repository
from gitexp.model.paths import TopPath
from gitexp.store.journal import BEGUN, Entry, Journal
from gitexp.store.own import own_folder
from gitexp.store.processes import Place

_NOBODY = Place("", "", "", "", 0, "")
"""Nothing is known of the processes."""


def torn(repository: Repository) -> list[str]:
    """Return the ids of runs whose command has begun, and whose entry cannot be read."""
    own = own_folder(repository)
    known = {entry.id for entry in Journal(repository).entries()}
    there = sorted(path.stem for path in own.journal.glob("*.json"))
    return [one for one in there if one not in known and (own.runs / one / BEGUN).exists()]


def entry_again(repository: Repository, run_id: str, name: str, folder: TopPath) -> Entry:
    """Return an entry for such a run, as one of this work tree and project."""
    begun = (own_folder(repository).runs / run_id / BEGUN).stat().st_mtime
    since = datetime.fromtimestamp(begun, timezone.utc).isoformat()
    return Entry(run_id, name, str(repository.top), folder, folder, since, _NOBODY)
