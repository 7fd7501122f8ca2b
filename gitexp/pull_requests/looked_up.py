"""Older runs found by the table that the remote has of them, if it has one.

Whatever is wrong with it, no more is lost than its help: then all messages are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gitexp.errors import GitexpError
from gitexp.git.commits_apart import CommitsApart
from gitexp.git.remotes import RemoteFailed
from gitexp.store.clues import Clues
from gitexp.store.lookup import commit_at, covered, key_files, order_files, positions, sought


class LookedUp:
    """The table of a remote, as far as it was fetched."""

    def __init__(self, apart: CommitsApart, oid: str, around: int) -> None:
        self._apart = apart
        self._around = around
        """How many runs before and after one are asked for with it."""
        self._files: dict[str, str] = {}
        self._there: dict[str, bytes] = {}
        self.tip, self._count = self._opened(oid)
        """Up to which commit of the branch it goes; '' if it is of no use."""

    def _opened(self, oid: str) -> tuple[str, int]:
        try:
            self._apart.fetch_apart(oid, depth=1, without="blob:none")
            commit = self._apart.contents([oid])[0]
            self._files = self._apart.files_of(oid)
        except (GitexpError, ValueError):
            return "", 0
        return covered(commit.partition(b"\n\n")[2].decode(errors="replace")) or ("", 0)

    def find(self, clues: Sequence[Clues]) -> dict[str, tuple[int, str]]:
        """Return commits that clues may lead to: the place of each, and a later one near to it.

        The place counts from the oldest commit. Empty if the table cannot be read.
        """
        try:
            wanted = [sought(one) for one in clues]
            self._fetch({name for one in wanted for name in key_files(one.keys)})
            places = {at for one in wanted for at in positions(one, self._there)}
            nearby = {at: min(at + self._around, self._count - 1) for at in places}
            self._fetch(order_files([*places, *nearby.values()]))
            width = len(self.tip) // 2
            found = {
                at: (commit_at(at, self._there, width), commit_at(near, self._there, width))
                for at, near in nearby.items()
            }
        except (RemoteFailed, GitexpError, ValueError):
            return {}
        return {oid: (at, near) for at, (oid, near) in found.items() if oid and near}

    def _fetch(self, names: Iterable[str]) -> None:
        oids = {name: oid for name in sorted(set(names)) if (oid := self._files.get(name))}
        lacking = {name: oid for name, oid in oids.items() if name not in self._there}
        if lacking:
            self._apart.fetch_apart(*set(lacking.values()), depth=1)
            contents = self._apart.contents(list(lacking.values()))
            self._there.update(zip(lacking, contents, strict=True))
