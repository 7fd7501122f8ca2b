"""Reading and moving refs, safely when several processes move the same one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.failing import GitCommandFailed
from gitexp.git.locked import once_free
from gitexp.git.loose import place
from gitexp.git.repository import Repository

ABSENT = ""
"""As an old value: the ref must not exist yet. As a new one: it is to be deleted."""


class RefMoved(GitexpError):
    """Somebody else moved the ref between our reading it and our writing it."""


class Ref(Struct, frozen=True):
    """A ref and the object that it points at."""

    name: str
    oid: str
    work_tree: Path | None
    """Where the branch is checked out."""


class Move(Struct, frozen=True):
    """One ref's part of a transaction."""

    ref: str
    new: str
    old: str


def list_refs(repository: Repository, *patterns: str) -> list[Ref]:
    """Return the refs that match, as `git for-each-ref` matches: whole, by folder, or by glob."""
    with asked_for_refs(repository, *patterns) as answer:
        return answer()


@contextlib.contextmanager
def asked_for_refs(repository: Repository, *patterns: str) -> Iterator[Callable[[], list[Ref]]]:
    """Have git look for refs, and give what waits for its answer."""
    form = "--format=%(objectname)%00%(refname)%00%(worktreepath)"
    command = ("for-each-ref", form, *patterns)
    begun = repository.begin(*command)

    def answer() -> list[Ref]:
        ended = begun.ended()
        if ended.returncode != 0:
            raise GitCommandFailed(command, ended.returncode, os.fsdecode(ended.stderr))
        listed = os.fsdecode(ended.stdout).split("\n")[:-1]
        fields = (line.split("\0") for line in listed)
        return [Ref(name, oid, Path(place) if place else None) for oid, name, place in fields]

    try:
        yield answer
    finally:  # an exception keeps what it came through, and git would wait that long
        begun.close()


def list_branch(repository: Repository, branch: str) -> list[Ref]:
    """Return what `list_refs` does of one branch, and of those that may be in its way.

    If refs are files and the branch is there, nothing can be in its way, and the files say where
    it is checked out: no process of git is needed.
    """
    ref = f"refs/heads/{branch}"
    is_plain = repository.config.get("extensions.refstorage", "files") == "files"
    oid = repository.objects.commit(ref) if is_plain else None
    if oid is None:
        return list_refs(repository, ref)
    common, head = repository.common_dir, f"ref: {ref}"
    for file in (common / "HEAD", *common.glob("worktrees/*/HEAD")):
        try:
            if file.read_text(errors="replace").strip() == head:
                return list_refs(repository, ref)  # which says where
        except OSError:
            return list_refs(repository, ref)
    return [Ref(ref, oid, None)]


def create(repository: Repository, ref: str, oid: str, *, reason: str) -> None:
    """Make a ref whose name is nobody else's, so that no lock is needed for it.

    If refs are files, that is one file that appears whole; elsewhere it is git's business.
    """
    config = repository.config
    is_plain = config.get("extensions.refstorage", "files") == "files"
    if is_plain and "core.sharedrepository" not in config:  # then folders need git's care
        path = repository.common_dir / ref
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            place(path, f"{oid}\n".encode(), 0o666)
        except OSError:  # a file system without unnamed files, a ref of that name
            pass
        else:
            return
    move(repository, [Move(ref, new=oid, old=ABSENT)], reason=reason)


def move(repository: Repository, moves: Iterable[Move], *, reason: str, waits: bool = True) -> None:
    """Move all the refs from their old values to their new ones, or raise and move none.

    Raises RefMoved if a ref no longer has its old value, also where git moved it and failed
    afterwards. `reason` goes to the reflog. Another git that has locked one is waited for, unless
    the caller knows what to do meanwhile.
    """
    planned = list(moves)
    orders = [_order(one, repository.object_format) for one in planned]
    said = b"".join((b"start\0", *orders, b"commit\0"))
    command = ("update-ref", "--create-reflog", "-m", reason, "--stdin", "-z")

    def attempt() -> bytes:
        return repository.git(*command, stdin=said)

    try:
        told = once_free(attempt) if waits else attempt()
    except GitCommandFailed as error:
        for one in planned:
            if (repository.objects.commit(one.ref) or ABSENT) != one.old:
                raise RefMoved(f"'{one.ref}' moved while it was being updated") from error
        raise
    # Without these words, orders that git has not read to their end would count as carried out.
    if b"commit: ok" not in told:
        refs = ", ".join(f"'{one.ref}'" for one in planned)
        raise GitexpError(f"git did not move {refs}, and does not say why")


def _order(one: Move, object_format: str) -> bytes:
    nothing = "0" * (64 if object_format == "sha256" else 40)
    ref, new, old = os.fsencode(one.ref), one.new.encode(), (one.old or nothing).encode()
    if one.new == ABSENT:
        return b"delete %s\0%s\0" % (ref, old)
    return b"update %s\0%s\0%s\0" % (ref, new, old)
