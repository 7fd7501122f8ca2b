"""A private index: trees are made in it, and the user's stays as it is."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gitexp.errors import GitexpError
from gitexp.git.repository import GitCommandFailed, Repository
from gitexp.git.trees import Entry

_SECOND = 1_000_000_000


_CHANGED = re.compile(rb"  ctime: (\d+):(\d+)\n")

_WHOLE = ("-c", "core.sparseCheckout=false")
"""A sparse checkout says what git checks out, not what a command may read and write: with it git
passes over files outside of it, tracked or not. Those that are absent on purpose stay marked.
"""

_ANY_CASE = ("-c", "core.ignoreCase=true")


def _after_debug(line: bytes) -> bytes:
    """Return an entry without the lines that `--debug` put after the one before it.

    Those begin with two spaces, which no entry does; their form is not promised.
    """
    while line.startswith(b"  "):
        line = line.partition(b"\n")[2]
    return line


class Listing(NamedTuple):
    """What an index holds."""

    entries: dict[str, Entry]
    """Of a file with conflicts, the last version."""
    unmerged: tuple[str, ...]
    """Files with conflicts that nobody has resolved."""
    assumed: tuple[str, ...]
    """Files that git was told to assume unchanged."""
    skipped: frozenset[str]
    """Files that git was told not to look for in the work tree, by a sparse checkout mostly."""
    changed: dict[str, int]
    """When git last saw a file change, in ns, as far as this git says."""


class Others(NamedTuple):
    """Paths that an index does not have."""

    paths: list[str]
    unread: tuple[str, ...]
    """What git says that it could not look into."""


class PrivateIndex:
    """An index of our own, which begins as a copy of the user's."""

    def __init__(self, repository: Repository, path: Path) -> None:
        self.repository = repository
        self.path = path

    @classmethod
    def copied(cls, repository: Repository, path: Path, source: Path | None = None) -> PrivateIndex:
        """Copy the user's index (or `source`) to `path`, its modification time kept.

        Git takes a file whose time is not older than the index for possibly changed and
        compares its content. A younger index defeats that check: 12 of 12 edits
        in the second of the last `git add` were missed.
        """
        users = source if source is not None else repository.git_dir / "index"
        if users.exists():
            import shutil  # noqa: PLC0415 - 3 ms, not for those who only compare

            shutil.copy2(users, path)
        return cls(repository, path)

    def _git(self, *args: str, stdin: bytes | None = None) -> bytes:
        return self.repository.git(*_WHOLE, *args, stdin=stdin, index=self.path)

    def entries(self) -> dict[str, Entry]:
        """Return every file of the index; of one with conflicts, the last version."""
        return self.listing().entries

    def listing(self) -> Listing:
        """Return every file of the index, and what is special about some."""
        entries: dict[str, Entry] = {}
        changed: dict[str, int] = {}
        unmerged, assumed, skipped = [], [], set()
        told = self._git("ls-files", "-s", "-v", "-z", "--debug").split(b"\0")
        for line, known in itertools.pairwise(told):
            head, _, path = _after_debug(line).partition(b"\t")
            tag, mode, oid, stage = head.decode().split(" ")
            name = os.fsdecode(path)
            if stage != "0" and name not in entries:
                unmerged.append(name)
            if tag == "h":
                assumed.append(name)
            if tag in "Ss":
                skipped.add(name)
            if times := _CHANGED.match(known):
                changed[name] = int(times[1]) * _SECOND + int(times[2])
            entries[name] = Entry(mode, oid)
        return Listing(entries, tuple(unmerged), tuple(assumed), frozenset(skipped), changed)

    @property
    def second(self) -> int:
        """The second in which the user's index was written, in ns; 0 without an index."""
        try:
            return self.path.stat().st_mtime_ns // _SECOND * _SECOND
        except FileNotFoundError:
            return 0

    def add_tracked(self) -> list[str]:
        """Bring every tracked file to its state in the work tree; return those git cannot add.

        What cannot be added, for lack of a filter or of the right to read it, is dropped:
        its old version would pass for the one that ran.
        """
        if self._attempt("add", "-u", "--ignore-errors", "--", ":/"):
            return []
        refused = self.add(self._changed())
        self.remove(refused)
        return refused

    def _changed(self) -> list[str]:
        command = (*_WHOLE, "diff-files", "--name-only", "-z")
        ended = self.repository.attempt(*command, index=self.path)
        if ended.returncode != 0:  # it needs the very filter that is missing
            return list(self.entries())
        return [os.fsdecode(path) for path in ended.stdout.split(b"\0")[:-1]]

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
        ended = self.repository.attempt(*_WHOLE, *args, stdin=stdin, index=self.path)
        return ended.returncode == 0

    def changed_since(self, commit: str) -> list[str]:
        """Return the paths that are new or differ from a commit's."""
        options = ("--cached", "--name-only", "--no-renames", "--diff-filter=d", "-z")
        listed = self._git("diff-index", *options, commit, "--").split(b"\0")[:-1]
        return [os.fsdecode(path) for path in listed]

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
        return self.repository.line(*_WHOLE, "write-tree", index=self.path)

    def untracked(self, *options: str, below: Iterable[str] = ("",)) -> Others:
        """Return untracked paths below the folders; a folder with nothing tracked ends in '/'.

        `options` are those of `git ls-files -o`. Git passes over a folder that it cannot open,
        and says so.
        """
        specs = [f":(top,literal){folder}" if folder else ":/" for folder in below]
        any_case = self.repository.ignores_any_case
        case = _ANY_CASE if any_case and "--ignored" in options else ()
        listed, unread = self._others(*case, "ls-files", "-o", "-z", *options, "--", *specs)
        found = os.fsdecode(listed).split("\0")[:-1]
        return Others(self._not_ignored(found) if any_case and not case else found, unread)

    def _others(self, *args: str) -> tuple[bytes, tuple[str, ...]]:
        """Return what git lists and what it complains of, at its second attempt if it complains."""
        command = (*_WHOLE, *args)
        ended = self.repository.attempt(*command, index=self.path)
        if ended.returncode != 0 or ended.stderr:  # what fails once may pass
            ended = self.repository.attempt(*command, index=self.path)
        if ended.returncode != 0:
            raise GitCommandFailed(command, ended.returncode, os.fsdecode(ended.stderr))
        return ended.stdout, tuple(os.fsdecode(ended.stderr).splitlines())

    def _not_ignored(self, paths: list[str]) -> list[str]:
        """Return the paths that no pattern names, in whatever case."""
        asked = b"".join(os.fsencode(path) + b"\0" for path in paths)
        command = (*_ANY_CASE, "check-ignore", "-z", "--stdin", "--no-index")
        said = self.repository.attempt(*command, stdin=asked).stdout.split(b"\0")
        ignored = {os.fsdecode(path) for path in said}
        return [path for path in paths if path not in ignored]


def check_merged(unmerged: Sequence[str]) -> None:
    """Raise GitexpError if a merge left conflicts."""
    if unmerged:
        raise GitexpError(
            f"'{unmerged[0]}' has conflicts that are not resolved",
            hint="Resolve them and `git add` the files, or `git merge --abort`.",
        )
