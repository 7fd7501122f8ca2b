"""The merge base of two commits, in a clone that may end before it."""

from __future__ import annotations

from gitexp.errors import GitexpError
from gitexp.git.diffs import merge_base
from gitexp.git.remotes import EVERYTHING, RemoteFailed
from gitexp.git.repository import Repository
from gitexp.pull_requests.origin import FIRST_DEPTH, Origin

_DEEPER = 8


def fork_of(origin: Origin, base: str, head: str) -> str | None:
    """Return the merge base; in a shallow clone, deepen it until there is one."""
    repository = origin.repository
    depth = FIRST_DEPTH
    while True:
        found = merge_base(repository, base, head)
        if not repository.is_shallow or (found and not _is_cut(repository, found, base, head)):
            return found
        if origin.remote is None and found is not None:
            return found
        if origin.remote is None:
            raise GitexpError(
                "this clone is shallow and ends before the merge base",
                hint="Fetch the rest with `git fetch --unshallow`.",
            )
        many = "the history" if depth == EVERYTHING else f"{depth} commits"
        origin.tell(
            f"note: this clone is shallow; fetching {many} of both sides from"
            f" '{origin.remote.name}'"
        )
        _deepen(origin, base, head, depth)
        if depth == EVERYTHING:
            return merge_base(repository, base, head)
        depth = depth * _DEEPER if depth < FIRST_DEPTH * _DEEPER**2 else EVERYTHING


def _is_cut(repository: Repository, fork: str, base: str, head: str) -> bool:
    """Return whether history ends before the merge base anywhere: a better one may lie behind."""
    cuts = set((repository.common_dir / "shallow").read_text().split())
    return not cuts.isdisjoint(repository.line("rev-list", base, head, f"^{fork}").split())


def _deepen(origin: Origin, base: str, head: str, depth: int) -> None:
    try:
        origin.fetch(base, head, depth=depth)
    except RemoteFailed:  # one of them was never pushed, or the remote gives refs alone
        origin.fetch(depth=depth)
