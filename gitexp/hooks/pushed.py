"""`pre-push`: data before the commits that point to it, and a check of what is pushed."""

from __future__ import annotations

import os
from collections.abc import Iterator

from msgspec import Struct

from gitexp.git.repository import BY_GITEXP, Repository
from gitexp.hooks.call import Call

_HEADS = "refs/heads/"
_MARKS = ("gitexp.yaml", ".dvc/config", ".gitexp/run.json")


class PushedRef(Struct, frozen=True):
    """One ref of a push."""

    local: str
    oid: str
    remote: str
    """What it is called on the other side."""
    remote_oid: str
    """Zeros for a new one."""

    @property
    def is_deleted(self) -> bool:
        return not self.oid.strip("0")


def pre_push(call: Call) -> int:
    """Refuse a push that would share what does not hold; return git's exit code."""
    if call.environment.get(BY_GITEXP):  # `gitexp push` has sent the data
        return 0
    repository = call.repository
    remote = call.args[0] if call.args else ""
    pushed = [one for one in _refs(call.said) if not one.is_deleted]
    tips = [one for one in pushed if one.remote.startswith(_HEADS)]
    changed = [one for one in tips if one.oid != one.remote_oid]
    wrong: list[str] = []
    for one in changed:
        new = _new_commits(repository, one, remote)
        if new and _marked(repository, one.oid):
            from gitexp.hooks.pushed_branch import problems  # noqa: PLC0415 - where there is work

            wrong += problems(repository, one, new)
    if not wrong:
        return 0
    from gitexp.hooks.entry import tell  # noqa: PLC0415 - as above

    tell("not pushed:" + "".join(f"\n  {text}" for text in wrong))
    tell("hint: `git push --no-verify` pushes all the same.")
    return 1


def _refs(said: bytes) -> Iterator[PushedRef]:
    for line in os.fsdecode(said).splitlines():
        local, oid, remote, remote_oid = line.rsplit(" ", 3)
        yield PushedRef(local, oid, remote, remote_oid)


def _new_commits(repository: Repository, ref: PushedRef, remote: str) -> list[str]:
    """Return the commits that the other side does not have, as far as is known here."""
    theirs = [ref.remote_oid] if ref.remote_oid.strip("0") else []
    known = [oid for oid in theirs if repository.objects.commit(oid) is not None]
    beside = [f"--remotes={remote}"] if remote else []
    listed = repository.line("rev-list", ref.oid, "--not", *known, *beside)
    return listed.split()


def _marked(repository: Repository, oid: str) -> bool:
    """Return whether a commit has anything of gitexp or DVC in it."""
    listed = repository.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", oid)
    return any(path.endswith(_MARKS) for path in os.fsdecode(listed).split("\0"))
