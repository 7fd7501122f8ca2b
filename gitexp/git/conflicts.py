"""Conflicts that something left, and what would undo that."""

from __future__ import annotations

from collections.abc import Sequence

from gitexp.errors import GitexpError
from gitexp.git.repository import Repository

_LEFT_BY = {
    "rebase-merge": "rebase",
    "rebase-apply/applying": "am",
    "rebase-apply": "rebase",
    "MERGE_HEAD": "merge",
    "REVERT_HEAD": "revert",
    "CHERRY_PICK_HEAD": "cherry-pick",
}
"""What lies in git's directory meanwhile; a rebase comes first, as it picks commits itself."""


def check_merged(repository: Repository, unmerged: Sequence[str]) -> None:
    """Raise GitexpError if a merge, or what merges on its way, left conflicts."""
    if unmerged:
        raise GitexpError(
            f"'{unmerged[0]}' has conflicts that are not resolved",
            hint=f"Resolve them and `git add` the files{_undoing(repository)}.",
        )


def _undoing(repository: Repository) -> str:
    """Return what takes all back; nothing after `git stash pop` and the like, which has none."""
    there = (name for name in _LEFT_BY if (repository.git_dir / name).exists())
    found = next(there, None)
    return f", or `git {_LEFT_BY[found]} --abort`" if found is not None else ""
