"""What is learned while the command runs: the data it reads, its inputs, its machine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from gitexp.data.dvc_file import dvc_file_bytes
from gitexp.data.pointers import Pointer, is_import
from gitexp.execution.environment.packages import UNKNOWN, Environment
from gitexp.execution.record.net import attempt
from gitexp.execution.stages import Started
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.git.trees import LINK_MODE, Entry, is_below, object_oid
from gitexp.model.record import Inputs, Machine
from gitexp.model.values import dumps
from gitexp.revisions.inputs import inputs_of


class Learned(Struct, frozen=True):
    """What was learned while the command ran."""

    watched: tuple[WatchedPointer, ...]
    read: Mapping[str, Pointer]
    """What data really was, by path, as far as it held still while it was hashed."""
    refreshed: Mapping[str, bytes]
    """New contents of `.dvc` files that were out of date."""
    inputs: Inputs
    machine: Machine | None = None
    environment: Environment = UNKNOWN
    """Known only at the end: a wrapper may start its Python late."""


def learn(started: Started) -> Learned:
    """Hash the data that the command reads, name the inputs, and look at the machine."""
    tell = started.tell
    watched = tuple(one for one in started.watched if not one.earlier)
    lost = "data behind pointers is recorded as they say, unread"
    read = attempt(tell, lost, lambda: _read(started, watched), {}) if watched else {}
    lost = "pointers are recorded as they are"
    refreshed = attempt(tell, lost, lambda: _refreshed(watched, read), {})
    lost = "what decides the result is not known"
    inputs = attempt(tell, lost, lambda: _inputs(started, watched, refreshed), None)
    lost = "what the machine is, is not recorded"
    machine = attempt(tell, lost, _machine, None) if started.plan.command else None
    return Learned(watched, read, refreshed, inputs or _like_no_other(started), machine)


def with_read(started: Started, learned: Learned, files: Collection[str]) -> Learned:
    """Add the data of earlier runs that a command read, by its `.dvc` files; it is hashed now."""
    found = tuple(one for one in started.watched if one.earlier and one.file in files)
    if not found:
        return learned
    read = attempt(
        started.tell,
        "data of earlier runs is recorded as its pointers say, unread",
        lambda: _read(started, found),
        {},
    )
    return replace(
        learned,
        watched=(*learned.watched, *found),
        read={**learned.read, **read},
        refreshed={**learned.refreshed, **_refreshed(found, read)},
    )


def _inputs(
    started: Started, watched: Iterable[WatchedPointer], refreshed: Mapping[str, bytes]
) -> Inputs:
    project, snapshot = started.project, started.snapshot
    by_file: dict[str, tuple[Pointer, ...]] = {}
    for one in watched:
        by_file[one.file] = (*by_file.get(one.file, ()), one.pointer)
    entries = dict(snapshot.entries)
    for path, content in refreshed.items():
        oid = object_oid("blob", content, project.repository.object_format)
        entries[path] = Entry(entries[path].mode, oid)
    entries |= _params_elsewhere(started)
    return inputs_of(
        project, entries, tracked=snapshot.tracked, pointers=by_file, declared=started.declared
    )


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


def _like_no_other(started: Started) -> Inputs:
    """Return inputs that no other run and no revision has, so that nothing is taken for them."""
    made_up = started.plan.id.encode()
    return Inputs(object_oid("blob", made_up, started.project.repository.object_format))


def _machine() -> Machine:
    from gitexp.execution.environment.machine import this_machine  # noqa: PLC0415 - 2 ms, while a command runs

    return this_machine()


def _read(started: Started, watched: Iterable[WatchedPointer]) -> Mapping[str, Pointer]:
    from gitexp.execution.record.hashed import hash_watched  # noqa: PLC0415 - 15 ms, where data is

    return hash_watched(started.project, watched, started.tell)


def _refreshed(watched: Iterable[WatchedPointer], read: Mapping[str, Pointer]) -> dict[str, bytes]:
    """Return the `.dvc` files that say something other than what the data was."""
    contents: dict[str, bytes] = {}
    for one in watched:
        found = read.get(one.pointer.path)
        if found is not None and found.md5 != one.pointer.md5:
            before = contents.get(one.file, one.content)
            # What was imported and edited since can be had from nowhere else.
            kept = None if is_import(before, one.file) else before
            contents[one.file] = dvc_file_bytes(found, kept, one.file)
    return contents
