"""Commits told to be runs without data by their bytes alone, before anything is imported.

What is taken for one is read as just that by `gitexp/store/reading.py`; the tests hold one
against the other.
"""

from __future__ import annotations

SHA1_ROOT = "324234e86284aa78d581950651210c8d127554b6"
"""The commit with which the branch begins, where objects have names of that kind."""
_JOIN = b"\n\nRuns of two clones come together here\n"
_RUN = b"\nGitexp-Run: "
_PROJECT = b"\nGitexp-Project:"
_LOOKS_AFTER = "00"


class NotPlain(Exception):
    """There may be more to do than this."""


def note_places(oid: str) -> list[str]:
    """Return where git may keep the note on a commit, by how many notes there are."""
    parts = [oid[at : at + 2] for at in range(0, 6, 2)]
    return ["/".join([*parts[:depth], oid[2 * depth :]]) for depth in range(len(parts) + 1)]


def ends_as_ours(oid: str, commit: bytes) -> bool:
    """Return whether a commit is a run, a join or the root, as `store.branch` says."""
    return _RUN in commit or commit.endswith(_JOIN) or oid == SHA1_ROOT


def parent_of_run(found: tuple[str, bytes], record: tuple[str, bytes] | None) -> str:
    """Return the only parent of a commit that is a run without data; raises NotPlain."""
    oid, commit = found
    head, _, message = commit.partition(b"\n\n")
    lines = head.split(b"\n")
    parents = [line[7:] for line in lines if line.startswith(b"parent ")]
    trailers = message.rstrip(b"\n").rpartition(b"\n\n")[2]
    if (
        record is None
        or len(parents) != 1
        or b"\0" in message
        or any(line.startswith(b"encoding ") for line in lines)
        or message.count(_RUN[:-1]) != 1
        or _RUN not in b"\n" + trailers
        or _PROJECT in message
        or oid.endswith(_LOOKS_AFTER)
    ):
        raise NotPlain
    run = (b"\n" + trailers).partition(_RUN)[2].partition(b"\n")[0]
    content = record[1]
    begins = content.startswith(b'{\n  "version": 1,\n  "id": "%s",\n' % run)
    has_none = content.count(b'"pointers"') == 1 and b'\n  "pointers": [],\n' in content
    if not run.isalnum() or not begins or content.count(b'"id":') != 1 or not has_none:
        raise NotPlain
    return parents[0].decode()
