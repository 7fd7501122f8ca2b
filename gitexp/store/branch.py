"""The experiments branch: a history of its own, to which every run is added once."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.commits import wants_signature, write_commit
from gitexp.git.refs import ABSENT, Move, Ref, RefMoved, list_refs, move
from gitexp.git.repository import Repository
from gitexp.git.trees import object_oid, tree_oid
from gitexp.model.message import FROM_RUN_TRAILER, RUN_TRAILER
from gitexp.store.locks import held, tried

PENDING = "refs/gitexp/pending/"
"""Where runs wait whose branch could not be moved."""

_WAITING = "waiting"
"""The folder with a file for each of them, holding the name of its branch."""

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

    Nothing is lost if the branch was checked out meanwhile, or otherwise cannot be moved:
    the run then waits under `refs/gitexp/pending/`, and a file says so to every command.
    Raises RefMoved if another process has already carried out the moves of `done`.
    """
    try:
        return _append(repository, branch, tree, message, done)
    except BranchUnusable as unusable:
        waits = f"{unusable}; the run waits, and the next gitexp command that can files it"
        tip = repository.objects.commit(f"refs/heads/{branch}") or root_commit(repository)
        oid, warning = write_commit(repository, tree=tree, parents=[tip], message=message)
        pending = Move(f"{PENDING}{run_id}", new=oid, old=ABSENT)
        move(repository, [pending, *done], reason="gitexp: a run waits for its branch")
        _note_waiting(repository, run_id, branch)
        return Recorded(oid, tip, (waits, warning) if warning else (waits,))


def _append(
    repository: Repository, branch: str, tree: str, message: str, done: tuple[Move, ...]
) -> Recorded:
    lock = contextlib.nullcontext() if wants_signature(repository) else locked(repository)
    with lock:
        for _ in range(_ATTEMPTS):
            refs = list_refs(repository, f"refs/heads/{branch}")
            known = usable_tip(repository, branch, refs)
            tip = known or root_commit(repository)
            oid, warning = write_commit(repository, tree=tree, parents=[tip], message=message)
            moves = [Move(f"refs/heads/{branch}", new=oid, old=known or ABSENT), *done]
            try:
                move(repository, moves, reason="gitexp: record a run")
            except RefMoved:
                if any(repository.objects.commit(one.ref) != one.old for one in done):
                    raise
            else:
                return Recorded(oid, tip, (warning,) if warning else ())
    raise RefMoved(f"'{branch}' moved {_ATTEMPTS} times while a run was being recorded")


def is_any_waiting(repository: Repository) -> bool:
    """Return whether a run waits for its branch; this looks at one folder.

    A run that waits for any other reason than `append` is only found by `gitexp run`.
    """
    with contextlib.suppress(OSError), os.scandir(private_path(repository) / _WAITING) as found:
        return any(found)
    return False


def file_pending(repository: Repository, branch: str, refs: list[Ref]) -> list[str]:
    """Put the runs that wait onto their branches and return the ids of those that were filed.

    `branch` is that of runs of which nothing else is noted.
    """
    filed = []
    noted = _noted_waiting(repository)
    for found in refs:
        commit = repository.objects.read(found.oid)
        tree = repository.objects.read(f"{found.oid}^{{tree}}")
        if not found.name.startswith(PENDING) or commit is None or tree is None:
            continue
        message = os.fsdecode(commit.content.partition(b"\n\n")[2])
        done = (Move(found.name, new=ABSENT, old=found.oid),)
        run_id = found.name.removeprefix(PENDING)
        with contextlib.suppress(BranchUnusable, RefMoved):  # it waits on, or somebody was faster
            _append(repository, noted.get(run_id, branch), tree.oid, message, done)
            filed.append(run_id)
    for run_id in noted:
        if repository.objects.commit(f"{PENDING}{run_id}") is None:
            (private_path(repository) / _WAITING / run_id).unlink(missing_ok=True)
    return filed


def _note_waiting(repository: Repository, run_id: str, branch: str) -> None:
    """Leave a file, after the ref: so that a file without a ref is of a run that was filed."""
    place = private_dir(repository) / _WAITING / run_id
    with contextlib.suppress(OSError):  # a full disk: the next `gitexp run` finds the ref
        place.parent.mkdir(exist_ok=True)
        place.write_text(branch)


def _noted_waiting(repository: Repository) -> dict[str, str]:
    """Return the branches of the runs that wait, by id."""
    found = {}
    for place in (private_path(repository) / _WAITING).glob("*"):
        with contextlib.suppress(OSError):
            found[place.name] = place.read_text()
    return {run_id: branch for run_id, branch in found.items() if branch}


@contextlib.contextmanager
def locked(repository: Repository) -> Iterator[None]:
    """Hold the advisory lock around choosing a parent and moving the branch.

    Only for order: 32 writers that merely tried again needed 309 attempts and 8.9 s. The
    compare-and-swap of the refs is what keeps runs from being lost.
    """
    with held(_lock(repository)):
        yield


@contextlib.contextmanager
def unless_locked(repository: Repository) -> Iterator[bool]:
    """Hold the same lock, or give False at once if another process holds it."""
    path = _lock(repository)
    path.touch()
    with tried(path) as free:
        yield free


def _lock(repository: Repository) -> Path:
    return private_dir(repository) / "branch.lock"


def private_path(repository: Repository) -> Path:
    """Return gitexp's own folder in the git directory, which need not exist yet."""
    return repository.common_dir / "gitexp"


def private_dir(repository: Repository) -> Path:
    """Return gitexp's own folder in the git directory, made if need be."""
    path = private_path(repository)
    path.mkdir(exist_ok=True)
    return path
