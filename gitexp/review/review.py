"""The review of a change, as a value: the verdict, what else differs, and the run behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from gitexp.comparison.diff import Diff
from gitexp.review.checks import Finding
from gitexp.review.freshness import Freshness
from gitexp.review.judged import Verdict
from gitexp.review.verdict_json import verdict_data


class End(Struct, frozen=True):
    """One end of what is reviewed."""

    label: str
    """What people call it."""
    oid: str


class Course(Struct, frozen=True):
    """How one metric moved over the runs, the oldest first."""

    metric: str
    values: tuple[float, ...]
    """All of them finite."""
    base: float | None = None
    """What the base has."""
    at: int | None = None
    """Which of the runs is the one behind this change, from 0."""


class Review(Struct, frozen=True):
    """All that is to be said of a change."""

    project: str
    """The project's folder; '' for the top of the repository."""
    base: End
    """The merge base."""
    head: End
    verdict: Verdict
    diff: Diff
    findings: tuple[Finding, ...] = ()
    """What was found out about the head by itself, what the verdict says left out."""
    runs: tuple[Freshness, ...] = ()
    """Of each run's metrics files, which run they are of; and of those that are of none."""
    courses: tuple[Course, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether neither a demand is broken nor anything is wrong with the head."""
        return self.verdict.passed and not self._refusals

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the answer is no, as phrases; empty where it is yes."""
        return (*self.verdict.reasons, *(one.words for one in self._refusals))

    @property
    def notes(self) -> tuple[str, ...]:
        """What deserves a look and is no reason for a no."""
        noted = (one.words for one in self.findings if one.mark == "note")
        return (*self.verdict.notes, *noted)

    @property
    def summary(self) -> str:
        """The answer in one line, without anything that comes from the repository.

        >>> Review("", End("a", "1"), End("b", "2"), Verdict("a", "b"), Diff("a", "b")).summary
        'passed: nothing is demanded of this change'
        """
        demands = len(self.verdict.rules)
        refused = len(self.reasons)
        if refused:
            return f"not passed, for {refused} reason{'s' if refused > 1 else ''}"
        if not demands:
            return "passed: nothing is demanded of this change"
        return (
            "passed: the one demand is kept"
            if demands == 1
            else (f"passed: all {demands} demands are kept")
        )

    @property
    def _refusals(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.mark == "wrong")


def main_metrics(verdict: Verdict, ruled: Iterable[str], most: int) -> list[str]:
    """Return the metrics that are looked at first: those of the policy, else those that moved."""
    of_policy = set(ruled)
    names = dict.fromkeys(
        one.change.name
        for one in verdict.metrics
        if one.change.name in of_policy or (not of_policy and one.outcome != "unchanged")
    )
    return list(names)[:most]


def review_data(review: Review, diff: object) -> dict[str, Any]:
    """Return a review as mappings and lists; the diff is given as such."""
    return {
        "project": review.project,
        "base": {"label": review.base.label, "oid": review.base.oid},
        "head": {"label": review.head.label, "oid": review.head.oid},
        "passed": review.passed,
        "reasons": list(review.reasons),
        "notes": list(review.notes),
        "verdict": verdict_data(review.verdict),
        "diff": diff,
        "runs": [
            {
                "files": list(one.files),
                "name": one.run,
                "id": one.run_id,
                "fresh": one.fresh,
                "words": one.words,
            }
            for one in review.runs
        ],
        "courses": [
            {"metric": one.metric, "values": list(one.values), "base": one.base, "at": one.at}
            for one in review.courses
        ],
    }
