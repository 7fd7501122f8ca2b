"""Writing blobs and commits, signed when the user's git signs."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.failing import GitCommandFailed
from gitexp.git.loose import write_loose
from gitexp.git.repository import Repository
from gitexp.git.signing import commit_signed, sign_later, wants_signature

_ROLES = ("GIT_AUTHOR_", "GIT_COMMITTER_")
_CRUD = " .,:;<>\"\\'"
"""What git strips from both ends of a name."""


def write_blobs(repository: Repository, contents: Sequence[bytes], scratch: Path) -> list[str]:
    """Write contents as they are, no filter applied, and return their oids.

    Those that are left to git are written by one process for all.
    """
    loose = [write_loose(repository, "blob", content) for content in contents]
    left = [content for content, oid in zip(contents, loose, strict=True) if oid is None]
    rest = iter(_write_by_git(repository, left, scratch) if left else ())
    return [next(rest) if oid is None else oid for oid in loose]


def _write_by_git(repository: Repository, contents: Sequence[bytes], scratch: Path) -> list[str]:
    paths = [scratch / f"blob-{number}" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    names = b"".join(os.fsencode(path) + b"\n" for path in paths)
    oids = repository.line("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names)
    for path in paths:
        path.unlink()
    return oids.split()


def write_commit(
    repository: Repository,
    *,
    tree: str,
    parents: Sequence[str],
    message: str,
    identity: Mapping[str, str] | None = None,
) -> tuple[str, str | None]:
    """Write a commit that no ref points at yet; return its oid and a warning, if there is one.

    Author and committer are the user's unless `identity` gives the `GIT_*` variables. A
    signer that fails, or does not answer in time, only means that the commit is unsigned.
    """
    why = None
    if not identity and wants_signature(repository):
        oid, why = commit_signed(repository, tree, parents, message)
        if oid is not None:
            return oid, None
    content = _commit_content(repository, tree, parents, message, identity)
    oid = write_loose(repository, "commit", content) if content is not None else None
    if oid is None:
        options = [option for parent in parents for option in ("-p", parent)]
        command = ("commit-tree", tree, *options)
        written = repository.git(*command, stdin=os.fsencode(message), env=identity)
        oid = written.decode().strip()
    return oid, None if why is None else f"the run's commit is not signed: {why}; {sign_later(oid)}"


def _commit_content(
    repository: Repository,
    tree: str,
    parents: Sequence[str],
    message: str,
    identity: Mapping[str, str] | None,
) -> bytes | None:
    """Return what `git commit-tree` would write; None if git makes more of it.

    Such as an identity from the environment, or text that git would call malformed.
    """
    person = _person(repository.config, identity)
    if person is None or not message.replace("\n", "").isprintable():
        return None
    now = time.localtime()
    signed = f"{person} {int(time.mktime(now))} {_zone(now.tm_gmtoff)}"
    lines = [f"tree {tree}", *(f"parent {one}" for one in dict.fromkeys(parents))]
    lines += [f"author {signed}", f"committer {signed}", "", message]
    return "\n".join(lines).encode()


def _zone(seconds: int) -> str:
    """Return a time zone as git writes it.

    >>> _zone(20700), _zone(-12600), _zone(0)
    ('+0545', '-0330', '+0000')
    """
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02}{minutes:02}"


def _person(config: Mapping[str, str], identity: Mapping[str, str] | None) -> str | None:
    """Return author and committer if they are the same, spelled as git would spell them."""
    if any(name.startswith(_ROLES) for name in os.environ):
        return None
    if identity is not None:
        if any(name.endswith("_DATE") for name in identity):
            return None
        parts = (identity["GIT_AUTHOR_NAME"], identity["GIT_AUTHOR_EMAIL"])
    elif any(name.startswith(("author.", "committer.")) for name in config):
        return None
    else:
        parts = (config.get("user.name", ""), config.get("user.email", ""))
    is_plain = all(part and part.isprintable() and part.strip(_CRUD) == part for part in parts)
    return f"{parts[0]} <{parts[1]}>" if is_plain and not {"<", ">"} & {*"".join(parts)} else None


def check_identity(repository: Repository) -> None:
    """Raise GitexpError if git would not know whom to name as the author of a commit."""
    config = repository.config
    told = any(name.startswith(_ROLES) for name in os.environ)
    if config.get("user.name", "").strip() and config.get("user.email", "").strip() and not told:
        return
    for role in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        try:
            repository.git("var", role)
        except GitCommandFailed as error:
            raise GitexpError(
                "git does not know your name and email address, which every run carries",
                hint='Run `git config --global user.name "Your Name"` and '
                "`git config --global user.email you@example.com`.",
            ) from error
