"""Which tags of models were made here and, as far as is known, are on no remote yet."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from gitexp.git.repository import Repository
from gitexp.store.own import own_folder


def tags_left(repository: Repository) -> tuple[str, ...]:
    """Return those of them that are still here, by their names.

    Git keeps no note of what tags a remote has, so this is what gitexp wrote and has not seen
    there: what was sent with `git push` counts until a remote is asked.
    """
    return tuple(_still_here(repository, _kept(repository)))


def remember_tags(
    repository: Repository, *, left: Iterable[str] = (), sent: Iterable[str] = ()
) -> None:
    """Note which tags were made, and which a remote has; forget those that were deleted."""
    before = _kept(repository)
    gone = set(sent)
    known = [one for one in dict.fromkeys((*before, *left)) if one not in gone]
    after = _still_here(repository, known)
    if after == before:
        return
    place = own_folder(repository).made().tags_left
    if after:
        place.write_text("".join(f"{tag}\n" for tag in after))
    else:  # its being there is what keeps a push from being a plain one
        place.unlink(missing_ok=True)


def push_command(remote: str, tags: Sequence[str]) -> str:
    """Return what sends tags with git alone.

    >>> push_command("origin", ["digits@v0.0.1", "digits#prod#1"])
    "git push origin digits@v0.0.1 'digits#prod#1'"
    """
    return shlex.join(["git", "push", remote, *tags])


def _still_here(repository: Repository, tags: Sequence[str]) -> list[str]:
    found = repository.objects.read_many([f"refs/tags/{tag}" for tag in tags]) if tags else ()
    return [tag for tag, there in zip(tags, found, strict=False) if there is not None]


def _kept(repository: Repository) -> list[str]:
    try:
        return own_folder(repository).tags_left.read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return []
