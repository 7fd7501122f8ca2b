"""Runs that a remote lacks, as far as is known here."""

from __future__ import annotations

import contextlib

from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.settings.config import Config


def count_unpushed(repository: Repository, config: Config, remote: str | None) -> int:
    """Count the runs that a remote had not when it was pushed to or fetched from last."""
    read = repository.objects.commit
    tip = read(f"refs/heads/{config.branch}")
    if tip is None:
        return 0
    there = read(f"refs/remotes/{remote}/{config.branch_on_remotes}") if remote else None
    known = [f"^{there}"] if there is not None else []
    alone = ("--min-parents=1", "--max-parents=1")  # neither the root nor joins
    with contextlib.suppress(GitexpError, ValueError):
        return int(repository.line("rev-list", "--count", *alone, tip, *known))
    return 0
