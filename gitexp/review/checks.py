"""The answers of a check of one revision, as values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from gitexp.review.freshness import Freshness
from gitexp.review.judged import Verdict
from gitexp.review.words import named

Answer = Literal["yes", "note", "no"]
Topic = Literal["files", "conflicts", "data", "policy", "freshness"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    topic: Topic
    answer: Answer
    """'note' is for what deserves a look and breaks nothing."""
    words: str
    subject: str = ""
    """The file, metric or path that it is about, if it is about one."""


@dataclass(frozen=True)
class Check:
    """All that was found out about one revision."""

    label: str
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether no answer is no."""
        return all(finding.answer != "no" for finding in self.findings)


def check_data(check: Check) -> dict[str, Any]:
    """Return a check as mappings and lists."""
    return {
        "rev": check.label,
        "passed": check.passed,
        "findings": [
            {
                "check": one.topic,
                "answer": one.answer,
                "subject": one.subject or None,
                "words": one.words,
            }
            for one in check.findings
        ],
    }


def policy_findings(verdict: Verdict) -> Iterator[Finding]:
    """Yield each rule that could be held against one revision."""
    for rule in verdict.rules:
        yield Finding("policy", "yes" if rule.kept else "no", rule.words, rule.subject)


def freshness_findings(freshness: Iterable[Freshness]) -> Iterator[Finding]:
    """Yield of each run's metrics files whether they are fresh."""
    for one in freshness:
        files = named(list(one.files))
        if one.fresh:
            yield Finding("freshness", "yes", one.words, files)
        elif one.run is None:
            words = f"{one.words}; run again, or get it with `gitexp pull`"
            yield Finding("freshness", "no", words, files)
        else:
            yield Finding("freshness", "no", f"{one.words}; run again", files)
        if one.extra:
            words = f"{one.run} also had {named(list(one.extra))}, which git does not have here"
            yield Finding("freshness", "note", words, files)
