"""Where a ref ends: a ref that was there and cannot be read is damaged, and not absent."""

from __future__ import annotations

import time

from gitexp.git.damage import OBJECTS_HINT, Damaged
from gitexp.git.locked import is_at_work
from gitexp.git.repository import Repository

_LOOKS, _LOOK_EVERY = 20, 0.05
"""How often to look, and how many seconds apart, before a ref is called damaged."""


def end_of(repository: Repository, ref: str) -> str | None:
    """Return the commit at which a ref ends; None if there is no such ref.

    Raises Damaged for one that git cannot read. Git itself calls such a ref missing; but whoever
    deletes one deletes its log as well.
    """
    found = repository.objects.commit(ref)
    if found is not None or not ref.startswith("refs/"):
        return found
    looks = 0
    while looks < _LOOKS:  # another git may be about to write the ref: its log comes first
        is_locked = is_at_work(repository.common_dir / f"{ref}.lock")
        if not _is_there(repository, ref):
            return None
        found = repository.objects.commit(ref)
        if found is not None:
            return found
        looks += not is_locked  # it is as long as git is at it
        time.sleep(_LOOK_EVERY)
    raise _damaged(repository, ref)


def content_at(repository: Repository, rev: str, path: str) -> bytes | None:
    """Return a file of a commit; None if it has no such file. Raises Damaged if git cannot tell."""
    content = repository.objects.blob(f"{rev}:{path}")
    if content is None:
        listed = repository.attempt("ls-tree", "--full-tree", rev, "--", path)
        if listed.returncode or listed.stdout.startswith(b"100"):
            raise Damaged(f"git cannot read '{path}' of {rev[:10]}", OBJECTS_HINT)
    return content


def _is_there(repository: Repository, ref: str) -> bool:
    return bool(_log_of(repository, ref)) or (repository.common_dir / ref).is_file()


def _log_of(repository: Repository, ref: str) -> list[bytes]:
    try:
        return (repository.common_dir / "logs" / ref).read_bytes().splitlines()
    except OSError:  # there is none, or it is a folder
        return []


def _damaged(repository: Repository, ref: str) -> Damaged:
    words = _log_of(repository, ref)[-1:] or [b""]
    last = next(iter(words[0].split(b" ")[1:2]), b"").decode(errors="replace")
    if last.strip("0") and repository.objects.commit(last) is not None:
        return Damaged(
            f"git cannot read the ref '{ref}'",
            f"`git update-ref {ref} {last}` has it end where its log says it ended.",
        )
    return Damaged(f"git cannot read the ref '{ref}', or the commit at its end", OBJECTS_HINT)
