"""Files of the work tree that a killed process had begun to write, beside what they were to be."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Iterator

from gitexp.doctor.finding import Finding
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository

_GIVEN_UP = 60.0
"""Seconds without a byte after which nobody is taken to be at it."""

_PATTERNS = (":(top,glob)**/.*.gitexp", ":(top,glob)**/.*.tmp")
_NAME = re.compile(rb"(?:.*/)?\.(?:.+\.gitexp|[\w-]{22}\.tmp)", re.DOTALL)
"""What gitexp calls a file until it is whole, and what DVC calls one."""


def examine_unfinished(repository: Repository) -> Iterator[Finding]:
    """Find files that were never finished, and that the next run would take for code."""
    for path in _unknown(repository):
        place = repository.top / os.fsdecode(path)
        try:
            age = time.time() - place.lstat().st_mtime
        except OSError:
            continue
        if _NAME.fullmatch(path) and age > _GIVEN_UP:
            yield Finding(
                "note",
                "leftovers",
                f"'{place}' is half of a file, left by a process that was killed",
                f"`rm {shlex.quote(str(place))}`.",
            )


def _unknown(repository: Repository) -> list[bytes]:
    try:
        return list(
            repository.fields("ls-files", "-o", "-z", "--exclude-standard", "--", *_PATTERNS)
        )
    except GitexpError:  # a damaged index, of which others tell
        return []
