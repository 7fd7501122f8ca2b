"""Data that pointers name and the DVC cache lacks: where it is, and how to get it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from gitexp.data.checkout import DataSource
from gitexp.data.dvc_settings import cache_at, sharing
from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository

_MOST_NAMED = 5
"""If more pieces of data than this are lacking, all of it is fetched at once."""


def how_to_get(repository: Repository, root: Path, lacking: Sequence[Pointer]) -> str:
    """Return a hint: the cache of the main work tree, if that has all of it, else the remote."""
    place = _place(repository, root)
    cache = _main_cache(repository, root, lacking)
    if cache is None:
        paths = [str((repository.top / one.path).relative_to(root)) for one in lacking]
        pull = shlex.join(["dvc", "pull", *(paths if len(paths) <= _MOST_NAMED else ())])
        return f"`{pull}`{place} fetches it."
    return f"`{sharing(cache)}`{place} shares the cache of the main work tree, which has it."


def _place(repository: Repository, root: Path) -> str:
    """Return where to say it: `git worktree add` is called elsewhere than in what it makes."""
    if repository.is_linked:
        return f" in '{root}'"
    return "" if root == repository.top else f" in '{repository.relative(root)}'"


def _main_cache(repository: Repository, root: Path, lacking: Sequence[Pointer]) -> Path | None:
    """Return the cache of the same project in the main work tree, if that has the data."""
    main = repository.in_main(root)
    try:
        cache = cache_at(main) if main is not None else None
        if main is None or cache is None:
            return None
        with DataSource(main) as source:
            return cache if all(source.holds(one) for one in lacking) else None
    except GitexpError:
        return None
