"""Many commits written by one process, through `git fast-import`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from gitexp.git.failing import GitCommandFailed
from gitexp.git.repository import Repository

_ARGS = ("fast-import", "--quiet", "--date-format=raw", "--done")


class NewCommit(Struct, frozen=True):
    """A commit to be written: an existing tree, with some files put on top."""

    tree: str
    files: Mapping[str, bytes]
    message: str
    author: bytes
    """As a commit has it: `Ada <ada@example.com> 1767323045 +0000`."""
    committer: bytes
    without: tuple[str, ...] = ()
    """Paths of the tree that are left out; there need not be such."""


def write_chain(
    repository: Repository, commits: Iterable[NewCommit], *, parent: str, ref: str
) -> list[str]:
    """Write the commits, each on top of the one before, point `ref` at the last; return the oids.

    They are not signed: whoever made them is not who writes them. One is in memory at a time.
    If making one fails, nothing points at those before it. With none, nothing is written.
    """
    rest = iter(commits)
    first = next(rest, None)
    if first is None:
        return []
    with tempfile.TemporaryDirectory(prefix="gitexp-") as folder:
        marks = Path(folder, "marks")
        process = repository.begin(*_ARGS, f"--export-marks={marks}", is_fed=True)
        process.feed(_stream(first, rest, parent, os.fsencode(ref)))
        ended = process.ended()
        if ended.returncode != 0:
            raise GitCommandFailed(_ARGS, ended.returncode, os.fsdecode(ended.stderr))
        lines = marks.read_text(encoding="ascii").splitlines()
    pairs = (line.split() for line in lines)
    by_number = {int(mark[1:]): oid for mark, oid in pairs}
    return [by_number[number] for number in sorted(by_number)]


def _stream(
    first: NewCommit, rest: Iterable[NewCommit], parent: str, ref: bytes
) -> Iterator[bytes]:
    yield from _lines(first, 1, ref, b"from %s\n" % parent.encode())
    for number, commit in enumerate(rest, 2):
        yield from _lines(commit, number, ref, b"")
    yield b"done\n"


def _lines(commit: NewCommit, number: int, ref: bytes, start: bytes) -> Iterator[bytes]:
    yield b"commit %s\nmark :%d\n" % (ref, number)
    yield b"author %s\ncommitter %s\n" % (commit.author, commit.committer)
    yield _data(os.fsencode(commit.message))
    yield start
    yield b'M 040000 %s ""\n' % commit.tree.encode()
    for path in commit.without:
        yield b"D %s\n" % _quoted(path)
    for path, content in commit.files.items():
        yield b"M 100644 inline %s\n" % _quoted(path)
        yield _data(content)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> bytes:
    escaped = os.fsencode(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"%s"' % escaped.replace(b"\n", b"\\n")
