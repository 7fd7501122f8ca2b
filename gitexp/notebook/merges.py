"""Which runs have come into the history of the code, and with which pull requests."""

from __future__ import annotations

import re
from collections.abc import Mapping

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
        "--no-show-signature",
        f"--grep=^{FROM_RUN_TRAILER}: ",
        f"--format=%H%x00%s%x00{trailer}",
    )
    told = repository.line("log", "--reverse", *options, rev, "--").split("\0")
    found: dict[str, list[Merge]] = {}
    for oid, subject, ids in zip(told[::3], told[1::3], told[2::3], strict=False):
        for run_id in ids.split():
            found.setdefault(run_id, []).append(_brought(repository, rev, oid, subject))
    return {run_id: tuple(merges) for run_id, merges in found.items()}


def _brought(repository: Repository, rev: str, oid: str, subject: str) -> Merge:
    """Return the merge that brought a commit into a history, or the commit if none did."""
    own = Merge(oid, subject, _request(subject))
    path = repository.line(
        *("rev-list", "--first-parent", "--ancestry-path", "--reverse", f"{oid}..{rev}")
    ).split()
    if own.request or not path:
        return own
    parents, _, message = repository.line(
        "log", "--max-count=1", "--no-show-signature", "--format=%P%x00%B", path[0]
    ).partition("\0")
    on_the_line = parents.split()[:1] == [oid]  # a commit made on the branch itself
    if on_the_line or len(parents.split()) < 2:  # noqa: PLR2004 - a merge has two
        return own
    return Merge(path[0], message.split("\n", 1)[0], _request(message))


def _request(message: str) -> str:
    match = _REQUEST.search(message)
    return next(filter(None, match.groups()), "") if match else ""
