"""A private index: trees are made in it, and the user's stays as it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from gitexp.git.index_reading import WHOLE, Differing, ReadIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry


class PrivateIndex(ReadIndex):
    """An index of our own, which begins as a copy of the user's."""

    def __init__(self, repository: Repository, path: Path) -> None:
        super().__init__(repository, path)
        self.origin: tuple[int, ...] | None = None
        """What tells the file that it was copied from, and its version, from all others."""

    @classmethod
    def copied(cls, repository: Repository, path: Path, source: Path | None = None) -> PrivateIndex:
        """Copy the user's index (or `source`) to `path`, its modification time kept.

        Git takes a file whose time is not older than the index for possibly changed and
        compares its content. A younger index defeats that check: 12 of 12 edits
        in the second of the last `git add` were missed.
        """
        users = source if source is not None else repository.git_dir / "index"
        before = state_of(users)
        if before is not None:
            import shutil  # noqa: PLC0415 - 3 ms, not for those who only compare

            shutil.copy2(users, path)
        index = cls(repository, path)
        index.users = users
        index.origin = before if state_of(users) == before else None
        return index

    def refresh(self) -> None:
        """Have git look at all files, and note those that are as the index has them."""
        self.repository.attempt(*WHOLE, "update-index", "-q", "--refresh", index=self.path)

    def bring_up(self, differing: Mapping[str, Differing], also: Iterable[str] = ()) -> list[str]:
        """Bring files to their state in the work tree; return those that git cannot add.

        What cannot be added, for lack of a filter or of the right to read it, is dropped:
        its old version would pass for the one that ran. `also` are files that may be as they were.
        """
        gone = {path for path, one in differing.items() if one.is_gone}
        self.remove(gone)  # behind a link, or in the place of a file, git would refuse to
        there = [path for path in dict.fromkeys((*differing, *also)) if path not in gone]
        listed = b"".join(os.fsencode(path) + b"\0" for path in there)
        command = ("update-index", "-z", "--add", "--remove", "--stdin")
        if not there or self._attempt(*command, stdin=listed):
            return []
        refused = self.add(there)
        self.remove(refused)
        return refused

    def add(self, paths: Iterable[str]) -> list[str]:
        """Add paths, ignored ones too, through git's filters; return those git cannot add.

        A path that is gone by now is neither added nor returned.
        """
        wanted = list(paths)
        listed = b"".join(os.fsencode(path) + b"\0" for path in wanted)
        command = ("--literal-pathspecs", "add", "-f", "--pathspec-from-file=-")
        if not wanted or self._attempt(*command, "--pathspec-file-nul", stdin=listed):
            return []
        if len(wanted) > 1:
            middle = len(wanted) // 2
            return self.add(wanted[:middle]) + self.add(wanted[middle:])
        return wanted if os.path.lexists(self.repository.top / wanted[0]) else []

    def _attempt(self, *args: str, stdin: bytes | None = None) -> bool:
        ended = self.repository.attempt(*WHOLE, *args, stdin=stdin, index=self.path)
        return ended.returncode == 0

    def put(self, entries: Mapping[str, Entry]) -> None:
        """Add or replace entries."""
        self._update(
            b"%s %s\t%s\0" % (entry.mode.encode(), entry.oid.encode(), os.fsencode(path))
            for path, entry in entries.items()
        )

    def remove(self, paths: Iterable[str]) -> None:
        """Drop entries; those that are not there do not matter."""
        nothing = b"0" * (64 if self.repository.object_format == "sha256" else 40)
        self._update(b"0 %s\t%s\0" % (nothing, os.fsencode(path)) for path in paths)

    def _update(self, lines: Iterable[bytes]) -> None:
        orders = b"".join(lines)
        if orders:
            self._git("update-index", "-z", "--add", "--index-info", stdin=orders)

    def skip(self, paths: Iterable[str]) -> None:
        """Mark entries as absent from the work tree on purpose."""
        listed = b"".join(os.fsencode(path) + b"\0" for path in paths)
        if listed:
            self._git("update-index", "-z", "--skip-worktree", "--stdin", stdin=listed)

    def fill(self, tree: str, skipped: Iterable[str]) -> None:
        """Make the index that of a tree, some of whose files are absent on purpose."""
        self._git("read-tree", "--reset", tree)
        self.skip(skipped)

    def check_out(self, tree: str) -> None:
        """Make the index, and the tracked files of the work tree, those of a tree."""
        self._git("read-tree", "--reset", "-u", tree)

    def write_tree(self) -> str:
        """Write the index as a tree and return its oid."""
        return self.begin_tree()()

    def begin_tree(self) -> Callable[[], str]:
        """Begin with it, and return what waits for the oid."""
        command = (*WHOLE, "write-tree")
        begun = self.repository.begin(*command, index=self.path)

        def oid() -> str:
            ended = begun.ended()
            if ended.returncode != 0:
                raise self.failure(command, ended.returncode, ended.stderr)
            return os.fsdecode(ended.stdout).rstrip("\n")

        return oid


def state_of(file: Path) -> tuple[int, ...] | None:
    """Return what tells one version of an index from all others; None if there is none."""
    try:
        one = file.stat()
    except FileNotFoundError:
        return None
    return one.st_ctime_ns, one.st_mtime_ns, one.st_size, one.st_ino
