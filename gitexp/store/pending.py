"""Runs on their way onto the branch: those that cannot get there wait, and are filed later."""

from __future__ import annotations

import contextlib
import functools
import os

from gitexp.git.commits import write_commit
from gitexp.git.failing import GitCommandFailed
from gitexp.git.refs import ABSENT, Move, Ref, RefMoved, create, move
from gitexp.git.repository import Repository
from gitexp.store.branch import BranchUnusable, Recorded, add_commit, root_commit
from gitexp.store.own import PENDING, RUNNING, own_folder


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

    Nothing is lost if the branch was checked out meanwhile, or otherwise cannot be moved, as by
    a lock that a git which was killed has left: the run then waits under a ref of its own, and a
    file says so to every command.
    Raises RefMoved if another process has already carried out the moves of `done`.
    """
    add = functools.partial(add_commit, repository, branch, tree=tree, message=message, done=done)
    try:
        try:
            return add()
        except GitCommandFailed:  # what fails once may pass
            return add()
    except BranchUnusable as unusable:
        why = str(unusable)
    except GitCommandFailed as failed:
        why = f"git cannot move '{branch}': {failed.said}"
    waits = f"{why}; the run waits, and the next gitexp command that can files it"
    tip = repository.objects.commit(f"refs/heads/{branch}") or root_commit(repository)
    oid, warning = write_commit(repository, tree=tree, parents=[tip], message=message)
    _put_aside(repository, Move(f"{PENDING}{run_id}", new=oid, old=ABSENT), done)
    _note_waiting(repository, run_id, branch)
    return Recorded(oid, tip, (waits, warning) if warning else (waits,))


def _put_aside(repository: Repository, pending: Move, done: tuple[Move, ...]) -> None:
    """Make the ref under which a run waits, and carry out the moves of `done` if git can."""
    reason = "gitexp: a run waits for its branch"
    try:
        move(repository, [pending, *done], reason=reason, waits=False)
    except RefMoved:
        if repository.objects.commit(pending.ref) != pending.new:
            raise
    except GitCommandFailed:  # to delete a ref, git needs the lock of the packed ones
        create(repository, pending.ref, pending.new, reason=reason)


def is_any_waiting(repository: Repository) -> bool:
    """Return whether a run waits for its branch; this looks at one folder.

    A run that waits for any other reason than `append` is only found by `gitexp run`.
    """
    with contextlib.suppress(OSError), os.scandir(own_folder(repository).waiting) as found:
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
        run_id = found.name.removeprefix(PENDING)
        done = (Move(found.name, new=ABSENT, old=found.oid), *_snapshot(repository, run_id))
        # It waits on, or somebody was faster.
        with contextlib.suppress(BranchUnusable, RefMoved, GitCommandFailed):
            add_commit(
                repository, noted.get(run_id, branch), tree=tree.oid, message=message, done=done
            )
            filed.append(run_id)
    for run_id in noted:
        if repository.objects.commit(f"{PENDING}{run_id}") is None:
            (own_folder(repository).waiting / run_id).unlink(missing_ok=True)
    return filed


def _snapshot(repository: Repository, run_id: str) -> tuple[Move, ...]:
    """Return the end of the ref that kept a run's snapshot, if it could not be deleted before."""
    ref = f"{RUNNING}{run_id}"
    oid = repository.objects.commit(ref)
    return (Move(ref, new=ABSENT, old=oid),) if oid is not None else ()


def drop_snapshot(repository: Repository, run_id: str) -> None:
    """Delete the ref that kept a run's snapshot, if it is there."""
    if moves := _snapshot(repository, run_id):
        move(repository, moves, reason="gitexp: no longer needed")


def _note_waiting(repository: Repository, run_id: str, branch: str) -> None:
    """Leave a file, after the ref: so that a file without a ref is of a run that was filed."""
    with contextlib.suppress(OSError):  # a full disk: the next `gitexp run` finds the ref
        place = own_folder(repository).made().waiting / run_id
        place.parent.mkdir(exist_ok=True)
        place.write_text(branch)


def _noted_waiting(repository: Repository) -> dict[str, str]:
    """Return the branches of the runs that wait, by id."""
    found = {}
    for place in own_folder(repository).waiting.glob("*"):
        with contextlib.suppress(OSError):
            found[place.name] = place.read_text()
    return {run_id: branch for run_id, branch in found.items() if branch}
