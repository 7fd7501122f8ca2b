"""Many runs put onto the experiments branch at once: one lock, one move of the branch."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from gitexp.git.fast_import import NewCommit, write_chain
from gitexp.git.refs import ABSENT, Move, RefMoved, list_refs, move
from gitexp.git.repository import Repository
from gitexp.store.branch import root_commit, usable_tip
from gitexp.store.locks import locked
from gitexp.store.own import IMPORTING
from gitexp.store.reading import runs_between

_ATTEMPTS = 10


def append_all(
    repository: Repository,
    branch: str,
    runs: Mapping[str, NewCommit],
    *,
    seen: str | None,
    tell: Callable[[str], None] | None = None,
) -> dict[str, str]:
    """Add runs by their id, in the order given, and return the oids of their commits by id.

    Those that came onto the branch since its tip was `seen` are left out. Either all arrive or
    none does; `tell` hears why some are not signed. Raises BranchUnusable if the branch is
    checked out or not ours.
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
            commits = list(new.values())
            oids = write_chain(repository, commits, parent=parent, ref=scratch, tell=tell)
            moves = [Move(ref, oids[-1], tip or ABSENT), Move(scratch, ABSENT, oids[-1])]
            try:
                move(repository, moves, reason=f"gitexp: import {len(oids)} runs")
            except RefMoved:
                repository.attempt("update-ref", "-d", scratch)
                continue
            return dict(zip(new, oids, strict=True))
    raise RefMoved(f"'{branch}' moved {_ATTEMPTS} times while runs were being imported")


def _remove_abandoned(repository: Repository) -> None:
    """Remove what an import that was killed has left behind; those under way hold the lock."""
    for left in list_refs(repository, IMPORTING):
        repository.attempt("update-ref", "-d", left.name, left.oid)
