"""The review of a change, as a value: the verdict, what else differs, and the run behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from gitexp.comparison.changes import Change, Diff
from gitexp.model.policy import Policy
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
    """Its name, with the file if several have one of that name."""
    values: tuple[float, ...]
    """All of them finite."""
    base: float | None = None
    """What the base has."""
    at: int | None = None
    """Which of the runs is the one behind this change, from 0."""


class Traced(Struct, frozen=True):
    """The curve of one metric at both ends, at the same steps, evenly spread."""

    key: str
    span: tuple[float, float]
    """The first step and the last."""
    head: tuple[float, ...]
    """All of them finite."""
    base: tuple[float, ...] | None = None


class Pictured(Struct, frozen=True):
    """A picture that differs between the ends."""

    path: str
    """As the project names it."""
    base: str | None
    """Where the host shows it; None if there is none."""
    head: str | None


class Review(Struct, frozen=True):
    """All there is to say about a change."""

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
    courses: Callable[[], tuple[Course, ...]] = tuple
    """How the main metrics moved; looked for by who shows it."""
    base_run: str | None = None
    """The id of the run whose metrics the base has, if it is one and the head has one as well."""

    @property
    def passed(self) -> bool:
        """Whether neither a demand is broken nor anything is wrong with the head."""
        return self.verdict.passed and not self._refusals

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the answer is no, as phrases; empty if it is yes."""
        return (*self.verdict.reasons, *(one.words for one in self._refusals))

    @property
    def notes(self) -> tuple[str, ...]:
        """What deserves a look and is not a reason for a no, what was judged by first."""
        noted = (one.words for one in self.findings if one.mark == "note" and one.topic != "policy")
        return (*self.warnings, *self.verdict.notes, *noted)

    @property
    def warnings(self) -> tuple[str, ...]:
        """That a change moves the ground it is judged on: no other note may drown this one."""
        return tuple(
            one.words for one in self.findings if one.mark == "note" and one.topic == "policy"
        )

    @property
    def is_empty(self) -> bool:
        """Whether the head has nothing that the base does not have."""
        return self.base.oid == self.head.oid

    @property
    def summary(self) -> str:
        """The answer in one line, without anything that comes from the repository.

        >>> Review("", End("a", "1"), End("b", "2"), Verdict("a", "b"), Diff("a", "b")).summary
        'passed: nothing is demanded of this change'
        """
        if self.is_empty:
            return (
                "passed: there is nothing to review, since the base has all commits of this branch"
            )
        return f"{self._answer}{_moves(self.verdict)}"

    @property
    def _answer(self) -> str:
        demands, refused = len(self.verdict.rules), len(self.reasons)
        if refused:
            return f"not passed, for {refused} reason{'s' if refused > 1 else ''}"
        if not demands and self.verdict.idle:
            return "passed: there is no metric that the policy demands anything of"
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


def _moves(verdict: Verdict) -> str:
    """Return how many metrics are better, and how many worse, to follow the answer."""
    counts = Counter(one.outcome for one in verdict.metrics)
    parts: list[str] = []
    for word in ("better", "worse"):
        if count := counts[word]:
            what = "" if parts else " metric" if count == 1 else " metrics"
            parts.append(f"{count}{what} {'is' if count == 1 else 'are'} {word}")
    return f"; {', '.join(parts)}" if parts else ""


def main_metrics(verdict: Verdict, policy: Policy, most: int) -> list[Change]:
    """Return the metrics that are looked at first: those of the policy, else those that moved."""
    names = ((one, policy.named(one.change.file, one.change.name)) for one in verdict.metrics)
    ruled = [one for one, name in names if policy.rule(name) is not None]
    found = ruled or [one for one in verdict.metrics if one.outcome != "unchanged"]
    return [one.change for one in found[:most]]


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
            for one in review.courses()
        ],
    }
