"""What earlier runs left and a run read: part of its tree, with the run that wrote it."""

from __future__ import annotations

from collections.abc import Iterator

from gitexp.execution.record.tree import RunTree
from gitexp.execution.secrets.guard import without_secrets
from gitexp.execution.stages import Outcome, Started
from gitexp.execution.work_tree.watched import is_pointer_file
from gitexp.git.trees import Entry
from gitexp.model.paths import TopPath
from gitexp.revisions.by_name import is_housekeeping
from gitexp.revisions.written_before import earlier_outputs


def put_read(started: Started, outcome: Outcome, tree: RunTree) -> dict[str, str]:
    """Put it into the tree; return the ids of the runs by the paths of files in git.

    An id is empty if the file is no longer what the last run wrote there. Who wrote what lies
    behind pointers, their hashes tell.
    """
    added = tree.add(without_secrets(started.project.repository.top, outcome.read, started.tell))
    for one in started.watched:
        if one.earlier and one.file in added:
            tree.ignore([one.pointer.path])
    entries = {**dict(_named(started, outcome)), **added}
    files = {path: one for path, one in entries.items() if not is_pointer_file(path)}
    return _writers(started, files)


def _named(started: Started, outcome: Outcome) -> Iterator[tuple[str, Entry]]:
    """Yield what the snapshot has of earlier runs because something names it."""
    written, snapshot = set(outcome.written), started.snapshot
    paths = [path for path in snapshot.untracked.taken if path in snapshot.entries]
    for path in earlier_outputs(started.project, paths):
        declared = started.declared
        is_value = declared.has_values(path) or declared.is_fresh_or_absent(path)
        if not (path in written or is_value or is_housekeeping(path)):
            yield path, snapshot.entries[path]


def _writers(started: Started, files: dict[str, Entry]) -> dict[str, str]:
    project = started.project
    if not files:
        return {}
    names = {project.name(TopPath(path)): path for path in sorted(files)}
    runs = project.runs.index.last_writers(project.folder, names)
    specs = [f"{runs[name].oid}:{path}" if name in runs else "" for name, path in names.items()]
    found = project.repository.objects.read_many(specs)
    return {
        name: runs[name].id if theirs is not None and theirs.oid == files[path].oid else ""
        for (name, path), theirs in zip(names.items(), found, strict=True)
    }
