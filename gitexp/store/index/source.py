"""What a search index is filled from."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from gitexp.git.repository import Repository
from gitexp.store.index.file import Tips
from gitexp.store.reading import CatchUp


class Source(Struct, frozen=True):
    """A repository with runs, and how they are read."""

    repository: Repository
    current: Callable[[], Tips]
    """Says where the ends of the branch and of the notes are now."""
    catch_up: CatchUp
