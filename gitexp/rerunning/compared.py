"""What a run has of an output, and what became of outputs that were compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

from gitexp.data.pointers import Pointer
from gitexp.git.trees import Entry
from gitexp.model.verification import OutputAnswer


class ComparedOutputs(Struct, frozen=True):
    """What became of each output, and what is to be said of those that differ."""

    answers: Mapping[str, OutputAnswer]
    """By path in the project."""
    reasons: tuple[str, ...] = ()


Held: TypeAlias = Entry | Pointer | None
"""What a run has of a path: a file in git, data behind a pointer, or nothing."""
