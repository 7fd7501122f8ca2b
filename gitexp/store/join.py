"""Bringing together the runs of two clones: the same commit, whoever makes it."""

from __future__ import annotations

import os
import re

from msgspec import Struct

from gitexp.git.commits import write_commit
from gitexp.git.nearby import contains
from gitexp.git.refs import ABSENT, Move, RefMoved, list_refs, move
from gitexp.git.repository import Repository
from gitexp.store.branch import (
    JOIN_MESSAGE,
    BranchUnusable,
    check_branch,
    check_ours,
    ends_as_ours,
    root_oid,
)
from gitexp.store.locks import locked
from gitexp.store.own import NOTES, joining_notes

_ATTEMPTS = 100
_COMMITTER = re.compile(rb"^committer .*> (\d+) ([+-]\d{4})$", re.MULTILINE)
_NAMED = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "gitexp"), ("EMAIL", "gitexp@localhost"))
}


class Advanced(Struct, frozen=True):
    """How far a branch has moved."""

    old: str | None
    new: str


def join(repository: Repository, one: str, other: str) -> str:
    """Return the commit that has the runs of both tips.

    That is one of the two if it contains the other. Else it is a merge that no ref points
    at yet, and of which every part follows from the tips.
    """
    if contains(repository, one, other):
        return one
    if contains(repository, other, one):
        return other
    dates = {tip: _date(repository, tip) for tip in sorted((one, other))}
    newer = max(dates, key=lambda tip: (dates[tip][0], tip))
    seconds, zone = dates[newer]
    date = f"@{seconds} {zone}"
    oid, _ = write_commit(
        repository,
        tree=f"{newer}^{{tree}}",
        parents=list(dates),
        message=JOIN_MESSAGE,
        identity={**_NAMED, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date},
    )
    return oid


def advance(repository: Repository, branch: str, other: str) -> Advanced:
    """Move the branch on so that it has the runs of `other` as well.

    Raises BranchUnusable if it would have to move and cannot: it is checked out, say.
    """
    ref = f"refs/heads/{branch}"
    with locked(repository):
        for _ in range(_ATTEMPTS):
            refs = list_refs(repository, ref)
            old = next((found.oid for found in refs if found.name == ref), None)
            if old is not None and contains(repository, old, other):
                return Advanced(old, old)
            check_branch(refs, branch)
            if old is not None:
                check_ours(repository, branch, old)
            new = other if old is None else join(repository, old, other)
            try:
                move(repository, [Move(ref, new, old or ABSENT)], reason="gitexp: join runs")
            except RefMoved:
                continue
            return Advanced(old, new)
    raise RefMoved(f"'{branch}' moved {_ATTEMPTS} times while runs were being joined")


def check_theirs(repository: Repository, branch: str, remote: str, tip: str) -> None:
    """Raise BranchUnusable if a remote's branch does not begin as the runs of gitexp do."""
    if ends_as_ours(repository, tip):
        return
    roots = repository.line("rev-list", "--max-parents=0", tip).split()
    if root_oid(repository.object_format) not in roots:
        raise BranchUnusable(
            f"branch '{branch}' of '{remote}' holds things other than runs",
            hint="Name another one for the runs in gitexp.yaml, such as `remote_branch: runs`.",
        )


def join_notes(repository: Repository, one: str | None, other: str | None) -> str | None:
    """Return the notes that have the lines of both, sorted and each once; None without any."""
    if one is None or other is None or one == other:
        return one or other
    if contains(repository, one, other):
        return one
    if contains(repository, other, one):
        return other
    one, other = sorted((one, other))
    scratch = joining_notes(os.urandom(8).hex())
    move(repository, [Move(scratch, one, ABSENT)], reason="gitexp: join notes")
    date = max(_date(repository, tip) for tip in (one, other))
    fixed = {f"GIT_{role}_DATE": f"@{date[0]} {date[1]}" for role in ("AUTHOR", "COMMITTER")}
    try:
        merge = ("notes", f"--ref={scratch}", "merge", "--quiet", "--strategy=cat_sort_uniq")
        repository.git(*merge, other, env={**_NAMED, **fixed})
        joined = repository.line("rev-parse", scratch)
        # the message names the scratch ref: the commit is written again with one that is fixed
        tree, parents = f"{joined}^{{tree}}", (one, other)
        identity = {**_NAMED, **fixed}
        oid, _ = write_commit(
            repository, tree=tree, parents=parents, message=JOIN_MESSAGE, identity=identity
        )
    finally:
        repository.attempt("update-ref", "-d", scratch)
    return oid


def advance_notes(repository: Repository, other: str | None) -> None:
    """Add what `other` has to the notes that are here."""
    for _ in range(_ATTEMPTS):
        old = repository.objects.commit(NOTES)
        new = join_notes(repository, old, other)
        if new is None or new == old:
            return
        try:
            move(repository, [Move(NOTES, new, old or ABSENT)], reason="gitexp: join notes")
        except RefMoved:
            continue
        return
    raise RefMoved(f"the notes moved {_ATTEMPTS} times while they were being joined")


def _date(repository: Repository, tip: str) -> tuple[int, str]:
    commit = repository.objects.read(tip)
    match = _COMMITTER.search(commit.content) if commit is not None else None
    return (int(match[1]), os.fsdecode(match[2])) if match else (0, "+0000")
