"""A run that a worker made, put onto the branch at home: once, however often it arrives."""

from __future__ import annotations

import contextlib
import shutil
import zlib
from collections.abc import Callable

from gitexp.errors import GitexpError
from gitexp.execution.record.before import metrics_before
from gitexp.git.failing import GitCommandFailed
from gitexp.git.objects import is_oid
from gitexp.git.packs import add_few
from gitexp.mirroring import mirror
from gitexp.model.message import message_text
from gitexp.model.record_json import UnreadableRecord, from_json
from gitexp.project import Project
from gitexp.revisions.roles import Declared
from gitexp.store.journal import Entry, Journal
from gitexp.store.own import own_folder
from gitexp.store.pending import append
from gitexp.store.stored_run import RECORD_NAME, StoredRun
from gitexp.sweep.remote.objects import put_objects
from gitexp.sweep.remote.parcel import MOST_LOG, Parcel

Tell = Callable[[str], None]


class Unsound(GitexpError):
    """What came from a worker is not the run that was asked for."""


def file_run(project: Project, entry: Entry, parcel: Parcel, tell: Tell) -> StoredRun:
    """Put a run onto the branch, and forget its entry; raises GitexpError if it is not sound.

    The commit is made here: by this host's user, with the change from a baseline that is here.
    """
    run = is_filed(project, entry.id)
    if run is None:
        run = _filed(project, entry, parcel, tell)
    _keep_log(project, entry.id, parcel.log)
    journal = Journal(project.repository)
    journal.remove(entry)
    shutil.rmtree(journal.scratch(entry.id), ignore_errors=True)
    return run


def is_filed(project: Project, run_id: str) -> StoredRun | None:
    """Return a run if it is on the branch."""
    if project.repository.objects.commit(f"refs/heads/{project.config.branch}") is None:
        return None
    project.runs.look_again()
    named = project.runs.index.named(run_id, project=None)
    return next((run for run in named if run.id == run_id), None)


def _filed(project: Project, entry: Entry, parcel: Parcel, tell: Tell) -> StoredRun:
    repository = project.repository
    if not is_oid(parcel.tree):
        raise _unsound(parcel, "it names no files")
    try:
        add_few(repository, parcel.pack)
    except GitCommandFailed as failed:
        raise GitexpError(f"git does not take its files: {failed.said}") from failed
    content = repository.objects.blob(f"{parcel.tree}:{project.path(RECORD_NAME)}")
    try:
        record = from_json(content or b"")
    except UnreadableRecord as error:
        raise _unsound(parcel, str(error)) from error
    point, claim = record.point, entry.claim
    assert claim is not None  # as it was taken
    if (
        (record.id, record.name, record.sweep) != (entry.id, entry.name, claim.sweep)
        or record.project != project.folder
        or point is None
        or not ((point.number, point.repeat) == (claim.number, claim.repeat))
    ):
        raise _unsound(parcel, "it is another run than the one that was asked for")
    put_objects(project, parcel.caches)
    previous = metrics_before(project, record, Declared(project, project.pipeline))
    message = message_text(record, project.config.policy, previous.metrics)
    branch = project.config.branch
    recorded = append(repository, branch, tree=parcel.tree, message=message, run_id=record.id)
    for warning in recorded.warnings:
        tell(f"warning: {warning}")
    assert content is not None  # as it was read
    run = StoredRun(recorded.oid, record.id, record.name, record.project, content, known=record)
    with contextlib.suppress(Exception):  # it is recorded; the index comes back by itself
        project.runs.index.add(run, parent=recorded.parent)
    mirror(project, [run], tell)
    return run


def _unsound(parcel: Parcel, why: str) -> Unsound:
    return Unsound(f"run {parcel.run_id} came from {parcel.host} and cannot be recorded: {why}")


def _keep_log(project: Project, run_id: str, log: bytes) -> None:
    with contextlib.suppress(OSError, zlib.error):
        place = own_folder(project.repository).log(run_id)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(zlib.decompressobj().decompress(log, MOST_LOG) if log else b"")
