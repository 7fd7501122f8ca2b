"""The experiments branch: a history of its own, to which every run is added once."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.commits import wants_signature, write_commit
from gitexp.git.refs import ABSENT, Move, Ref, RefMoved, list_refs, move
from gitexp.git.repository import Repository
from gitexp.git.trees import object_oid, tree_oid

PENDING = "refs/gitexp/pending/"
"""Where runs wait whose branch could not be moved."""

ROOT_MESSAGE = "The runs recorded by gitexp begin here\n"
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


@dataclass(frozen=True)
class Recorded:
    """A run's commit, and what did not go as it should."""

    oid: str
    parent: str
    warnings: tuple[str, ...] = ()


def check_branch(refs: list[Ref], name: str) -> str | None:
    """Return the tip of the branch, or None if it does not exist yet.

    Raises BranchUnusable where a branch `NAME/…` is in its way, or it is checked out.
    """
    ref = f"refs/heads/{name}"
    for found in refs:
        if found.name.startswith(f"{ref}/"):
            other = found.name.removeprefix("refs/heads/")
            raise BranchUnusable(
                f"branch '{other}' is in the way of '{name}', on which runs are recorded",
                hint=f"Rename it with `git branch -m {other} NEW-NAME`, or set `branch:` in "
                "gitexp.yaml.",
            )
    tip = next((found for found in refs if found.name == ref), None)
    if tip is not None and tip.work_tree is not None:
        raise BranchUnusable(
            f"branch '{name}', on which runs are recorded, is checked out in '{tip.work_tree}'",
            hint="Go back to your own branch with `git switch -`.",
        )
    return tip.oid if tip is not None else None


def root_commit(repository: Repository) -> str:
    """Write the commit with which the branch begins: the same oid in every clone."""
    tree = repository.line("mktree", stdin=b"")
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
    """Raise BranchUnusable where the branch is an ordinary one, with a history of its own."""
    if (repository.common_dir / "shallow").exists():
        return  # its roots are wherever the clone ends
    roots = repository.line("rev-list", "--max-parents=0", tip).split()
    if roots != [root_oid(repository.object_format)]:
        raise BranchUnusable(
            f"branch '{branch}' holds other things than runs",
            hint="Name another one for the runs in gitexp.yaml, such as `branch: runs`.",
        )


def append(
    repository: Repository,
    branch: str,
    *,
    tree: str,
    message: str,
    run_id: str,
    done: tuple[Move, ...] = (),
) -> Recorded:
    """Add one commit to the branch and carry out the moves of `done` with it.

    A branch that was checked out meanwhile, or otherwise cannot be moved, costs nothing:
    the run then waits under `refs/gitexp/pending/`.
    """

    def attempt() -> Recorded:
        try:
            tip = check_branch(_refs(repository, branch), branch) or root_commit(repository)
        except BranchUnusable as unusable:
            return _wait(repository, branch, tree, message, run_id, done, str(unusable))
        oid, warning = write_commit(repository, tree=tree, parents=[tip], message=message)
        _advance(repository, branch, oid, tip, done)
        return Recorded(oid, tip, (warning,) if warning else ())

    lock = contextlib.nullcontext() if wants_signature(repository) else locked(repository)
    with lock:
        return _retried(attempt)


def _refs(repository: Repository, branch: str) -> list[Ref]:
    return list_refs(repository, f"refs/heads/{branch}")


def _advance(
    repository: Repository, branch: str, oid: str, tip: str, done: tuple[Move, ...]
) -> None:
    ref = f"refs/heads/{branch}"
    exists = repository.objects.commit(ref) is not None
    moves = [Move(ref, new=oid, old=tip if exists else ABSENT), *done]
    move(repository, moves, reason="gitexp: record a run")


def _wait(
    repository: Repository,
    branch: str,
    tree: str,
    message: str,
    run_id: str,
    done: tuple[Move, ...],
    why: str,
) -> Recorded:
    tip = repository.objects.commit(f"refs/heads/{branch}") or root_commit(repository)
    oid, warning = write_commit(repository, tree=tree, parents=[tip], message=message)
    pending = Move(f"{PENDING}{run_id}", new=oid, old=ABSENT)
    move(repository, [pending, *done], reason="gitexp: a run waits for its branch")
    waits = f"{why}; the run waits, and the next run files it"
    return Recorded(oid, tip, (waits, warning) if warning else (waits,))


def file_pending(repository: Repository, branch: str, refs: list[Ref]) -> list[str]:
    """Put the runs that wait onto the branch and return their ids."""
    waiting = [found for found in refs if found.name.startswith(PENDING)]
    for found in waiting:
        commit = repository.objects.read(found.oid)
        tree = repository.objects.read(f"{found.oid}^{{tree}}")
        if commit is None or tree is None:
            continue
        message = commit.content.partition(b"\n\n")[2].decode()
        run_id = found.name.removeprefix(PENDING)
        done = (Move(found.name, new=ABSENT, old=found.oid),)
        append(repository, branch, tree=tree.oid, message=message, run_id=run_id, done=done)
    return [found.name.removeprefix(PENDING) for found in waiting]


def _retried(attempt: Callable[[], Recorded]) -> Recorded:
    for _ in range(_ATTEMPTS):
        try:
            return attempt()
        except RefMoved:
            continue
    return attempt()


@contextlib.contextmanager
def locked(repository: Repository) -> Iterator[None]:
    """Hold the advisory lock around choosing a parent and moving the branch.

    Only for order: 32 writers that merely tried again needed 309 attempts and 8.9 s. The
    compare-and-swap of the refs is what keeps runs from being lost.
    """
    path = private_dir(repository) / "branch.lock"
    with path.open("w") as lock:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def private_path(repository: Repository) -> Path:
    """Return gitexp's own folder in the git directory, which need not exist yet."""
    return repository.common_dir / "gitexp"


def private_dir(repository: Repository) -> Path:
    """Return gitexp's own folder in the git directory, made if need be."""
    path = private_path(repository)
    path.mkdir(exist_ok=True)
    return path
