"""What a lab notebook says of one hypothesis, as a value."""

from __future__ import annotations

from msgspec import Struct

from gitexp.comparison.changes import Change
from gitexp.model.record import RunRecord


class Merge(Struct, frozen=True):
    """Where a run went in the history of the code."""

    oid: str
    """The commit that brought it there."""
    subject: str
    request: str = ""
    """The pull request as its host writes it, such as '#12' or '!12'; empty if there was none."""


class Chapter(Struct, frozen=True):
    """One hypothesis: the runs that tried it, what they changed, and what became of it."""

    runs: tuple[tuple[str, RunRecord], ...]
    """The repeats, the last one last; each with the oid of its commit."""
    baseline: str
    """The subject of the commit that they started from; empty if it is not here."""
    params: tuple[Change, ...] = ()
    """From the baseline's, seeds left out."""
    metrics: tuple[Change, ...] = ()
    """From the baseline's to those of the last run."""
    others: int = 0
    """How many runs without a word were made since the chapter before."""
    merges: tuple[Merge, ...] = ()

    @property
    def last(self) -> RunRecord:
        """The run that the chapter ends with."""
        return self.runs[-1][1]
