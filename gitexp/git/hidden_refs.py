"""Refs that git passes over without a word: whatever judges what is needed asks here first."""

from __future__ import annotations

import contextlib
import os
import shlex

from gitexp.errors import GitexpError
from gitexp.git.repository import Repository


def check_refs_are_seen(repository: Repository) -> None:
    """Raise GitexpError if there are refs that git cannot look at.

    It lists those that it can and ends with 0, be it `git for-each-ref`, `fsck` or `gc` (git
    2.39): what the others have seems to be needed by nobody.
    """
    refs = repository.common_dir / "refs"
    try:
        for folder, _, files in os.walk(refs, onerror=_raise):
            for name in files:
                if not name.endswith(".lock"):
                    _look_at(os.path.join(folder, name))  # noqa: PTH118 - of thousands
    except OSError as error:
        shown = os.path.relpath(error.filename or refs, repository.top)
        raise GitexpError(
            f"git cannot look at '{shown}': {error.strerror}; its refs would seem to need nothing",
            hint=f"`ls -ld {shlex.quote(shown)}` says whose it is. Give the command again once it "
            "can be read.",
        ) from error


def _look_at(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):  # packed or deleted meanwhile; one to nowhere
        os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
