"""Sweeps that are under way, or were left."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from gitexp.doctor.finding import Finding
from gitexp.git.repository import Repository
from gitexp.model.numbers import counted
from gitexp.store.frozen import KeptSweep, kept_sweeps


def examine_sweeps(repository: Repository) -> Iterator[Finding]:
    """Look at the sweeps whose files are kept."""
    found = kept_sweeps(repository)
    for one in found:
        yield _finding(one)
    if not found:
        yield Finding("ok", "sweeps", "no sweep is under way")


def _finding(one: KeptSweep) -> Finding:
    name = f"sweep '{one.name}'" + (f" ({one.id})" if one.name != one.id else "")
    if one.runs:
        return Finding("ok", "sweeps", f"{name} is under way, with {counted(one.runs, 'run')} now")
    if one.is_over:
        return Finding("ok", "sweeps", f"{name} is over; `gitexp gc` lets go of its files")
    hint = f"`gitexp sweep --resume {shlex.quote(one.name)}` goes on with it."
    return Finding("note", "sweeps", f"{name} has begun, and nobody is at it", hint)
