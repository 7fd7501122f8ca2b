"""Whether the runs that metrics are from are signed by somebody whom git trusts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gitexp.git.signatures import signatures_of
from gitexp.project import Project
from gitexp.review.checks import Finding, signature_findings
from gitexp.review.freshness import Freshness


def signed_findings(project: Project, freshness: Iterable[Freshness]) -> Iterator[Finding]:
    """Yield it for each run that some metrics are from."""
    ids = dict.fromkeys(one.run_id for one in freshness if one.run_id is not None)
    named = project.runs.index.named
    runs = [run for run_id in ids for run in named(run_id, None) if run.id == run_id]
    yield from findings_of(project, [(run.name, run.oid) for run in runs])


def findings_of(project: Project, commits: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Yield whether commits are signed, each after the name that people know it under.

    Two of them may have the same one.
    """
    found = signatures_of(project.repository, [oid for _, oid in commits]) if commits else {}
    yield from signature_findings((name, oid, found[oid]) for name, oid in commits)
