"""What an index holds, what differs from it in the work tree, and what it does not have."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from gitexp.git.begun import Begun
from gitexp.git.failing import GitCommandFailed
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry
from gitexp.model.lazy_pattern import lazy_pattern

_SECOND = 1_000_000_000

_CHANGED = lazy_pattern(rb"  ctime: (\d+):(\d+)\n")

WHOLE = (
    *("-c", "core.sparseCheckout=false"),
    *("-c", "core.trustCtime=true", "-c", "core.checkStat=default"),
    *("-c", "core.ignoreStat=false"),
)
"""A sparse checkout says what git checks out, not what a command may read and write: with it git
passes over files outside of it, tracked or not. Those that are absent on purpose stay marked.

And whatever the user's git passes over for speed, a write shows in the time of last change.
"""

_STAT = lazy_pattern(rb"(?:  [^\n]*\n)*(\S) (\d+) ([0-9a-f]+) \d\t(.*)", re.DOTALL)
"""An entry, after what `--debug` put after the one before it: lines that begin with two spaces,
which no entry does; their form is not promised.
"""

_SKIPPED = lazy_pattern(rb"\0[Ss] ([^\0]*)(?=\0)")

_DIRTY = "dirty"

_ANY_CASE = ("-c", "core.ignoreCase=true")


class Listing(Struct, frozen=True):
    """What an index holds."""

    entries: dict[str, Entry]
    """Of a file with conflicts, the last version."""
    unmerged: tuple[str, ...]
    """Files with conflicts that nobody has resolved."""
    assumed: tuple[str, ...]
    """Files that git was told to assume unchanged."""
    skipped: frozenset[str]
    """Files that git was told not to look for in the work tree, by a sparse checkout mostly."""


class Stat(Struct, frozen=True):
    """What an index knows of a file."""

    path: str
    tag: str
    """As `git ls-files -v` has it: 'H', or small if git was told to assume the file unchanged; 'M'
    of one with conflicts, which is there more than once."""
    mode: str
    oid: str
    changed: int | None
    """When git last saw it change, in ns; None if this git does not say."""


class Differing(Struct, frozen=True):
    """What an index has of a file that is not as it has it."""

    before: Entry | None
    """None if the index only says that the file is to be added."""
    is_gone: bool


class Others(Struct, frozen=True):
    """Paths that an index does not have."""

    paths: list[str]
    unread: tuple[str, ...]
    """What git says that it could not look into."""


class ReadIndex:
    """An index of our own, as it is asked."""

    def __init__(self, repository: Repository, path: Path) -> None:
        self.repository = repository
        self.path = path
        self.users = path
        """The one that it was copied from, which is to be mended if git cannot read this one."""
        self._ahead: dict[tuple[tuple[str, ...], tuple[str, ...]], Begun] = {}
        self._differs: Begun | None = None

    def _git(self, *args: str, stdin: bytes | None = None) -> bytes:
        command = (*WHOLE, *args)
        ended = self.repository.attempt(*command, stdin=stdin, index=self.path)
        if ended.returncode != 0:
            raise self.failure(command, ended.returncode, ended.stderr)
        return ended.stdout

    def failure(self, command: Sequence[str], status: int, stderr: bytes) -> GitCommandFailed:
        """Return what is raised for a command that failed on it."""
        return GitCommandFailed(command, status, os.fsdecode(stderr), self.users)

    def entries(self) -> dict[str, Entry]:
        """Return every file of the index; of one with conflicts, the last version."""
        return self.listing().entries

    def listing(self) -> Listing:
        """Return every file of the index, and what is special about some."""
        entries: dict[str, Entry] = {}
        unmerged, assumed, skipped = [], [], set()
        for line in self._git("ls-files", "-s", "-v", "-z").split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            tag, mode, oid, stage = head.decode().split(" ")
            name = os.fsdecode(path)
            if stage != "0" and name not in entries:
                unmerged.append(name)
            if tag == "h":
                assumed.append(name)
            if tag in "Ss":
                skipped.add(name)
            entries[name] = Entry(mode, oid)
        return Listing(entries, tuple(unmerged), tuple(assumed), frozenset(skipped))

    def stats(self) -> Iterator[Stat]:
        """Yield what the index knows of each file; they are many, and none is kept here."""
        for line, after in itertools.pairwise(itertools.chain(self._told(), [b""])):
            if (found := _STAT.fullmatch(line)) is not None:
                tag, mode, oid, path = map(os.fsdecode, found.groups())
                times = _CHANGED.match(after)
                changed = int(times[1]) * _SECOND + int(times[2]) if times else None
                yield Stat(path, tag, mode, oid, changed)

    def _told(self) -> Iterator[bytes]:
        command = ("ls-files", "-s", "-v", "-z", "--debug")
        try:
            yield from self.repository.fields(*(*WHOLE, *command), index=self.path, with_rest=True)
        except GitCommandFailed:
            self._git(*command)  # says in words why it cannot
            raise

    def skipped(self) -> list[str]:
        """Return the files that git was told not to look for in the work tree."""
        listed = self._git("ls-files", "-v", "-z")
        return [os.fsdecode(path) for path in _SKIPPED.findall(b"\0" + listed)]

    def differing(self, *, submodules: str = _DIRTY) -> dict[str, Differing] | None:
        """Return the files that are not as the index has them, or that git cannot tell from those.

        Git goes by what a write changes in any case, and looks into a file only if that says
        nothing. `submodules` says what of a submodule is ignored. None if git gives up: it needs
        a filter that is missing.
        """
        begun, self._differs = self._differs, None
        if begun is None or submodules != _DIRTY:
            begun = self.repository.begin(*_diff_files(submodules), index=self.path)
        ended = begun.ended()
        return _differing(ended.stdout) if ended.returncode == 0 else None

    def ask_differing(self) -> None:
        """Have git look for those meanwhile; nothing of the index may change before the answer."""
        self._differs = self.repository.begin(*_diff_files(_DIRTY), index=self.path)

    def changes_from(self, tree: str) -> dict[str, Entry | None]:
        """Return the entries that differ from those of a tree; None for what it has alone."""
        options = ("--cached", "--raw", "--no-abbrev", "--no-renames", "--ignore-submodules=none")
        told = self._git("diff-index", *options, "-z", tree, "--").split(b"\0")[:-1]
        found: dict[str, Entry | None] = {}
        for head, path in zip(told[::2], told[1::2], strict=True):
            _, mode, _, oid, status = head.decode().split(" ")
            found[os.fsdecode(path)] = Entry(mode, oid) if status != "D" else None
        return found

    def changed_since(self, commit: str) -> list[str]:
        """Return the paths that are new or differ from a commit's."""
        options = ("--cached", "--name-only", "--no-renames", "--diff-filter=d", "-z")
        listed = self._git("diff-index", *options, commit, "--").split(b"\0")[:-1]
        return [os.fsdecode(path) for path in listed]

    @property
    def second(self) -> int:
        """The second in which the user's index was written, in ns; 0 without an index."""
        try:
            return self.path.stat().st_mtime_ns // _SECOND * _SECOND
        except FileNotFoundError:
            return 0

    def ask_ahead(self, *options: str, below: Iterable[str] = ("",)) -> None:
        """Have git look for untracked paths meanwhile: they will be asked for in these words."""
        folders = tuple(below)
        command = (*WHOLE, *self._asking(options, folders))
        if (before := self._ahead.pop((options, folders), None)) is not None:
            before.drop()
        self._ahead[options, folders] = self.repository.begin(*command, index=self.path)

    def forget_asked(self) -> None:
        """Have nothing of it count: the index is another one by now, or nobody asks any more."""
        while self._ahead:
            self._ahead.popitem()[1].drop()
        if self._differs is not None:
            self._differs.drop()
            self._differs = None

    def untracked(self, *options: str, below: Iterable[str] = ("",)) -> Others:
        """Return untracked paths below the folders; a folder with nothing tracked ends in '/'.

        `options` are those of `git ls-files -o`. Git passes over a folder that it cannot open,
        and says so.
        """
        folders = tuple(below)
        begun = self._ahead.pop((options, folders), None)
        listed, unread = self._others(self._asking(options, folders), begun)
        found = os.fsdecode(listed).split("\0")[:-1]
        any_case = self.repository.ignores_any_case and "--ignored" not in options
        return Others(self._not_ignored(found) if any_case else found, unread)

    def _asking(self, options: Iterable[str], folders: Iterable[str]) -> tuple[str, ...]:
        specs = [f":(top,literal){folder}" if folder else ":/" for folder in folders]
        options = tuple(options)
        any_case = "--ignored" in options and self.repository.ignores_any_case
        return (*(_ANY_CASE if any_case else ()), "ls-files", "-o", "-z", *options, "--", *specs)

    def _others(self, args: Sequence[str], begun: Begun | None) -> tuple[bytes, tuple[str, ...]]:
        """Return what git lists and what it complains of, at its second attempt if it complains."""
        command = (*WHOLE, *args)
        ended = begun.ended() if begun else self.repository.attempt(*command, index=self.path)
        if ended.returncode != 0 or ended.stderr:  # what fails once may pass
            ended = self.repository.attempt(*command, index=self.path)
        if ended.returncode != 0:
            raise self.failure(command, ended.returncode, ended.stderr)
        return ended.stdout, tuple(os.fsdecode(ended.stderr).splitlines())

    def _not_ignored(self, paths: list[str]) -> list[str]:
        """Return the paths that no pattern names, in whatever case."""
        asked = b"".join(os.fsencode(path) + b"\0" for path in paths)
        command = (*_ANY_CASE, "check-ignore", "-z", "--stdin", "--no-index")
        said = self.repository.attempt(*command, stdin=asked).stdout.split(b"\0")
        ignored = {os.fsdecode(path) for path in said}
        return [path for path in paths if path not in ignored]


def _diff_files(submodules: str) -> tuple[str, ...]:
    options = ("--raw", "--no-abbrev", "--no-renames", f"--ignore-submodules={submodules}", "-z")
    return (*WHOLE, "diff-files", *options)


def _differing(told: bytes) -> dict[str, Differing]:
    """Return the files of a raw diff."""
    fields = told.split(b"\0")[:-1]
    found: dict[str, Differing] = {}
    for head, path in zip(fields[::2], fields[1::2], strict=True):
        mode, _, oid, _, status = head.decode().split(" ")
        before = Entry(mode[1:], oid) if status != "A" else None
        found[os.fsdecode(path)] = Differing(before, is_gone=status == "D")
    return found
