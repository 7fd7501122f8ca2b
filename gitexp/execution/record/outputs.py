"""Files and data of a run on their way into its tree: blobs, and pointers for what is large."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from gitexp.data.replacing import replace_content
from gitexp.execution.record.learned import Learned
from gitexp.execution.record.tree import RunTree
from gitexp.execution.secrets.guard import without_secrets
from gitexp.execution.stages import Outcome, Started
from gitexp.execution.work_tree.files import signatures
from gitexp.git.trees import Entry, is_below
from gitexp.pointers.models import Stored, behind_pointers, ignore_file, store_outputs


class Outputs(Struct, frozen=True):
    """What became of what the command wrote."""

    stored: Stored
    added: Mapping[str, Entry]
    """What git holds."""
    pointed: frozenset[str]
    """What lies behind pointers."""

    @property
    def recorded(self) -> set[str]:
        """The paths that the run has: files in git, and what pointers stand for."""
        return {*self.added, *(pointer.path for pointer in self.stored.pointers)}

    def holds(self, path: str) -> bool:
        """Return whether git or a pointer holds a path that was written."""
        return path in self.added or any(
            is_below(pointer.path, path) for pointer in self.stored.pointers
        )


def put_outputs(started: Started, outcome: Outcome, tree: RunTree) -> Outputs:
    """Put what the command wrote into the tree: blobs, or pointers for what is large."""
    project = started.project
    places = behind_pointers(
        project,
        outcome.written,
        tracked=started.snapshot.tracked,
        folders=outcome.folders,
        declared=started.declared,
    )
    pointed = {path for inside in places.values() for path in inside}
    data = [one.pointer.path for one in outcome.pointers]
    locked = {pointer.path: pointer for pointer in outcome.reproduced.outs}
    stored = store_outputs(
        project,
        [place for place in [*places, *data] if place not in locked],
        unwritten=started.declared.pipeline.cached,
    )
    stored.pointers += locked.values()
    for text in stored.notes:
        started.tell(f"note: {text}")
    for text in stored.warnings:
        started.tell(f"warning: {text}")
    blobs = [path for path in outcome.written if path not in pointed]
    clean = without_secrets(project.repository.top, blobs, started.tell)
    tree.remove(outcome.absent)
    tree.remove(set(blobs).difference(clean))
    tree.remove_below({*places, *locked})
    added = tree.add(clean)
    for path in sorted(set(clean).difference(added)):
        started.tell(f"warning: '{path}' is not recorded, because git cannot add it")
    tree.put(_ignore_files(started, locked))
    tree.put(stored.files)
    tree.ignore(stored.ignored)
    return Outputs(stored, added, frozenset(pointed))


def _ignore_files(started: Started, outs: Iterable[str]) -> dict[str, bytes]:
    """Return each `.gitignore` in which `dvc repro` has just named its outs."""
    top, before = started.project.repository.top, started.snapshot.signatures
    now = signatures(top, {ignore_file(path) for path in outs})
    return {path: (top / path).read_bytes() for path, one in now.items() if before.get(path) != one}


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
    paths = {one.pointer.path for one in stale}
    stored = store_outputs(started.project, paths, unwritten=paths)
    for text in stored.warnings:
        started.tell(f"warning: {text}")
    for pointer in stored.pointers:
        if pointer.path in learned.read and pointer.md5 != learned.read[pointer.path].md5:
            started.tell(f"warning: '{pointer.path}' changed: what was read is not in the cache")
    tree.put({one.file: learned.refreshed[one.file] for one in stale})
    for one in stale:
        path = started.project.repository.top / one.file
        if path.is_file() and path.read_bytes() == one.content:
            replace_content(path, learned.refreshed[one.file])
            started.tell(f"note: '{one.file}' was out of date and now points at what was read")
