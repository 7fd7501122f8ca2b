"""Data that pointers name and the DVC cache lacks: where it is, and how to get it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from gitexp.data.checkout import DataSource
from gitexp.data.dvc_settings import read_settings
from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository

_MOST_NAMED = 5
"""More than so many pieces of data are fetched with all that is lacking."""


def how_to_get(repository: Repository, root: Path, lacking: Sequence[Pointer]) -> str:
    """Return a hint: the cache of the main work tree, where that has all of it, else the remote."""
    place = _place(repository, root)
    cache = _main_cache(repository, root, lacking)
    if cache is None:
        paths = [str((repository.top / one.path).relative_to(root)) for one in lacking]
        pull = shlex.join(["dvc", "pull", *(paths if len(paths) <= _MOST_NAMED else ())])
        return f"`{pull}`{place} fetches it."
    share = f"dvc cache dir --local {shlex.quote(str(cache))}"
    return f"`{share} && dvc checkout`{place} shares the cache of the main work tree, which has it."


def _place(repository: Repository, root: Path) -> str:
    """Return where to say it: `git worktree add` is called elsewhere than in what it makes."""
    if repository.main_top is not None:
        return f" in '{root}'"
    return "" if root == repository.top else f" in '{repository.relative(root)}'"


def _main_cache(repository: Repository, root: Path, lacking: Sequence[Pointer]) -> Path | None:
    """Return the cache of the same project in the main work tree, if that has the data."""
    if repository.main_top is None:
        return None
    main = repository.main_top / root.relative_to(repository.top)
    if not (main / ".dvc").is_dir():
        return None
    try:
        with DataSource(main) as source:
            held = all(source.holds(one) for one in lacking)
        return read_settings(main).cache if held else None
    except GitexpError:
        return None
