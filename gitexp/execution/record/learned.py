"""What is learned while the command runs: its environment, the data it reads, its inputs."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from msgspec import Struct

from gitexp.data.dvc_file import dvc_file_bytes
from gitexp.data.pointers import Pointer
from gitexp.execution.environment.packages import Environment, read_environment
from gitexp.execution.kept.scratch import ENVIRONMENT, read_value, write_value
from gitexp.execution.stages import Started
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.git.trees import Entry, object_oid
from gitexp.model.record import Inputs
from gitexp.revisions.inputs import inputs_of
from gitexp.store.own import own_folder

_PRELOAD_AFTER = 0.1
"""Seconds after which a command is taken for one that trains something."""


class Learned(Struct, frozen=True):
    """What was learned while the command ran."""

    environment: Environment
    watched: tuple[WatchedPointer, ...]
    read: Mapping[str, Pointer]
    """What data really was, by path, as far as it held still while it was hashed."""
    refreshed: Mapping[str, bytes]
    """New contents of `.dvc` files that were out of date."""
    inputs: Inputs


class Preloading:
    """Imports what recording a model needs, once a command has run for a moment."""

    def __init__(self) -> None:
        self._timer = threading.Timer(_PRELOAD_AFTER, _preload)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """Stop if nothing was begun; else wait, for imports must not die half-way."""
        self._timer.cancel()
        self._timer.join()


def learn(started: Started) -> Learned:
    """Read the environment, hash the data that the command reads, and name the inputs."""
    project, snapshot, watched = started.project, started.snapshot, started.watched
    environment = _environment(started)
    read = _read(started) if watched else {}
    refreshed = _refreshed(watched, read)
    by_file: dict[str, tuple[Pointer, ...]] = {}
    for one in watched:
        by_file[one.file] = (*by_file.get(one.file, ()), one.pointer)
    entries = dict(snapshot.entries)
    for path, content in refreshed.items():
        oid = object_oid("blob", content, project.repository.object_format)
        entries[path] = Entry(entries[path].mode, oid)
    inputs = inputs_of(
        project, entries, tracked=snapshot.tracked, pointers=by_file, declared=started.declared
    )
    return Learned(environment, watched, read, refreshed, inputs)


def _environment(started: Started) -> Environment:
    """Read what the command's Python has installed, once: by the end it may be something else.

    Whoever records a run that was cut off finds it written down.
    """
    kept = read_value(started.scratch / ENVIRONMENT, Environment)
    if kept is not None:
        return kept
    project = started.project
    found = read_environment(
        started.plan.argv,
        cwd=project.repository.top / project.directory,
        env=started.environment,
        cache=own_folder(project.repository).made().environments,
    )
    write_value(started.scratch / ENVIRONMENT, found)
    return found


def _preload() -> None:
    from gitexp.data.cache import preload  # noqa: PLC0415 - 15 ms, the first of what is to be imported

    preload()


def _read(started: Started) -> Mapping[str, Pointer]:
    from gitexp.execution.record.hashed import hash_watched  # noqa: PLC0415 - 15 ms, where data is

    return hash_watched(started.project, started.watched, started.tell)


def _refreshed(watched: Iterable[WatchedPointer], read: Mapping[str, Pointer]) -> dict[str, bytes]:
    """Return the `.dvc` files that say something other than what the data was."""
    contents: dict[str, bytes] = {}
    for one in watched:
        found = read.get(one.pointer.path)
        if found is not None and found.md5 != one.pointer.md5:
            before = contents.get(one.file, one.content)
            contents[one.file] = dvc_file_bytes(found, before, one.file)
    return contents
