"""Commits signed by the user's own git, whose signer may fail or never answer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from gitexp.git.repository import Repository

SIGNER_TIMEOUT = 30.0
"""Seconds that a signer (a smart card, a passphrase prompt) may take."""

PATIENCE_LEFT = 3.0
"""Seconds that it may take after it has not answered: the next run of a sweep may be ready."""

_silent: set[Path] = set()
"""The repositories whose signer has not answered this process."""


def wants_signature(repository: Repository) -> bool:
    """Return whether the user's commits are signed."""
    return repository.is_set("commit.gpgsign")


def commit_signed(
    repository: Repository, tree: str, parents: Sequence[str], message: str
) -> tuple[str | None, str]:
    """Have git write and sign a commit; return its oid, or None and why it is not signed."""
    options = [option for parent in parents for option in ("-p", parent)]
    begun = repository.begin("commit-tree", tree, *options, "-S", is_fed=True)
    patience = PATIENCE_LEFT if repository.common_dir in _silent else SIGNER_TIMEOUT
    try:
        ended = begun.answered(os.fsencode(message), patience)
    except TimeoutError:
        _silent.add(repository.common_dir)
        return None, f"the signer did not answer in {patience:.0f} s"
    _silent.discard(repository.common_dir)
    if ended.returncode == 0:
        return ended.stdout.decode().strip(), ""
    return None, _reason(os.fsdecode(ended.stderr))


def sign_later(oid: str) -> str:
    """Return how a commit that could not be signed is signed all the same."""
    return f"`git tag -s NAME {oid[:10]}` signs it later"


def _reason(said: str) -> str:
    """Return the line of what git and its signer said that says most."""
    lines = [line.strip().removeprefix("error: ") for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith("[GNUPG:]")]
    if len(telling) > 1 and telling[0].endswith(":"):  # "gpg failed to sign the data:"
        return telling[1]
    return telling[0] if telling else "the signer failed"
