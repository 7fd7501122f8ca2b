"""Runs from here and there on a branch, tied together so that they read like a branch."""

from __future__ import annotations

from collections.abc import Sequence

from gitexp.git.commits import write_commit
from gitexp.git.repository import Repository
from gitexp.store.branch import JOIN_MESSAGE
from gitexp.store.own import IDENTITY


def tied(repository: Repository, tips: Sequence[str]) -> str:
    """Return a commit, on no ref, that has the commits of all tips, the newest of which is last.

    Git lists what the last parent has before what the others have: so the order of the branch
    stays that of the runs.
    """
    parents = list(dict.fromkeys(tips))
    if len(parents) == 1:
        return parents[0]
    oid, _ = write_commit(
        repository,
        tree=f"{parents[-1]}^{{tree}}",
        parents=parents,
        message=JOIN_MESSAGE,
        identity={**IDENTITY, "GIT_AUTHOR_DATE": "@0 +0000", "GIT_COMMITTER_DATE": "@0 +0000"},
    )
    return oid
