"""Runs read from their commits, with nothing but git objects."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeVar

from msgspec import Struct

from gitexp.git.nearby import line_between
from gitexp.git.objects import GitObject
from gitexp.git.repository import Repository
from gitexp.git.trees import object_oid
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.message import PROJECT_TRAILER, RUN_TRAILER, trailers, unquoted_path
from gitexp.model.names import is_name
from gitexp.model.values import loads
from gitexp.store.stored_run import FEW, RECORD_NAME, StoredRun

_TOLD_EVERY = 500
T = TypeVar("T")
Report = Callable[[int, int], None]
"""Called now and then while runs are read, with how many are done, and of how many."""


def _unreported(_done: int, _total: int) -> None:
    """Tell nobody."""


def _one(_run: object) -> int:
    return 1


class RunCommit(Struct, frozen=True):
    """A commit that says it is a run."""

    oid: str
    id: str
    name: str
    project: str
    tree: str = ""
    """Its tree, where that is known: git need not read the commit again."""


class CatchUp(Struct, frozen=True):
    """How a command catches up with the runs that are new to it, which may be many."""

    report: Report = _unreported
    most_new: int | None = None
    """How many new runs may be read into the index, else it stays as it is; None for all."""

    def counted(
        self, runs: Iterable[T], total: Callable[[], int], size: Callable[[T], int] = _one
    ) -> Iterator[T]:
        """Yield runs as `reported` does; nobody counts them if nobody is told."""
        if self.report is _unreported:
            yield from runs
        else:
            yield from self.reported(runs, total(), size)

    def reported(
        self, runs: Iterable[T], total: int, size: Callable[[T], int] = _one
    ) -> Iterator[T]:
        """Yield runs, or parts, reporting now and then how many runs of how many there were."""
        done = due = 0
        for run in runs:
            if done >= due:
                self.report(done, total)
                due = done + _TOLD_EVERY
            yield run
            done += size(run)
        self.report(total, total)


QUIETLY = CatchUp()


def runs_between(
    repository: Repository, seen: str | None, tip: str, catch_up: CatchUp = QUIETLY
) -> Iterator[StoredRun]:
    """Yield the runs that `tip` has and `seen` does not, oldest first.

    A run is a commit whose `Gitexp-Run` trailer equals the id in its `run.json`; whatever
    else is on the branch is skipped.
    """
    runs = read_stream(repository, run_commits(repository, seen, tip))
    return catch_up.counted(runs, lambda: count_commits(repository, seen, tip))


def commits_between(repository: Repository, seen: str | None, tip: str) -> list[RunCommit]:
    """Return the commits that say they are runs, oldest first."""
    return list(run_commits(repository, seen, tip))


def count_commits(repository: Repository, seen: str | None, tip: str) -> int:
    """Return how many commits there are that say they are runs."""
    said = f"--grep=^{RUN_TRAILER}: "
    return int(repository.line("rev-list", "--count", "--basic-regexp", said, tip, *_since(seen)))


def _since(seen: str | None) -> list[str]:
    return [f"^{seen}"] if seen else []


def run_commits(repository: Repository, seen: str | None, tip: str) -> Iterator[RunCommit]:
    """Yield the same as they are found."""
    for oid, tree, message in told_between(repository, seen, tip):
        commit = run_commit(oid, message, tree) if _TRAILER in message else None
        if commit is not None:
            yield commit


def messages_between(
    repository: Repository, seen: str | None, tip: str
) -> Iterator[tuple[str, bytes]]:
    """Yield the oid and the message of each commit that `tip` has and `seen` does not."""
    yield from ((oid, message) for oid, _, message in told_between(repository, seen, tip))


def told_between(
    repository: Repository, seen: str | None, tip: str
) -> Iterator[tuple[str, str, bytes]]:
    """Yield the same with the tree of each, where git says it along with them."""
    near = line_between(repository, seen, tip) if seen is not None else None
    if near is not None:
        yield from ((one.oid, "", one.content.partition(b"\n\n")[2]) for one in near)
        return
    form = "--format=%H %T%x00%B%x00"  # rev-list ignores log.* settings and mailmaps
    found = repository.fields("rev-list", "--topo-order", "--reverse", form, tip, *_since(seen))
    for head in found:
        oid, _, tree = head.rpartition(b"\n")[2].decode().partition(" ")
        yield oid, tree, next(found)


_TRAILER = f"{RUN_TRAILER}: ".encode()
_ID = lazy_pattern(r"[0-9A-Za-z]+")
"""An id names files and refs, and a commit may come from anybody."""


def run_commit(oid: str, message: bytes, tree: str = "") -> RunCommit | None:
    """Return the run that a commit with this message says it is."""
    known = trailers(os.fsdecode(message))
    run_id = known.get(RUN_TRAILER, "")
    if not _ID.fullmatch(run_id):
        return None
    project = unquoted_path(known.get(PROJECT_TRAILER, ""))
    name = known.get("Gitexp-Name", "")
    return RunCommit(oid, run_id, name if is_name(name) else run_id, project, tree)


def read_runs(repository: Repository, commits: Sequence[RunCommit]) -> Iterator[StoredRun]:
    """Yield the runs that commits are, in their order."""
    places = [place_of(commit) for commit in commits]
    for commit, record in zip(commits, repository.objects.read_all(places), strict=True):
        if found := run_at(repository, commit, record):
            yield found


def run_at(repository: Repository, commit: RunCommit, record: GitObject | None) -> StoredRun | None:
    """Return the run that a commit is; None if it is none, without a content if git fails.

    Git does not look whether what it reads from a pack is what it was asked for.
    """
    if record is not None:
        if object_oid("blob", record.content, repository.object_format) != record.oid:
            return _stored(commit, b"")
        return _stored(commit, record.content) if _is_of(record.content, commit.id) else None
    revision, _, path = place_of(commit).partition(":")
    listed = repository.attempt("ls-tree", "--full-tree", revision, "--", path)
    return _stored(commit, b"") if listed.returncode or listed.stdout else None


def _stored(commit: RunCommit, content: bytes) -> StoredRun:
    return StoredRun(commit.oid, commit.id, commit.name, commit.project, content)


def read_stream(repository: Repository, commits: Iterator[RunCommit]) -> Iterator[StoredRun]:
    """Yield the same of commits that come one by one; few of them are in memory at any time."""
    first = list(islice(commits, FEW))
    if len(first) < FEW:
        yield from read_runs(repository, first)
        return
    asked = ((place_of(commit), commit) for commit in chain(first, commits))
    for commit, record in repository.objects.read_stream(asked):
        if found := run_at(repository, commit, record):
            yield found


def _is_of(content: bytes, run_id: str) -> bool:
    """Return whether a `run.json` has this id, without reading all of what gitexp itself wrote."""
    head = b'{\n  "version": 1,\n  "id": "%s",\n' % run_id.encode()  # letters and digits
    if content.startswith(head) and content.count(b'"id":') == 1:
        return True
    return _id(content) == run_id


def run_of(repository: Repository, rev: str) -> StoredRun | None:
    """Return the run that a rev names, if its commit is one."""
    found = repository.objects.read(f"{rev}^{{commit}}")
    if found is None:
        return None
    commit = run_commit(found.oid, found.content.partition(b"\n\n")[2])
    return next(read_runs(repository, [commit]), None) if commit is not None else None


def place_of(commit: RunCommit) -> str:
    """Return where git has the record of a run."""
    inside = f"{commit.project}/{RECORD_NAME}" if commit.project else RECORD_NAME
    return f"{commit.tree or commit.oid}:{inside}"


def _id(content: bytes) -> object:
    try:
        values = loads(content)
    except ValueError:
        return None
    return values.get("id") if isinstance(values, dict) else None
