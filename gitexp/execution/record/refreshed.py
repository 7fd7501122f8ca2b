"""Pointers that were out of date when the command read their data, put into the run refreshed."""

from __future__ import annotations

from gitexp.data.pointers import is_import
from gitexp.data.replacing import replace_content
from gitexp.execution.record.kept_out import new_secrets
from gitexp.execution.record.learned import Learned
from gitexp.execution.record.tree import RunTree
from gitexp.execution.stages import Outcome, Started
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.pointers.models import store_outputs


def put_refreshed(started: Started, learned: Learned, outcome: Outcome, tree: RunTree) -> None:
    """Put pointers that were out of date when the command read their data, refreshed.

    Those whose data was written since are outputs, and already point at that.
    """
    written = {one.file for one in outcome.pointers}
    stale = [
        one for one in learned.watched if one.file in learned.refreshed and one.file not in written
    ]
    if not stale:
        return
    paths = {one.pointer.path for one in stale if not _has_new_secret(started, one)}
    stored = store_outputs(started.project, paths, unwritten=paths)
    for text in stored.warnings:
        started.tell(f"warning: {text}")
    for pointer in stored.pointers:
        if pointer.path in learned.read and pointer.md5 != learned.read[pointer.path].md5:
            started.tell(f"warning: '{pointer.path}' changed: what was read is not in the cache")
    tree.put({one.file: learned.refreshed[one.file] for one in stale})
    for one in stale:
        path = started.project.repository.top / one.file
        if is_import(one.content, one.file):
            started.tell(
                f"note: '{one.pointer.path}' was imported and has been edited: the run has it as "
                f"data of its own, '{one.file}' stays as it was"
            )
        elif path.is_file() and path.read_bytes() == one.content:
            replace_content(path, learned.refreshed[one.file])
            started.tell(f"note: '{one.file}' was out of date and now points at what was read")


def _has_new_secret(started: Started, one: WatchedPointer) -> bool:
    """Return whether data was read that must not go into a cache; say so."""
    secret = new_secrets(started, one)
    if secret:
        place = one.pointer.path
        started.tell(
            f"warning: '{place}' as it was read is not in DVC's cache, because '{min(secret)}' has "
            f"the name of a secret; name that in '.dvcignore', or `dvc commit {one.file}` if it is "
            "none"
        )
    return bool(secret)
