"""Whether git can read what it keeps: its own check, which reads every object."""

from __future__ import annotations

import os
from collections.abc import Iterator

from gitexp.doctor.finding import Finding
from gitexp.git.damage import OBJECTS_HINT
from gitexp.git.repository import Repository

_SHOWN = 3


def examine_git_objects(repository: Repository) -> Iterator[Finding]:
    """Have git look at all its objects, with `--deep` alone: it takes as long as there are many."""
    ended = repository.attempt("fsck", "--full", "--no-dangling", "--no-progress")
    lines = os.fsdecode(ended.stdout + ended.stderr).splitlines()
    words = ("error", "missing", "broken")
    said = [line for line in dict.fromkeys(lines) if line.startswith(words)]
    for line in said[:_SHOWN]:
        yield Finding("wrong", "git", line.removeprefix("error: "), OBJECTS_HINT)
    if ended.returncode and not said:
        why = lines[0] if lines else f"exit status {ended.returncode}"
        yield Finding("wrong", "git", f"`git fsck` finds damage: {why}", OBJECTS_HINT)
    if len(said) > _SHOWN:
        yield Finding("wrong", "git", f"and {len(said) - _SHOWN} more; `git fsck` lists all")
    if not ended.returncode and not said:
        yield Finding("ok", "git", "all objects can be read")
