"""Which contents paths ever had in a run."""

from __future__ import annotations

import os
from collections.abc import Collection

from gitexp.git.repository import Repository

_FIELDS = 5
"""Of a line of git's `--raw`: two modes, two oids, a letter."""


def recorded_blobs(
    repository: Repository, branch: str, paths: Collection[str]
) -> dict[str, set[str]]:
    """Return the oids that each path ever had in a run."""
    found: dict[str, set[str]] = {path: set() for path in paths}
    if not paths or repository.objects.commit(f"refs/heads/{branch}") is None:
        return found
    settings = ("-c", "log.follow=false")
    options = ("--no-merges", "--full-history", "--no-renames", "--raw", "--no-abbrev", "-z")
    specs = [f":(top,literal){path}" for path in paths]
    told = repository.git(
        *settings, "log", "--format=", *options, f"refs/heads/{branch}", "--", *specs
    )
    fields = iter(os.fsdecode(told).split("\0"))
    for field in fields:
        parts = field.strip("\n").split(" ")
        if field.strip("\n").startswith(":") and len(parts) == _FIELDS:
            found.setdefault(next(fields), set()).add(parts[3])
    return found
