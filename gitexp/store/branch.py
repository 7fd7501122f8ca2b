"""The experiments branch: a history of its own, to which every run is added once."""

from __future__ import annotations

import contextlib

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.commits import write_commit
from gitexp.git.loose import write_loose
from gitexp.git.nearby import contains
from gitexp.git.refs import ABSENT, Move, Ref, RefMoved, list_branch, move
from gitexp.git.repository import Repository
from gitexp.git.signing import wants_signature
from gitexp.git.trees import object_oid, tree_oid
from gitexp.model.message import FROM_RUN_TRAILER, RUN_TRAILER
from gitexp.store.locks import locked

ROOT_MESSAGE = "The runs recorded by gitexp begin here\n"
JOIN_MESSAGE = "Runs of two clones come together here\n"
_ROOT_IDENTITY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "gitexp"), ("EMAIL", "gitexp@localhost"), ("DATE", "@0 +0000"))
}
_ROOT_LINES = "gitexp <gitexp@localhost> 0 +0000"
_ATTEMPTS = 100
"""How often a branch that others move without our lock is tried."""


class BranchUnusable(GitexpError):
    """The experiments branch cannot take a run."""


class Recorded(Struct, frozen=True):
    """A run's commit, and what did not go as it should."""

    oid: str
    parent: str
    warnings: tuple[str, ...] = ()


def check_branch(refs: list[Ref], name: str) -> str | None:
    """Return the tip of the branch, or None if it does not exist yet.

    Raises BranchUnusable if a branch `NAME/…` is in its way, or it is checked out.
    """
    ref = f"refs/heads/{name}"
    for found in refs:
        if found.name.startswith(f"{ref}/"):
            other = found.name.removeprefix("refs/heads/")
            raise BranchUnusable(
                f"branch '{other}' is in the way of '{name}', where runs are recorded",
                hint=f"Rename it with `git branch -m {other} NEW-NAME`, or set `branch:` in "
                "gitexp.yaml.",
            )
    tip = next((found for found in refs if found.name == ref), None)
    if tip is not None and tip.work_tree is not None:
        raise BranchUnusable(
            f"branch '{name}', where runs are recorded, is checked out in '{tip.work_tree}'",
            hint="Go back to your own branch with `git switch -`.",
        )
    return tip.oid if tip is not None else None


def root_commit(repository: Repository) -> str:
    """Write the commit with which the branch begins: the same oid in every clone."""
    tree = write_loose(repository, "tree", b"")
    if tree is None:  # not `mktree`, which prints an oid even if it cannot write the tree
        tree = repository.line("hash-object", "-w", "-t", "tree", "--stdin", stdin=b"")
    oid, _ = write_commit(
        repository, tree=tree, parents=(), message=ROOT_MESSAGE, identity=_ROOT_IDENTITY
    )
    return oid


def root_oid(object_format: str) -> str:
    """Return the oid of the root commit, known without a repository.

    >>> root_oid("sha1")
    '324234e86284aa78d581950651210c8d127554b6'
    """
    tree = tree_oid({}, object_format)
    lines = f"tree {tree}\nauthor {_ROOT_LINES}\ncommitter {_ROOT_LINES}\n\n{ROOT_MESSAGE}"
    return object_oid("commit", lines.encode(), object_format)


def check_ours(repository: Repository, branch: str, tip: str) -> None:
    """Raise BranchUnusable if the branch is an ordinary one, with a history of its own.

    If the last commit is a run, that is all that is looked at.
    """
    if ends_as_ours(repository, tip):
        return
    if repository.is_shallow:
        return  # its roots are wherever the clone ends
    root = root_oid(repository.object_format)
    if repository.line("rev-list", "--max-parents=0", tip).split() != [root]:
        raise BranchUnusable(
            f"branch '{branch}' holds things other than runs",
            hint="Name another one for the runs in gitexp.yaml, such as `branch: runs`.",
        )


def is_ours(commit: bytes) -> bool:
    """Return whether gitexp wrote a commit: a run, a join, a snapshot, a branch made of a run."""
    trailers = (RUN_TRAILER, FROM_RUN_TRAILER)
    return b"<gitexp@localhost>" in commit or any(
        f"\n{trailer}: ".encode() in commit for trailer in trailers
    )


def ends_as_ours(repository: Repository, tip: str) -> bool:
    """Return whether a commit is a run, a join or the root."""
    found = repository.objects.read(tip)
    commit = found.content if found is not None else b""
    return (
        f"\n{RUN_TRAILER}: ".encode() in commit
        or commit.endswith(f"\n\n{JOIN_MESSAGE}".encode())
        or tip == root_oid(repository.object_format)
    )


def usable_tip(repository: Repository, branch: str, refs: list[Ref]) -> str | None:
    """Return the tip of the branch, None if there is none; raises BranchUnusable."""
    tip = check_branch(refs, branch)
    if tip is not None:
        check_ours(repository, branch, tip)
    return tip


def add_commit(
    repository: Repository, branch: str, *, tree: str, message: str, done: tuple[Move, ...] = ()
) -> Recorded:
    """Add one commit to the branch and carry out the moves of `done` with it.

    Raises BranchUnusable, and RefMoved if another process has already carried out the moves
    of `done`.
    """
    lock = contextlib.nullcontext() if wants_signature(repository) else locked(repository)
    with lock:
        for _ in range(_ATTEMPTS):
            refs = list_branch(repository, branch)
            known = usable_tip(repository, branch, refs)
            tip = known or root_commit(repository)
            oid, warning = write_commit(repository, tree=tree, parents=[tip], message=message)
            moves = [Move(f"refs/heads/{branch}", new=oid, old=known or ABSENT), *done]
            recorded = Recorded(oid, tip, (warning,) if warning else ())
            try:
                move(repository, moves, reason="gitexp: record a run", waits=False)
            except RefMoved:
                if _is_on(repository, branch, oid):
                    return recorded  # git failed with half of it done
                if any(repository.objects.commit(one.ref) != one.old for one in done):
                    raise
            else:
                return recorded
    raise RefMoved(f"'{branch}' moved {_ATTEMPTS} times while a run was being recorded")


def _is_on(repository: Repository, branch: str, oid: str) -> bool:
    """Return whether a commit is on the branch, perhaps with others after it by now."""
    tip = repository.objects.commit(f"refs/heads/{branch}")
    return tip is not None and contains(repository, tip, oid)
