"""Runs read by the hundred thousand: what is plainly one is told by its bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any

from gitexp.git.objects import GitObject
from gitexp.git.repository import Repository
from gitexp.model.names import is_name
from gitexp.store.reading import RunCommit, place_of, run_at, run_commit, told_between
from gitexp.store.stored_run import StoredRun

_BEGINS = b"\n\nGitexp-Run: "
_PLAIN = re.compile(
    rb"\n\nGitexp-Run: ([0-9A-Za-z]+)\nGitexp-Name: ([ -~]*)\n"
    rb"(?:Gitexp-(?:Status|Baseline|Inputs|Sweep|Command): [ -~]*\n)*"
    rb"Gitexp-Version: [ -~]*[!-~]\n*"
)
"""The last paragraph of a message that gitexp wrote at the top of a repository."""


def many_between(repository: Repository, seen: str | None, tip: str) -> Iterator[StoredRun]:
    """Yield what `runs_between` yields, in two thirds of the time."""
    digest = getattr(hashlib, repository.object_format)
    for commit, record in repository.objects.read_stream(_asked(repository, seen, tip)):
        if record is not None and _is_plain(commit, record, digest):
            yield StoredRun(commit.oid, commit.id, commit.name, commit.project, record.content)
        elif found := run_at(repository, commit, record):
            yield found


def _asked(repository: Repository, seen: str | None, tip: str) -> Iterator[tuple[str, RunCommit]]:
    for oid, tree, message in told_between(repository, seen, tip):
        commit = commit_of(oid, message, tree)
        if commit is not None:
            yield place_of(commit), commit


def commit_of(oid: str, message: bytes, tree: str) -> RunCommit | None:
    """Return what `run_commit` does."""
    found = _plain(message)
    if found is None:
        return run_commit(oid, message, tree)
    run_id, name = found[1].decode(), found[2].decode()
    return RunCommit(oid, run_id, name if is_name(name) else run_id, "", tree)


def _plain(message: bytes) -> re.Match[bytes] | None:
    return _PLAIN.fullmatch(message, max(message.rfind(_BEGINS), 0))


def _is_plain(commit: RunCommit, record: GitObject, digest: Callable[..., Any]) -> bool:
    """Return whether git has given what it was asked for, and gitexp itself wrote it."""
    content = record.content
    made = digest(b"%s %d\0" % (b"blob", len(content)), usedforsecurity=False)
    made.update(content)
    return (
        made.hexdigest() == record.oid
        and content.startswith(b'{\n  "version": 1,\n  "id": "%s",\n' % commit.id.encode())
        and content.count(b'"id":') == 1
    )
