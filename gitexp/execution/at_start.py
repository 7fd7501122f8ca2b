"""What a run begins with, as the entries that its inputs are chosen from."""

from __future__ import annotations

from collections.abc import Mapping

from gitexp.data.pointers import Pointer
from gitexp.execution.stages import Started
from gitexp.git.tree_entries import edited
from gitexp.git.trees import LINK_MODE, Entries, Entry, is_below, object_oid
from gitexp.model.values import dumps


def pointers_at_start(started: Started) -> dict[str, tuple[Pointer, ...]]:
    """Return what each `.dvc` file of the snapshot points to."""
    by_file: dict[str, tuple[Pointer, ...]] = {}
    for one in started.watched:
        if one.earlier:
            continue
        by_file[one.file] = (*by_file.get(one.file, ()), one.pointer)
    return by_file


def entries_at_start(started: Started, refreshed: Mapping[str, bytes]) -> Entries:
    """Return the entries of the snapshot, as they count for the inputs.

    `refreshed` holds the new contents of `.dvc` files that were out of date.
    """
    entries = started.snapshot.entries
    changed: dict[str, Entry] = {}
    for path, content in refreshed.items():
        oid = object_oid("blob", content, started.project.repository.object_format)
        changed[path] = Entry(entries[path].mode, oid)
    return edited(entries, changed | _params_elsewhere(started))


def _params_elsewhere(started: Started) -> dict[str, Entry]:
    """Return params files whose content is not among the inputs: links that lead elsewhere.

    Their values stand for it.
    """
    project, entries = started.project, started.snapshot.entries
    folders = project.recorded_folders()
    found: dict[str, Entry] = {}
    for name in started.declared.params_names:
        path = project.path(name)
        lead = started.declared.lead(path)
        entry = entries.get(lead)
        is_there = entry is not None and entry.mode != LINK_MODE
        if name in started.params and not (
            is_there and any(is_below(one, lead) for one in folders)
        ):
            content = dumps(started.params[name]).encode()
            oid = object_oid("blob", content, project.repository.object_format)
            found[path] = Entry("100644", oid)
    return found
