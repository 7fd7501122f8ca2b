"""What a check of one revision found out, as values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from msgspec import Struct

from gitexp.model.signature import Signature
from gitexp.review.freshness import Freshness
from gitexp.review.judged import Verdict
from gitexp.review.words import named

CheckMark = Literal["ok", "note", "wrong"]
Topic = Literal[
    "files",
    "conflicts",
    "data",
    "policy",
    "freshness",
    "noise",
    "hypothesis",
    "verification",
    "signatures",
]


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    topic: Topic
    mark: CheckMark
    """'note' is for what deserves a look and breaks nothing."""
    words: str
    subject: str = ""
    """The file, metric, path or commit that it is about, if it is about one."""


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
    """Yield each rule that could be held against one revision, and those that no metric has."""
    for rule in verdict.rules:
        yield Finding("policy", "ok" if rule.kept else "wrong", rule.words, rule.subject)
    for note in verdict.notes:
        yield Finding("policy", "note", note.removeprefix("policy: "))


def signature_findings(signed: Iterable[tuple[str, str, Signature]]) -> Iterator[Finding]:
    """Yield whether each run, by its name and commit, is signed by somebody who is trusted.

    The commit tells it from another run of that name, which a change may have in its place.
    """
    for run, oid, found in signed:
        if found.is_good:
            yield Finding("signatures", "ok", f"{run}: the signature is {found.words}", oid)
        elif found.state == "none":
            yield Finding("signatures", "wrong", f"{run} is not signed", oid)
        else:
            yield Finding("signatures", "wrong", f"{run}: the signature is {found.words}", oid)


def freshness_findings(freshness: Iterable[Freshness]) -> Iterator[Finding]:
    """Yield whether each run's metrics files are fresh, then what deserves a look."""
    for one in freshness:
        files, fresh = named(list(one.files)), one.fresh
        if fresh and one.untold:
            words = f"{files}: unknown until {named(list(one.untold))} can be read"
            yield Finding("freshness", "note", words, files)
        elif fresh:
            yield Finding("freshness", "ok", one.words, files)
        else:
            yield Finding("freshness", "wrong", f"{one.words}; {one.advice}", files)
        for words in _notes(one):
            yield Finding("freshness", "note", words, files)


def _notes(one: Freshness) -> Iterator[str]:
    if one.extra:
        yield f"{one.run} also had {named(list(one.extra))}, which git does not have here"
    if one.outputs:
        are = "is not what" if len(one.outputs) == 1 else "are not what"
        yield f"{named(list(one.outputs))} {are} {one.run} wrote"
    if one.removed:
        yield f"{one.run} is removed; `gitexp restore {one.run_id}` brings it back"
    if one.status != "done":
        how = "failed" if one.status == "failed" else "was interrupted"
        yield f"{one.run} {how}, so its metrics may not be its final ones"
