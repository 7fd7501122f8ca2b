"""Which outputs of a pipeline git holds itself: metrics and plots that DVC does not cache."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from gitexp.git.repository import Repository


def held_by_git(
    repository: Repository, paths: Collection[str], index: Path | None = None
) -> set[str]:
    """Return the paths, of files or folders, that the index has something of."""
    if not paths:
        return set()
    # all of it: thousands of paths as arguments are slow to match, and more than a system takes
    listed = repository.git("ls-files", "-z", index=index).split(b"\0")[:-1]
    found = {os.fsdecode(path) for path in listed}
    above = {
        "/".join(path.split("/")[:depth])
        for path in found
        for depth in range(1, path.count("/") + 1)
    }
    return {path for path in paths if path in found or path in above}
