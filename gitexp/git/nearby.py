"""Two commits of one history: mostly they lie close together, and no process has to walk it."""

from __future__ import annotations

from gitexp.git.objects import GitObject
from gitexp.git.repository import Repository

_FAR = 50
"""From how many commits on `git rev-list` takes less than reading one after the other."""


def line_between(repository: Repository, start: str, tip: str) -> list[GitObject] | None:
    """Return the commits that `tip` has and `start` does not, oldest first.

    None if that is to be asked of git: they are many, one of them is a join or its message is in
    no encoding of ours, or `start` is none of their ancestors, or history ends somewhere here.
    """
    if repository.is_shallow:
        return None
    found: list[GitObject] = []
    at = tip
    while at != start:
        commit = repository.objects.read(at) if len(found) < _FAR else None
        parent = _only_parent(commit) if commit is not None else None
        if commit is None or parent is None:
            return None
        found.append(commit)
        at = parent
    return found[::-1]


def contains(repository: Repository, tip: str, oid: str) -> bool:
    """Return whether a commit is `tip` or one of its ancestors."""
    if tip == oid or line_between(repository, oid, tip) is not None:
        return True
    return repository.attempt("merge-base", "--is-ancestor", oid, tip).returncode == 0


def _only_parent(commit: GitObject) -> str | None:
    """Return the oid of the only parent of a commit that can be read as it is."""
    head, _, message = commit.content.partition(b"\n\n")
    lines = head.split(b"\n")
    parents = [line[7:] for line in lines if line.startswith(b"parent ")]
    if commit.kind != "commit" or len(parents) != 1 or b"\0" in message:
        return None
    return None if any(line.startswith(b"encoding ") for line in lines) else parents[0].decode()
