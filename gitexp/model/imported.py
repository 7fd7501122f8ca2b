"""Runs of other tools: what becomes of each, and what its record says of where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.model.record import IMPORTED_FROM, RunRecord

State = Literal["new", "imported", "known", "purged", "running", "refused"]
"""'new' is what would be imported; 'purged' what must not come back; 'running' has no end."""


class ImportedRun(Struct):
    """What becomes of one run of another tool's, as far as that is kept: there may be many."""

    run: str
    """What it is called in the tool."""
    state: State
    id: str | None = None
    name: str | None = None
    started: str | None = None
    baseline: str | None = None
    """The commit that the tool noted."""
    params: int = 0
    """How many it has."""
    metrics: int = 0
    oid: str | None = None
    problems: tuple[str, ...] = ()


def imported(record: RunRecord) -> Mapping[str, object]:
    """Return what is said of that; nothing of a run that gitexp made.

    A record may come from anybody.
    """
    found = record.extra.get("imported")
    return found if isinstance(found, Mapping) else {}


def is_foreign(record: RunRecord) -> bool:
    """Return whether the values of a run are another tool's, and stand in no file of its tree."""
    return imported(record).get("from") in IMPORTED_FROM


def check_has_code(record: RunRecord) -> None:
    """Raise GitexpError for a run of which nobody knows the code."""
    if is_foreign(record) and imported(record).get("code") is False:
        raise GitexpError(
            f"run '{record.name}' has no code: it was imported, and its commit is not known here",
            hint=f"`gitexp show {record.name}` has its params, metrics and curves.",
        )
