"""Which runs have come into the history of the code, and with which pull requests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gitexp.comparison.chapter import Merge
from gitexp.git.repository import Repository
from gitexp.model.message import FROM_RUN_TRAILER

_REQUEST = re.compile(
    r"^Merge pull request (#\d+) |See merge request \S*(!\d+)|\((#\d+)\)$", re.MULTILINE
)
"""How GitHub and GitLab name it in a merge commit, and GitHub in that of a squash."""


def merges_of(repository: Repository, rev: str) -> Mapping[str, tuple[Merge, ...]]:
    """Return by the id of a run the commits of a history that say they are from it.

    If they came with a merge, that is what is returned, with the pull request that it names.
    """
    trailer = f"%(trailers:key={FROM_RUN_TRAILER},valueonly,separator=%x20)"
    options = (
        "-z",
        f"--grep=^{FROM_RUN_TRAILER}: ",
        f"--format=%H%x00%s%x00{trailer}",
    )
    told = repository.line("log", "--reverse", *options, rev, "--").split("\0")
    commits = list(zip(told[::3], told[1::3], told[2::3], strict=False))
    own = {oid: Merge(oid, subject, request_in(subject)) for oid, subject, _ in commits}
    by_merge = merges_that_brought(
        repository, rev, [one.oid for one in own.values() if not one.request]
    )
    found: dict[str, list[Merge]] = {}
    for oid, _, ids in commits:
        for run_id in ids.split():
            found.setdefault(run_id, []).append(by_merge.get(oid, own[oid]))
    return {run_id: tuple(merges) for run_id, merges in found.items()}


def request_in(message: str) -> str:
    """Return the pull request that a commit's message names, as `#12` or `!12`; '' if none.

    >>> request_in("Raise the rate (#12)"), request_in("Raise the rate")
    ('#12', '')
    """
    match = _REQUEST.search(message)
    return next(filter(None, match.groups()), "") if match else ""


def merges_that_brought(
    repository: Repository, rev: str, oids: Sequence[str], since: str | None = None
) -> dict[str, Merge]:
    """Return the merges that brought commits into a history, of those that came with one.

    With `since`, an ancestor of all of them, no further back than that is looked.
    """
    brought = _brought(repository, rev, since) if oids else {}
    merges = {oid: brought[oid] for oid in oids if brought[oid] != oid}
    if not merges:
        return {}
    asked = "".join(f"{oid}\n" for oid in dict.fromkeys(merges.values()))
    options = ("--no-walk=unsorted", "-z", "--format=%H%x00%B")
    told = repository.line("log", *options, "--stdin", stdin=asked.encode()).split("\0")
    messages = dict(zip(told[::2], told[1::2], strict=False))
    return {
        oid: Merge(merge, messages[merge].split("\n", 1)[0], request_in(messages[merge]))
        for oid, merge in merges.items()
    }


def _brought(repository: Repository, rev: str, since: str | None) -> dict[str, str]:
    """Return for each commit of a history the one of its first-parent line that brought it."""
    limit = () if since is None else ("--not", f"{since}^@")
    listed = repository.line("rev-list", "--parents", rev, *limit, "--").splitlines()
    parents = {oid: above for oid, *above in map(str.split, listed)}
    line = listed[0].split()[:1]
    while (above := parents.get(line[-1], [])) and above[0] in parents:
        line.append(above[0])
    found: dict[str, str] = {}
    for merge in reversed(line):
        todo = [merge]
        while todo:
            oid = todo.pop()
            if oid not in found:
                found[oid] = merge
                todo += (one for one in parents[oid] if one in parents)
    return found
