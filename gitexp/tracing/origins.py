"""What is known of commits that moved a metric: the run that measured it, and the pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from gitexp.git.repository import Repository
from gitexp.inputs.freshness import read_origins
from gitexp.model.message import FROM_RUN_TRAILER
from gitexp.notebook.merges import merges_that_brought, request_in
from gitexp.project import Project
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import commit_revision
from gitexp.store.stored_run import StoredRun

_FIELDS = ("%H", "%an", "%aI", "%s", f"%(trailers:key={FROM_RUN_TRAILER},valueonly,separator=%x20)")


class Told(Struct, frozen=True):
    """What a commit says of itself."""

    oid: str
    author: str
    date: str
    """RFC 3339."""
    subject: str
    run_ids: tuple[str, ...]
    """The runs that it says it is from."""
    request: str = ""
    """The pull request that brought it: `#12`, or `!12` on GitLab."""


def told_by(repository: Repository, rev: str, oids: Sequence[str]) -> Mapping[str, Told]:
    """Return what commits of a history say, and the merges that brought them."""
    if not oids:
        return {}
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    options = ("--no-walk=unsorted", f"--format={'%x00'.join(_FIELDS)}%x00")
    fields = repository.line("log", *options, "--stdin", stdin=asked).split("\0")
    width = len(_FIELDS)
    rows = [fields[at : at + width] for at in range(0, len(fields) - width, width)]
    told = {
        oid.lstrip("\n"): Told(
            oid.lstrip("\n"), author, date, subject, tuple(ids.split()), request_in(subject)
        )
        for oid, author, date, subject, ids in rows
    }
    return told | dict(_brought(repository, rev, told))


def _brought(
    repository: Repository, rev: str, told: Mapping[str, Told]
) -> Iterator[tuple[str, Told]]:
    lacking = [oid for oid, one in told.items() if not one.request]
    if not lacking:
        return
    found = repository.attempt("merge-base", "--octopus", *lacking, *lacking[:1])
    since = found.stdout.decode().strip() or None
    for oid, merge in merges_that_brought(repository, rev, lacking, since).items():
        one = told[oid]
        yield oid, Told(oid, one.author, one.date, one.subject, one.run_ids, merge.request)


def runs_behind(reading: Reading) -> Mapping[str, StoredRun]:
    """Return for the metrics files of a revision the run that each is from, if one is here."""
    found = read_origins(reading)
    return {
        file: found.runs[one.run_id]
        for one in found.freshness
        if one.run_id is not None
        for file in one.files
    }


def reading_of(project: Project, oid: str) -> Reading:
    """Return a commit of a history, ready to be read."""
    return Reading(project, commit_revision(project, oid, oid[:10], project.runs.of_commit(oid)))
