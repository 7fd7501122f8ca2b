"""Many commits written by one process, through `git fast-import`, and signed where git signs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from gitexp.git.repository import Repository
from gitexp.git.signing import commit_signed, wants_signature
from gitexp.model.numbers import counted


class NewCommit(Struct, frozen=True):
    """A commit to be written: an existing tree, with some files put on top."""

    tree: str
    files: Mapping[str, bytes]
    message: str
    author: bytes
    """As a commit has it: `Ada <ada@example.com> 1767323045 +0000`."""
    committer: bytes


def write_chain(
    repository: Repository,
    commits: Sequence[NewCommit],
    *,
    parent: str,
    ref: str,
    tell: Callable[[str], None] | None = None,
) -> list[str]:
    """Write the commits, each on top of the one before, point `ref` at the last; return the oids.

    Fast-import signs nothing: where the user's git does, as for `git am`, each is written again
    with a signature, until the signer fails; then `tell` hears why the rest has none.
    """
    stream = b"".join(_lines(commits, parent, os.fsencode(ref)))
    repository.git("fast-import", "--quiet", "--date-format=raw", "--done", stdin=stream)
    oids = repository.line("rev-list", "--reverse", "--first-parent", f"{parent}..{ref}").split()
    if not wants_signature(repository):
        return oids
    signed = _signed(repository, oids, commits, parent, tell or _quietly)
    repository.git("update-ref", ref, signed[-1], oids[-1])
    return signed


def _signed(
    repository: Repository,
    oids: Sequence[str],
    commits: Sequence[NewCommit],
    parent: str,
    tell: Callable[[str], None],
) -> list[str]:
    """Return commits as those given, signed as far as the signer can."""
    found: list[str] = []
    why = ""
    for oid, commit in zip(oids, commits, strict=True):
        before = found[-1] if found else parent
        made, tree = None, f"{oid}^{{tree}}"
        env = {**_person("AUTHOR", commit.author), **_person("COMMITTER", commit.committer)}
        if not why:
            made, why = commit_signed(repository, tree, [before], commit.message, env)
            if made is None:
                left = counted(len(oids) - len(found), "run is", "runs are")
                tell(f"warning: {left} not signed: {why}")
        if made is None:
            written = ("commit-tree", tree, "-p", before)
            stdin = os.fsencode(commit.message)
            made = repository.git(*written, stdin=stdin, env=env).decode().strip()
        found.append(made)
    return found


def _person(role: str, person: bytes) -> dict[str, str]:
    """Return what has git name a person that stands in a commit."""
    name, _, rest = os.fsdecode(person).partition(" <")
    email, _, date = rest.rpartition("> ")
    values = {"NAME": name, "EMAIL": email, "DATE": f"@{date}"}
    return {f"GIT_{role}_{part}": value for part, value in values.items()}


def _quietly(_: str) -> None:
    """Say nothing."""


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
