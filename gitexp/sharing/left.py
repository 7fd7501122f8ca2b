"""Which runs were sent without their data, remembered until it is sent."""

from __future__ import annotations

from collections.abc import Iterable

from gitexp.git.repository import Repository
from gitexp.store.own import own_folder


def left_behind(repository: Repository) -> frozenset[str]:
    """Return the ids of the runs whose data stayed in this clone."""
    try:
        return frozenset(own_folder(repository).data_left.read_text().split())
    except (OSError, UnicodeDecodeError):
        return frozenset()


def remember(repository: Repository, *, left: Iterable[str], sent: Iterable[str]) -> None:
    """Note whose data stayed, and whose has been sent."""
    before = left_behind(repository)
    after = (before - frozenset(sent)) | frozenset(left)
    if after != before:
        lines = "".join(f"{run}\n" for run in sorted(after))
        own_folder(repository).made().data_left.write_text(lines)
