"""What a check of one revision found out, as values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from msgspec import Struct

from gitexp.review.freshness import Freshness
from gitexp.review.judged import Verdict
from gitexp.review.words import named

CheckMark = Literal["ok", "note", "wrong"]
Topic = Literal["files", "conflicts", "data", "policy", "freshness"]


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    topic: Topic
    mark: CheckMark
    """'note' is for what deserves a look and breaks nothing."""
    words: str
    subject: str = ""
    """The file, metric or path that it is about, if it is about one."""


class Check(Struct, frozen=True):
    """All that was found out about one revision."""

    label: str
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return all(finding.mark != "wrong" for finding in self.findings)


def check_data(check: Check) -> dict[str, Any]:
    """Return a check as mappings and lists."""
    return {
        "rev": check.label,
        "passed": check.passed,
        "findings": [
            {
                "check": one.topic,
                "mark": one.mark,
                "subject": one.subject or None,
                "words": one.words,
            }
            for one in check.findings
        ],
    }


def policy_findings(verdict: Verdict) -> Iterator[Finding]:
    """Yield each rule that could be held against one revision."""
    for rule in verdict.rules:
        yield Finding("policy", "ok" if rule.kept else "wrong", rule.words, rule.subject)


def freshness_findings(freshness: Iterable[Freshness]) -> Iterator[Finding]:
    """Yield of each run's metrics files whether they are fresh."""
    for one in freshness:
        files = named(list(one.files))
        if one.fresh:
            yield Finding("freshness", "ok", one.words, files)
        elif one.run is None:
            words = f"{one.words}; run again, or get it with `gitexp pull`"
            yield Finding("freshness", "wrong", words, files)
        else:
            yield Finding("freshness", "wrong", f"{one.words}; run again", files)
        if one.extra:
            words = f"{one.run} also had {named(list(one.extra))}, which git does not have here"
            yield Finding("freshness", "note", words, files)
