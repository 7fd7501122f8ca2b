"""Runs as DVC's experiments, for `dvc exp` and the editors that read it.

A mirrored run is a commit of its own on top of the run's baseline: from the run's own
commit DVC would walk on to earlier runs and take them for checkpoints. Every part of it
follows from the run, so that every clone makes the same one, and makes it once.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable

from gitexp.errors import GitexpError
from gitexp.git.commits import write_commit
from gitexp.git.edited import edited_tree
from gitexp.git.failing import GitCommandFailed
from gitexp.git.objects import GitObject
from gitexp.git.refs import ABSENT, Move, Ref, RefMoved, list_refs, move
from gitexp.git.repository import Repository
from gitexp.model.message import FROM_RUN_TRAILER, trailers
from gitexp.model.record import parse_time
from gitexp.store.stored_run import RECORD_NAME, StoredRun

EXPERIMENTS = "refs/exps/"
"""Where DVC keeps its experiments: the baseline's oid as `ab/cdef…`, then the name."""

_RECORD_FOLDER = RECORD_NAME.partition("/")[0]
_AUTHOR = re.compile(rb"^author (.*) <(.*)> \d+ [+-]\d{4}$", re.MULTILINE)


class NotMirrored(GitexpError):
    """A run cannot be shown to DVC."""


class BaselineMissing(NotMirrored):
    """The commit that a run started from is not in this clone."""


def mirror_runs(
    repository: Repository, runs: Iterable[StoredRun], tell: Callable[[str], None]
) -> None:
    """Have DVC see runs; what goes wrong is only reported, since the runs themselves are safe."""
    lost: list[str] = []
    absent: set[str] = set()
    for run in runs:
        try:
            if run.record.baseline not in absent:  # a partial clone asks its remote each time
                mirror_run(repository, run)
                continue
        except BaselineMissing:
            absent.add(run.record.baseline)
        except Exception as error:  # noqa: BLE001 - the run is on the branch, whatever this is
            tell(f"warning: run '{run.name}' is recorded, but DVC does not see it: {error}")
            continue
        lost.append(run.name)
    if lost:
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        tell(f"note: DVC does not see '{lost[0]}'{more}: the baseline is not in this clone")


def mirror_run(repository: Repository, run: StoredRun) -> str:
    """Have DVC see a run, and return the ref that shows it; one that already does stays.

    The ref has the run's name, followed by its id if the name is taken by something
    else.
    """
    record = run.record
    if not record.baseline or repository.objects.commit(record.baseline) != record.baseline:
        raise BaselineMissing(f"the baseline of run '{run.name}' is not in this repository")
    oid = _write(repository, run)
    folder = f"{EXPERIMENTS}{record.baseline[:2]}/{record.baseline[2:]}"
    known = {found.name: found.oid for found in list_refs(repository, folder)}
    for name in (run.name, f"{run.name}-{run.id}"):
        ref = f"{folder}/{name}"
        if known.get(ref) == oid:
            return ref
        if ref not in known and _create(repository, ref, oid):
            return ref
    raise NotMirrored(f"'{folder}/{run.name}' is taken")


def mirrored(repository: Repository, runs: frozenset[str]) -> list[Ref]:
    """Return the refs that show runs to DVC, given by their ids."""
    refs = list_refs(repository, EXPERIMENTS)
    commits = repository.objects.read_many(found.oid for found in refs)
    return [
        found
        for found, commit in zip(refs, commits, strict=True)
        if commit is not None
        and trailers(os.fsdecode(commit.content)).get(FROM_RUN_TRAILER) in runs
    ]


def unmirror(repository: Repository, runs: frozenset[str]) -> list[str]:
    """Remove the refs that show runs to DVC and return the oids of their commits."""
    shown = mirrored(repository, runs)
    for found in shown:
        with contextlib.suppress(RefMoved):
            gone = Move(found.name, ABSENT, found.oid)
            move(repository, [gone], reason="gitexp: a run is gone")
    return [found.oid for found in shown]


def _create(repository: Repository, ref: str, oid: str) -> bool:
    """Return whether the ref is there; git takes no name such as `x.lock`."""
    try:
        move(repository, [Move(ref, new=oid, old=ABSENT)], reason="gitexp: mirror a run")
    except (RefMoved, GitCommandFailed):
        return repository.objects.commit(ref) == oid
    return True


def _write(repository: Repository, run: StoredRun) -> str:
    """Write the commit: the run's tree without its record, which is not for a branch."""
    commit = repository.objects.read(f"{run.oid}^{{commit}}")
    author = _AUTHOR.search(commit.content) if commit is not None else None
    if commit is None or author is None:
        raise NotMirrored(f"the commit of run '{run.name}' cannot be read")
    folder = "/".join(filter(None, (run.project, _RECORD_FOLDER)))
    record = run.record
    date = f"@{int(parse_time(record.ended).timestamp())} +0000"
    parts = (("NAME", os.fsdecode(author[1])), ("EMAIL", os.fsdecode(author[2])), ("DATE", date))
    oid, _ = write_commit(
        repository,
        tree=edited_tree(repository, run.oid, {folder: None}, drops_folders=True),
        parents=[record.baseline],
        message=_message(commit, run),
        identity={
            f"GIT_{role}_{key}": text for role in ("AUTHOR", "COMMITTER") for key, text in parts
        },
    )
    return oid


def _message(commit: GitObject, run: StoredRun) -> str:
    """Return the message of the run with one trailer that says whose image this is."""
    said = os.fsdecode(commit.content.partition(b"\n\n")[2]).rstrip().rpartition("\n\n")[0]
    return f"{said}\n\n{FROM_RUN_TRAILER}: {run.id}\n"
