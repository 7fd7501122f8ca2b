"""Many runs put onto the experiments branch at once: one lock, one move of the branch."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping

from gitexp.git.commit_objects import CommitObject
from gitexp.git.fast_import import NewCommit, write_chain
from gitexp.git.refs import ABSENT, Move, RefMoved, list_refs, move
from gitexp.git.repository import Repository
from gitexp.store.branch import root_commit, usable_tip
from gitexp.store.locks import locked
from gitexp.store.own import IMPORTING
from gitexp.store.reading import runs_between

_ATTEMPTS = 10


def append_all(
    repository: Repository, branch: str, runs: Mapping[str, NewCommit], *, seen: str | None
) -> dict[str, str]:
    """Add runs by their id, in the order given, and return the oids of their commits by id.

    Those that came onto the branch since its tip was `seen` are left out. Either all arrive or
    none does. Raises BranchUnusable if the branch is checked out or not ours.
    """
    ref = f"refs/heads/{branch}"
    with locked(repository):
        _remove_abandoned(repository)
        for _ in range(_ATTEMPTS):
            tip = usable_tip(repository, branch, list_refs(repository, ref))
            came = tip is not None and tip != seen
            there = {run.id for run in runs_between(repository, seen, tip)} if came and tip else ()
            new = {run_id: commit for run_id, commit in runs.items() if run_id not in there}
            if not new:
                return {}
            scratch = f"{IMPORTING}{secrets.token_hex(8)}"
            parent = tip or root_commit(repository)
            oids = write_chain(repository, list(new.values()), parent=parent, ref=scratch)
            moves = [Move(ref, oids[-1], tip or ABSENT), Move(scratch, ABSENT, oids[-1])]
            try:
                move(repository, moves, reason=_reason(new))
            except RefMoved:
                repository.attempt("update-ref", "-d", scratch)
                continue
            return dict(zip(new, oids, strict=True))
    raise RefMoved(f"'{branch}' moved {_ATTEMPTS} times while runs were being imported")


def append_stream(
    repository: Repository, branch: str, runs: Iterable[tuple[str, NewCommit]]
) -> dict[str, str]:
    """Add runs with their ids, as `append_all` does, that are made one by one.

    They are written before the lock is taken, however long that takes: what comes onto the
    branch meanwhile is kept, and what of it is the same run counts. Either all arrive or none.
    """
    ref = f"refs/heads/{branch}"
    tip = usable_tip(repository, branch, list_refs(repository, ref))
    ids: list[str] = []

    def commits() -> Iterator[NewCommit]:
        for run_id, commit in runs:
            ids.append(run_id)
            yield commit

    scratch = f"{IMPORTING}{secrets.token_hex(8)}"
    parent = tip or root_commit(repository)
    oids = write_chain(repository, commits(), parent=parent, ref=scratch)
    made = dict(zip(ids, oids, strict=True))
    if not made:
        return {}
    try:
        with locked(repository):
            if repository.objects.commit(ref) == tip:
                try:
                    move(repository, [Move(ref, oids[-1], tip or ABSENT)], reason=_reason(made))
                except RefMoved:
                    pass
                else:
                    return made
        again = {run_id: _again(repository, oid) for run_id, oid in made.items()}
        return append_all(repository, branch, again, seen=tip)
    finally:
        repository.attempt("update-ref", "-d", scratch)


def _reason(runs: Mapping[str, object]) -> str:
    return f"gitexp: import {len(runs)} runs"


def _again(repository: Repository, oid: str) -> NewCommit:
    """Return a commit as one to be written on top of another parent."""
    found = repository.objects.read(oid)
    assert found is not None
    commit = CommitObject.parse(found.content)
    people = dict(line.split(b" ", 1) for line in commit.headers.split(b"\n"))
    message = commit.message.decode(errors="surrogateescape")
    return NewCommit(commit.tree, {}, message, people[b"author"], people[b"committer"])


def _remove_abandoned(repository: Repository) -> None:
    """Remove what an import that was killed has left behind; those under way hold the lock."""
    for left in list_refs(repository, IMPORTING):
        repository.attempt("update-ref", "-d", left.name, left.oid)
