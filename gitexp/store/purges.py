"""What was purged, as every clone learns of it: events in the notes, on the root of the branch.

A clone that learns of a purge carries it out on its own branch before it joins or sends anything.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from gitexp.git.nearby import contains
from gitexp.git.notes import NotesTree
from gitexp.git.refs import ABSENT, Move, RefMoved, list_refs, move
from gitexp.git.repository import Repository
from gitexp.git.unreachable import delete_unreachable, expire_reflog, stored_that_may_go
from gitexp.model.facts import Event, events_in
from gitexp.model.purge import PURGE, PURGE_TRAILER, Purge
from gitexp.settings.config import Config
from gitexp.store.branch import check_branch, is_ours, root_oid
from gitexp.store.facts import append_to_branch
from gitexp.store.locks import locked
from gitexp.store.mirror import unmirror
from gitexp.store.own import NOTES, PENDING
from gitexp.store.purge_state import note_done, read_done
from gitexp.store.rewriting import Rewritten, rewrite

_ATTEMPTS = 100
_CARRIED_OUT = ("purges", "tip", "left", "content")


def purges_at(repository: Repository, *tips: str | None) -> tuple[Purge, ...]:
    """Return the purges that commits of the notes ref contain, the oldest first."""
    root = root_oid(repository.object_format)
    found: dict[str, Purge] = {}
    for tip in dict.fromkeys(tips):
        note = NotesTree(repository, NOTES, tip).read(root) if tip is not None else b""
        purges = filter(None, map(Purge.of, events_in(note)))
        found |= {purge.key: purge for purge in purges}
    return tuple(sorted(found.values(), key=lambda purge: (purge.time, purge.key)))


def announce(repository: Repository, purge: Purge, *, message: str) -> str | None:
    """Write a purge down for every clone to read, signed where the user's commits are.

    Returns why it is not signed, if it should be. From then on it is obeyed here.
    """

    def ours(event: Event) -> None:
        told = Purge.of(event)
        assert told is not None  # made just now
        accept(repository, [told])

    return append_to_branch(
        repository, PURGE, purge.value, message=message, trailer=PURGE_TRAILER, before=ours
    )


def accept(repository: Repository, purges: Iterable[Purge]) -> None:
    """Note that purges are to be obeyed here."""
    keys = frozenset(purge.key for purge in purges)
    note_done(
        repository,
        lambda done: replace(done, accepted=done.accepted | keys, refused=done.refused - keys),
    )


def refuse(repository: Repository, purges: Iterable[Purge]) -> None:
    """Note that purges are not to be obeyed here."""
    keys = frozenset(purge.key for purge in purges)
    note_done(repository, lambda done: replace(done, refused=done.refused | keys))


def adopt_older(repository: Repository) -> None:
    """Take for agreed to what an older gitexp has carried out, as the notes here have it."""
    ids = frozenset(one for one in read_done(repository).purges if ":" not in one)
    if ids:
        known = purges_at(repository, repository.objects.commit(NOTES))
        keys = frozenset(purge.key for purge in known if purge.id in ids)
        note_done(repository, lambda done: replace(done, purges=(done.purges - ids) | keys))


def obeyed_among(repository: Repository, purges: Iterable[Purge]) -> tuple[Purge, ...]:
    """Return the purges that are obeyed here, as far as that is decided."""
    done = read_done(repository)
    known = done.purges | done.accepted
    return tuple(purge for purge in purges if purge.key in known)


def purged_runs(repository: Repository) -> frozenset[str]:
    """Return the ids of runs that purges have taken out, by those that are obeyed here."""
    known = purges_at(repository, repository.objects.commit(NOTES))
    return frozenset().union(*(purge.runs for purge in obeyed_among(repository, known)))


def clean_branch(repository: Repository, branch: str, purges: Sequence[Purge]) -> Rewritten | None:
    """Take what was purged out of the branch that is here; None if there is no branch.

    Raises BranchUnusable if the branch would have to move and cannot.
    """
    ref = f"refs/heads/{branch}"
    with locked(repository):
        for _ in range(_ATTEMPTS):
            tip = repository.objects.commit(ref)
            if tip is None:
                return None
            found = rewrite(repository, tip, _clean_until(repository, purges, tip), purges)
            if found.tip == tip:
                if not not_done(repository, purges):
                    _note_done(repository, purges, tip, read_done(repository).left)
                return found
            refs = list_refs(repository, ref, PENDING)
            check_branch(refs, branch)
            waiting = {f"{PENDING}{run}" for purge in purges for run in purge.runs}
            gone = [Move(one.name, ABSENT, one.oid) for one in refs if one.name in waiting]
            with contextlib.suppress(RefMoved):
                moves = [Move(ref, found.tip, tip), *gone]
                move(repository, moves, reason="gitexp: purge")
                mirrors = unmirror(repository, found.dropped | found.stripped)
                return replace(found, mirrors=tuple(mirrors))
    raise RefMoved(f"'{branch}' moved {_ATTEMPTS} times while runs were being purged")


def not_done(repository: Repository, purges: Sequence[Purge]) -> tuple[Purge, ...]:
    """Return the purges that were not carried out in this clone yet."""
    done = read_done(repository).purges
    return tuple(purge for purge in purges if purge.key not in done)


def forget_dead(
    repository: Repository, config: Config, purges: Sequence[Purge], tips: Iterable[str]
) -> list[str]:
    """Delete what was purged, and the history of those tips, as far as no ref here needs it.

    A list may name any object, but of commits only ours go: a user's lost commit stays. Returns the
    oids of purged content that is still here, for which it can be tried again.
    """
    named = sorted(frozenset().union(*(purge.dead for purge in purges)))
    dead = stored_that_may_go(repository, named, is_ours)
    mine, theirs = f"refs/heads/{config.branch}", f"refs/remotes/*/{config.branch_on_remotes}"
    expire_reflog(repository, [found.name for found in list_refs(repository, mine, theirs)])
    delete_unreachable(repository, [*dead, *tips], is_ours)
    left = stored_that_may_go(repository, dead, is_ours)
    _note_done(repository, purges, repository.objects.commit(mine), left)
    return left


def holding(repository: Repository, oids: Iterable[str], branch: str) -> list[str]:
    """Return the refs, the experiments branch apart, from which some of the objects are reached."""
    wanted = set(oids)
    mine = f"refs/heads/{branch}"
    options = ("--objects", "--no-object-names", "--missing=allow-any")
    found = []
    for ref in list_refs(repository):
        if ref.name != mine:
            listed = repository.line("rev-list", *options, ref.oid, "--not", mine)
            if not wanted.isdisjoint(listed.split()):
                found.append(ref.name)
    return found


def _note_done(
    repository: Repository, purges: Sequence[Purge], tip: str | None, left: Sequence[str]
) -> None:
    content = (purge.dead for purge in purges if purge.paths)
    keys = frozenset(purge.key for purge in purges)
    found = (keys, tip, tuple(left), frozenset().union(*content))
    changes = dict(zip(_CARRIED_OUT, found, strict=True))
    note_done(repository, lambda done: replace(done, **changes))


def _clean_until(repository: Repository, purges: Sequence[Purge], tip: str) -> str | None:
    """Return the commit up to which the branch is known to hold nothing purged."""
    done = read_done(repository)
    if done.tip is None or not done.purges.issuperset(purge.key for purge in purges):
        return None
    there = repository.objects.commit(done.tip) is not None
    return done.tip if there and contains(repository, tip, done.tip) else None
