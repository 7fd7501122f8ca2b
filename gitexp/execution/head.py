"""Whether git itself changed the work tree while a command ran."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gitexp.execution.files import Signature, signature
from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import tree_entries


@dataclass(frozen=True)
class HeadState:
    """Where HEAD is, and the signature of its reflog, which grows with whatever moves it."""

    oid: str | None
    ref: str
    log: Signature | None

    @classmethod
    def of(cls, repository: Repository) -> HeadState:
        """Return the state of HEAD now."""
        ref = (repository.git_dir / "HEAD").read_text().strip()
        log = signature(repository.git_dir / "logs" / "HEAD")
        return cls(repository.objects.commit("HEAD"), ref, log)


def done_by_git(
    repository: Repository, written: Iterable[str], gone: Iterable[str], scratch: Path
) -> set[str]:
    """Return the paths that are now as HEAD or the user's index have them.

    After a switch of branches these are git's doing, not the command's.
    """
    index = PrivateIndex.copied(repository, scratch / "user.index")
    known = [tree_entries(repository, "HEAD"), index.entries()]
    asked = [path for path in written if any(path in entries for entries in known)]
    index.add(asked)
    now = index.entries()
    restored = {path for path in asked if any(now.get(path) == one.get(path) for one in known)}
    return restored | {path for path in gone if not any(path in entries for entries in known)}
