"""What is learned while the command runs: the data it reads, its inputs, its machine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from gitexp.data.pointers import Pointer, is_import
from gitexp.execution.at_start import entries_at_start, pointers_at_start
from gitexp.execution.environment.environment import UNKNOWN, Environment
from gitexp.execution.record.net import attempt
from gitexp.execution.record.remade import remade
from gitexp.execution.stages import Started
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.git.trees import object_oid
from gitexp.model.record import Inputs, Machine
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
    read = attempt(tell, lost, lambda: read_data(started), {}) if watched else {}
    lost = "pointers are recorded as they are"
    refreshed = attempt(tell, lost, lambda: refreshed_pointers(watched, read), {})
    lost = "what decides the result is not known"
    inputs = attempt(tell, lost, lambda: _inputs(started, read, refreshed), None)
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
        lambda: _hashed(started, found),
        {},
    )
    return replace(
        learned,
        watched=(*learned.watched, *found),
        read={**learned.read, **read},
        refreshed={**learned.refreshed, **refreshed_pointers(found, read)},
    )


def _inputs(
    started: Started, read: Mapping[str, Pointer], refreshed: Mapping[str, bytes]
) -> Inputs:
    return inputs_of(
        started.project,
        entries_at_start(started, refreshed),
        tracked=started.snapshot.tracked,
        pointers=pointers_at_start(started),
        declared=started.declared,
        remade=remade(started, read),
    )


def _like_no_other(started: Started) -> Inputs:
    """Return inputs that no other run and no revision has, so that nothing is taken for them."""
    made_up = started.plan.id.encode()
    return Inputs(object_oid("blob", made_up, started.project.repository.object_format))


def _machine() -> Machine:
    from gitexp.execution.environment.machine import this_machine  # noqa: PLC0415 - 2 ms, while a command runs

    return this_machine()


def read_data(started: Started) -> Mapping[str, Pointer]:
    """Return what data really is, by path, as far as it holds still; not that of earlier runs."""
    return _hashed(started, [one for one in started.watched if not one.earlier])


def _hashed(started: Started, watched: Iterable[WatchedPointer]) -> Mapping[str, Pointer]:
    from gitexp.execution.record.hashed import hash_watched  # noqa: PLC0415 - 15 ms, where data is

    return hash_watched(started.project, watched, started.tell)


def refreshed_pointers(
    watched: Iterable[WatchedPointer], read: Mapping[str, Pointer]
) -> dict[str, bytes]:
    """Return the `.dvc` files that say something other than what the data was."""
    contents: dict[str, bytes] = {}
    for one in watched:
        found = read.get(one.pointer.path)
        if found is not None and found.md5 != one.pointer.md5:
            before = contents.get(one.file, one.content)
            # What was imported and edited since can be had from nowhere else.
            kept = None if is_import(before, one.file) else before
            from gitexp.data.dvc_file import dvc_file_bytes  # noqa: PLC0415 - 1 ms, where data is another

            contents[one.file] = dvc_file_bytes(found, kept, one.file)
    return contents
