"""Purges that somebody has signed whom git trusts in this clone.

What is signed is the commit of the notes that brought the purge. It counts if its message names the
purge, so that a signature on something else does not do, and if the purge was made for the history
that is here, so that one of another repository does not do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence

from gitexp.git.notes import NotesTree
from gitexp.git.repository import Repository
from gitexp.git.signatures import read_signatures
from gitexp.model.facts import events_in
from gitexp.model.message import trailers
from gitexp.model.purge import PURGE_TRAILER, Purge
from gitexp.store.branch import root_oid
from gitexp.store.own import NOTES

_ID = re.compile(r"[0-9a-f]{16}")
"""Of an event that gitexp wrote: it goes into a pattern."""


def roots_here(repository: Repository) -> frozenset[str]:
    """Return the first commits of the history that is checked out; none in a shallow clone."""
    if repository.is_shallow:
        return frozenset()
    listed = repository.attempt("rev-list", "--max-parents=0", "HEAD", "--")
    return frozenset(listed.stdout.decode().split()) if listed.returncode == 0 else frozenset()


def signed_purges(
    repository: Repository, purges: Sequence[Purge], tips: Iterable[str | None]
) -> list[Purge]:
    """Return those of the purges that a trusted signer has signed, whole and for this history."""
    wanted = {one.key: one for one in purges if one.roots and _ID.fullmatch(one.id)}
    ends = [tip for tip in tips if tip is not None]
    if not wanted or not ends:
        return []
    here = roots_here(repository)
    wanted = {key: one for key, one in wanted.items() if not here.isdisjoint(one.roots)}
    found = list(_commits(repository, {one.id for one in wanted.values()}, ends)) if wanted else []
    signatures = read_signatures(repository, [oid for oid, _ in found])
    signed = [_brought(repository, oid, event) for oid, event in found if signatures[oid].is_good]
    return [wanted[one.key] for one in signed if one is not None and one.key in wanted]


def _commits(
    repository: Repository, ids: Iterable[str], tips: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield the commits of the notes that say they bring one of these purges, with its id."""
    named = [f"--grep=^{PURGE_TRAILER}: {one}$" for one in sorted(ids)]
    form = "--format=%H%x00%B%x00"
    listed = repository.fields("rev-list", "--basic-regexp", *named, form, *tips, "--")
    for head in listed:
        oid = os.fsdecode(head).rpartition("\n")[2]
        yield oid, trailers(os.fsdecode(next(listed))).get(PURGE_TRAILER, "")


def _brought(repository: Repository, oid: str, event_id: str) -> Purge | None:
    """Return the one purge of that id in the notes of a commit.

    None if it holds anything else: a pull request could bring a file that looks like a note, and
    words for the commit that merges it, which a maintainer or the host signs.
    """
    tree = NotesTree(repository, NOTES, oid)
    if not tree.has_notes_alone():
        return None
    note = tree.read(root_oid(repository.object_format))
    purges = [Purge.of(event) for event in events_in(note) if event.id == event_id]
    return purges[0] if len(purges) == 1 else None
