"""Many commits written by one process, through `git fast-import`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from gitexp.git.repository import Repository


class NewCommit(Struct, frozen=True):
    """A commit to be written: an existing tree, with some files put on top."""

    tree: str
    files: Mapping[str, bytes]
    message: str
    author: bytes
    """As a commit has it: `Ada <ada@example.com> 1767323045 +0000`."""
    committer: bytes


def write_chain(
    repository: Repository, commits: Sequence[NewCommit], *, parent: str, ref: str
) -> list[str]:
    """Write the commits, each on top of the one before, point `ref` at the last; return the oids.

    They are not signed: whoever made them is not who writes them.
    """
    stream = b"".join(_lines(commits, parent, os.fsencode(ref)))
    repository.git("fast-import", "--quiet", "--date-format=raw", "--done", stdin=stream)
    return repository.line("rev-list", "--reverse", "--first-parent", f"{parent}..{ref}").split()


def _lines(commits: Sequence[NewCommit], parent: str, ref: bytes) -> Iterator[bytes]:
    for number, commit in enumerate(commits):
        yield b"commit %s\nauthor %s\ncommitter %s\n" % (ref, commit.author, commit.committer)
        yield _data(os.fsencode(commit.message))
        if number == 0:
            yield b"from %s\n" % parent.encode()
        yield b'M 040000 %s ""\n' % commit.tree.encode()
        for path, content in commit.files.items():
            yield b"M 100644 inline %s\n" % _quoted(path)
            yield _data(content)
    yield b"done\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> bytes:
    escaped = os.fsencode(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"%s"' % escaped.replace(b"\n", b"\\n")
