"""Writing blobs and commits, signed when the user's git signs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.repository import GitCommandFailed, Repository

SIGNER_TIMEOUT = 30.0
"""Seconds that a signer (a smart card, a passphrase prompt) may take."""

_TRUE = frozenset({"true", "yes", "on", "1"})


def write_blobs(repository: Repository, contents: Sequence[bytes], scratch: Path) -> list[str]:
    """Write contents as they are, no filter applied, and return their oids; one process for all."""
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
    signer that fails, or does not answer in time, costs the signature and not the commit.
    """
    options = [option for parent in parents for option in ("-p", parent)]
    command = ("commit-tree", tree, *options)
    if not identity and wants_signature(repository):
        try:
            ended = repository.attempt(
                *command, "-S", stdin=os.fsencode(message), timeout=SIGNER_TIMEOUT
            )
            if ended.returncode == 0:
                return ended.stdout.decode().strip(), None
            said = os.fsdecode(ended.stderr).strip().splitlines() or ["the signer failed"]
        except TimeoutError:
            said = [f"the signer did not answer in {SIGNER_TIMEOUT:.0f} s"]
        warning = f"the run's commit is not signed: {said[0]}"
    else:
        warning = None
    written = repository.git(*command, stdin=os.fsencode(message), env=identity)
    return written.decode().strip(), warning


def wants_signature(repository: Repository) -> bool:
    """Return whether the user's commits are signed."""
    return repository.config.get("commit.gpgsign", "").lower() in _TRUE


def check_identity(repository: Repository) -> None:
    """Raise GitexpError where git would not know whom to name as the author of a commit."""
    config = repository.config
    told = any(name.startswith(("GIT_AUTHOR_", "GIT_COMMITTER_")) for name in os.environ)
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
