"""Runs read from their commits, with nothing but git objects."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gitexp.git.objects import GitObject
from gitexp.git.repository import Repository
from gitexp.model.facts import NO_FACTS, Facts
from gitexp.model.message import PROJECT_TRAILER, RUN_TRAILER, trailers, unquoted_path
from gitexp.model.record import RunRecord
from gitexp.model.record_json import UnreadableRecord, from_json
from gitexp.model.values import loads

RECORD_NAME = ".gitexp/run.json"


@dataclass(frozen=True)
class StoredRun:
    """A run as its commit holds it, and what was said of it later."""

    oid: str
    id: str
    recorded_name: str
    project: str
    content: bytes
    """The bytes of `run.json`."""
    facts: Facts = NO_FACTS

    @property
    def name(self) -> str:
        """The name that the run goes by now."""
        return self.facts.name or self.recorded_name

    @property
    def record(self) -> RunRecord:
        """The run with its late facts; raises UnreadableRecord if it needs a newer gitexp."""
        record, facts = from_json(self.content), self.facts
        if facts.last is None:
            return record
        kept = (tag for tag in record.tags if tag not in facts.untagged)
        return replace(
            record,
            name=self.name,
            tags=tuple(dict.fromkeys((*kept, *facts.tags))),
            comments=facts.comments,
        )

    @property
    def problem(self) -> str | None:
        """Why the record cannot be read, if it cannot."""
        try:
            self.record  # noqa: B018 - read for what it raises
        except UnreadableRecord as unreadable:
            return str(unreadable)
        return None


def runs_between(repository: Repository, seen: str | None, tip: str) -> Iterator[StoredRun]:
    """Yield the runs that `tip` has and `seen` has not, oldest first.

    A run is a commit whose `Gitexp-Run` trailer equals the id in its `run.json`; whatever
    else lies on the branch is passed over.
    """
    since = [f"^{seen}"] if seen else []
    listed = repository.line("rev-list", "--topo-order", "--reverse", tip, *since)
    oids = listed.split()
    found = [(oid, _trailers(commit.content)) for oid, commit in _commits(repository, oids)]
    named = [(oid, known) for oid, known in found if RUN_TRAILER in known]
    places = [f"{oid}:{_record_path(known.get(PROJECT_TRAILER, ''))}" for oid, known in named]
    records = repository.objects.read_many(places)
    for (oid, known), record in zip(named, records, strict=True):
        if record is not None and _id(record.content) == known[RUN_TRAILER]:
            project = unquoted_path(known.get(PROJECT_TRAILER, ""))
            name = known.get("Gitexp-Name", known[RUN_TRAILER])
            yield StoredRun(oid, known[RUN_TRAILER], name, project, record.content)


def run_of(repository: Repository, rev: str) -> StoredRun | None:
    """Return the run that a rev names, if its commit is one."""
    commit = repository.objects.read(f"{rev}^{{commit}}")
    if commit is None or RUN_TRAILER not in (known := _trailers(commit.content)):
        return None
    project = unquoted_path(known.get(PROJECT_TRAILER, ""))
    record = repository.objects.blob(f"{commit.oid}:{_record_path(project)}")
    if record is None or _id(record) != known[RUN_TRAILER]:
        return None
    name = known.get("Gitexp-Name", known[RUN_TRAILER])
    return StoredRun(commit.oid, known[RUN_TRAILER], name, project, record)


def _commits(repository: Repository, oids: list[str]) -> Iterator[tuple[str, GitObject]]:
    for oid, commit in zip(oids, repository.objects.read_many(oids), strict=True):
        if commit is not None:
            yield oid, commit


def _trailers(commit: bytes) -> dict[str, str]:
    return dict(trailers(os.fsdecode(commit.partition(b"\n\n")[2])))


def _record_path(project: str) -> str:
    folder = unquoted_path(project)
    return f"{folder}/{RECORD_NAME}" if folder else RECORD_NAME


def _id(content: bytes) -> object:
    try:
        values = loads(content)
    except ValueError:
        return None
    return values.get("id") if isinstance(values, dict) else None
