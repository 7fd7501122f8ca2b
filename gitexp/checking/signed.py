"""Whether the runs that metrics are from are signed by somebody whom git trusts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitexp.git.signatures import signatures_of
from gitexp.project import Project
from gitexp.review.checks import Finding, signature_findings
from gitexp.review.freshness import Freshness


def signed_findings(project: Project, freshness: Iterable[Freshness]) -> Iterator[Finding]:
    """Yield it for each run that some metrics are from."""
    ids = dict.fromkeys(one.run_id for one in freshness if one.run_id is not None)
    runs = [run for run_id in ids for run in project.runs.index.named(run_id, None)[:1]]
    yield from findings_of(project, {run.name: run.oid for run in runs})


def findings_of(project: Project, named: dict[str, str]) -> Iterator[Finding]:
    """Yield whether commits are signed, by the names that people know them under."""
    found = signatures_of(project.repository, list(named.values())) if named else {}
    yield from signature_findings((name, found[oid]) for name, oid in named.items())
