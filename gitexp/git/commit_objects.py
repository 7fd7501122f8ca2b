"""Commits as the bytes that git keeps, to be written again with another tree or other parents."""

from __future__ import annotations

from msgspec import Struct

from gitexp.git.trees import object_oid

_SIGNATURES = (b"gpgsig", b"gpgsig-sha256", b"mergetag")


class CommitObject(Struct, frozen=True):
    """A commit; signatures are left out, since they are of the bytes as they were."""

    tree: str
    parents: tuple[str, ...]
    headers: bytes
    """Author, committer and whatever else stands above the message, line by line."""
    message: bytes
    was_signed: bool = False

    @classmethod
    def parse(cls, content: bytes) -> CommitObject:
        """Read what `git cat-file commit` prints."""
        head, _, message = content.partition(b"\n\n")
        parents: list[str] = []
        others: list[bytes] = []
        tree, signed, was_signed = "", False, False
        for line in head.split(b"\n"):
            key, _, value = line.partition(b" ")
            if line.startswith(b" "):
                others += [] if signed else [line]
                continue
            signed = key in _SIGNATURES
            was_signed = was_signed or key.startswith(b"gpgsig")
            if key == b"tree":
                tree = value.decode()
            elif key == b"parent":
                parents.append(value.decode())
            elif not signed:
                others.append(line)
        return cls(tree, tuple(parents), b"\n".join(others), message, was_signed)

    @property
    def content(self) -> bytes:
        """The commit as git keeps it."""
        parents = [f"parent {oid}" for oid in self.parents]
        links = "\n".join([f"tree {self.tree}", *parents]).encode()
        return b"\n".join([links, self.headers, b"", self.message])

    def oid(self, object_format: str) -> str:
        """Return the oid that git gives it."""
        return object_oid("commit", self.content, object_format)

    @property
    def committed(self) -> int:
        """When it was committed, in seconds since 1970."""
        for line in self.headers.split(b"\n"):
            if line.startswith(b"committer "):
                return int(line.rsplit(b" ", 2)[1])
        return 0
