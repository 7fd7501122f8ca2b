"""What a bisection came to, with what is known of the commits and runs."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gitexp.project import Project
from gitexp.store.stored_run import StoredRun
from gitexp.tracing.bisect import Found, nearest
from gitexp.tracing.odds import Ends
from gitexp.tracing.origins import Told, told_by
from gitexp.tracing.search import Search

_SHOWN = 10


class Suspect(Struct, frozen=True):
    """A commit that may be it."""

    commit: Told
    chance: float


class Outcome(Struct, frozen=True):
    """The commit, or those that are left."""

    metric: str
    suspects: tuple[Suspect, ...]
    """The likeliest first; some of them, if they are many."""
    count: int
    """How many there are."""
    ends: Ends
    """Both sides, by all readings that are sure to be of one."""
    before: StoredRun | None
    """The last run before the commit."""
    after: StoredRun | None
    """The first run with it."""
    made: int
    silent: tuple[tuple[str, str], ...]
    """The commits that said nothing, and why."""
    is_over: bool
    """Whether no other run would say more."""

    @property
    def is_found(self) -> bool:
        """Whether one commit is left."""
        return self.count == 1 and self.is_over


def outcome_of(project: Project, search: Search, metric: str, found: Found) -> Outcome:
    """Return what came out."""
    commits = found.suspects.commits
    shown = found.likely[:_SHOWN]
    told = told_by(project.repository, commits[-1], [commits[at] for at in shown])
    good, bad = (search.runs_of(end) for end in search.ends())
    return Outcome(
        metric,
        tuple(Suspect(told[commits[at]], found.odds[at]) for at in shown),
        len(found.likely),
        found.ends,
        nearest(found, bad=False) or _first(good),
        nearest(found, bad=True) or _first(bad),
        found.made,
        tuple(
            (commits[at], one.why)
            for at, some in found.readings.items()
            for one in some
            if one.value is None
        ),
        found.is_over,
    )


def _first(runs: Sequence[StoredRun]) -> StoredRun | None:
    return next((run for run in runs if run.record.status == "done"), None)
