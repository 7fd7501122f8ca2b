"""What became of a run."""

from __future__ import annotations

from msgspec import Struct

from gitexp.execution.command.child import Ended
from gitexp.model.record import Documents, RunRecord, Status
from gitexp.store.reading import StoredRun


class Ending(Struct, frozen=True):
    """How a command ended, and what was recorded of it."""

    ended: Ended
    run: StoredRun
    record: RunRecord
    previous: Documents
    """The metrics that its changes are measured from."""
    notes: tuple[str, ...] = ()
    """What is to be reported once that is."""


def status_of(ended: Ended) -> Status:
    """Return how a run ended, in a word."""
    if ended.reason is not None:
        return "interrupted"
    return "done" if ended.code == 0 else "failed"
