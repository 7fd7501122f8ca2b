"""`pre-push`: data before the commits that point to it, and a check of what is pushed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from gitexp.git.lean_processes import BY_GITEXP
from gitexp.git.repository import Repository
from gitexp.hooks.call import Call
from gitexp.hooks.entry import tell
from gitexp.hooks.pushed_ref import PushedRef
from gitexp.store.own import REFS

_PASSED_BY = ("refs/notes/", "refs/exps/", REFS)
"""Refs that are not versions of the project; for its own, DVC sends the data."""
_MARKS = ("gitexp.yaml", ".dvc/config", ".gitexp/run.json")


def pre_push(call: Call) -> int:
    """Refuse a push that would share what does not hold; return git's exit code."""
    if call.environment.get(BY_GITEXP):  # `gitexp push` has sent the data
        return 0
    repository = call.repository
    pushed: dict[PushedRef, list[str]] = {}
    for one in _refs(call.said):
        if not (one.is_deleted or one.oid == one.remote_oid or one.remote.startswith(_PASSED_BY)):
            new = _new_commits(repository, one, call.args)
            if (new or one.branch is not None) and _marked(repository, one.oid):
                pushed[one] = new
    if not pushed:
        return 0
    from gitexp.hooks.pushed_refs import problems  # noqa: PLC0415 - 150 ms, where there is work

    wrong = list(dict.fromkeys(problems(repository, pushed)))
    if not wrong:
        return 0
    tell("not pushed:" + "".join(f"\n  {text}" for text in wrong))
    tell("hint: `git push --no-verify` pushes anyway.")
    return 1


def _refs(said: bytes) -> Iterator[PushedRef]:
    for line in os.fsdecode(said).split("\n"):
        if line:
            yield PushedRef(*line.rsplit(" ", 3))


def _new_commits(repository: Repository, ref: PushedRef, args: Sequence[str]) -> list[str]:
    """Return the commits that the other side does not have, as far as is known here.

    Of a remote without a name, git says its address twice; nothing is known of it, but what
    any other has is not new to the DVC remote.
    """
    theirs = [ref.remote_oid] if ref.remote_oid.strip("0") else []
    known = [oid for oid in theirs if repository.objects.commit(oid) is not None]
    has_name = args and args[0] and args[0] not in args[1:2]
    beside = f"--remotes={args[0]}" if has_name else "--remotes"
    listed = repository.line("rev-list", ref.oid, "--not", *known, beside)
    return listed.split()


def _marked(repository: Repository, oid: str) -> bool:
    """Return whether a commit has anything of gitexp or DVC in it."""
    listed = repository.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", oid)
    return any(path.endswith(_MARKS) for path in os.fsdecode(listed).split("\0"))
