"""How the tests of the drivers make what git is to merge."""

from __future__ import annotations

from typing import Protocol


class Commit(Protocol):
    """Commit files on a branch, made at main if it is new: `commit("mine", params__yaml="…")`."""

    def __call__(self, branch: str, **files: str) -> None: ...
