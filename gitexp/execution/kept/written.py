"""What is written down while a run is under way, so that another process can record it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gitexp.execution.command.child import Ended
from gitexp.execution.kept.scratch import (
    ENDED,
    OUTCOME,
    PLAN,
    STARTED,
    read_value,
    text_of,
    write_value,
)
from gitexp.execution.kept.settled import of_run
from gitexp.execution.stages import Outcome, Plan, Started
from gitexp.execution.work_tree.files import Signature, signatures
from gitexp.execution.work_tree.head import HeadState
from gitexp.execution.work_tree.ignored import Ignored
from gitexp.execution.work_tree.links import Links
from gitexp.execution.work_tree.overlooked import fill_again, touched_since
from gitexp.execution.work_tree.snapshot import Snapshot
from gitexp.execution.work_tree.untracked import Untracked
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.git.index import PrivateIndex
from gitexp.git.place import clean_environment
from gitexp.git.repository import Repository
from gitexp.git.tree_entries import TreeEntries, edited
from gitexp.git.trees import Entry
from gitexp.model.values import dumps, loads
from gitexp.model.variables import VARIABLES
from gitexp.project import Project
from gitexp.revisions.pipeline_files import declared_at_start
from gitexp.store.own import RUNNING, own_folder

_ROOM = "ended.room"
"""A file of blanks, to be written over with the end of a command that has filled the disk."""
_ROOM_SIZE = 4096

_STORES = ("MLFLOW_TRACKING_URI", "WANDB_DIR")
"""Variables that say where trackers log: whoever recovers a run must look there, not elsewhere."""
_CHOICE = frozenset(
    "PATH HOME VIRTUAL_ENV CONDA_PREFIX CONDA_EXE UV_PROJECT_ENVIRONMENT"
    " PYTHONPATH PYTHONHOME PYTHONUSERBASE PYTHONNOUSERSITE".split()
)
_CHOICES = ("PYENV_", "ASDF_", "MISE_")
"""Variables that decide which Python, and which packages, a command finds; how others begin."""


def keep_plan(scratch: Path, plan: Plan, *, in_copy: bool = False) -> None:
    """Write down what is going to be done, before any of it is done.

    A power cut must not take what tells how the user's own files were.
    """
    plan = replace(plan, before={})  # of files that are changed, a copy lies beside it
    write_value(scratch / PLAN, plan, onto_disk=bool(plan.edits) and not in_copy)


def read_plan(scratch: Path) -> Plan | None:
    """Return the plan of a run under way, or None if it was not written down whole."""
    return read_value(scratch / PLAN, Plan)


class _Found(Struct, frozen=True):
    """What cannot be found out again once a command has started."""

    tree: str
    commit: str
    signatures: Mapping[str, Signature]
    ignored: Ignored
    untracked: Untracked
    refused: tuple[str, ...]
    head: HeadState
    environment: dict[str, str]
    params: str
    """As JSON that has a way to write NaN."""
    watched: tuple[WatchedPointer, ...]
    metrics: str = "{}"
    links: Links = Links()
    outside: Mapping[str, Signature] = {}
    beside: tuple[str, ...] = ()
    edited: Mapping[str, Entry] = {}
    settled: tuple[str, ...] = ()
    """Folders; what is known of them has a file of its own."""
    skipped: frozenset[str] = frozenset()


def keep_started(started: Started) -> None:
    """Write down what the command found, just before it starts."""
    snapshot, environment = started.snapshot, started.environment
    found = _Found(
        tree=snapshot.tree,
        commit=started.commit,
        signatures=snapshot.signatures,
        ignored=started.ignored,
        untracked=replace(snapshot.untracked, signatures={}, settled=(), beside=()),
        refused=snapshot.refused,
        head=snapshot.head,
        environment={name: environment[name] for name in environment if _is_kept(name)},
        params=dumps(started.params),
        watched=started.watched,
        metrics=dumps(started.metrics),
        links=started.links,
        outside=started.outside,
        beside=started.beside,
        edited=snapshot.edited,
        settled=tuple(one.folder for one in snapshot.untracked.settled),
        skipped=snapshot.skipped,
    )
    (started.scratch / _ROOM).write_text(" " * _ROOM_SIZE)
    write_value(started.scratch / STARTED, found)


def keep_again(started: Started, since: datetime) -> None:
    """Write down again what the command found: somebody has removed the folder of the run."""
    snapshot, begun = started.snapshot, int(since.timestamp() * 1e9)
    started.scratch.mkdir(parents=True)
    started.log.touch()
    fill_again(snapshot.index, snapshot.tree, snapshot.skipped, begun)
    keep_plan(started.scratch, started.plan)
    keep_started(started)
    os.utime(started.scratch / STARTED, ns=(begun, begun))


def was_moved(scratch: Path, top: Path) -> bool:
    """Return whether a work tree is the one that a run began in, under another path.

    The times and inodes of its files tell, unless all were written since.
    """
    found = read_value(scratch / STARTED, _Found)
    before = found.signatures if found is not None else {}
    if any(before[path] == one for path, one in signatures(top, before).items()):
        return True
    if found is None:
        return False
    with Repository.open(top) as repository:
        index = PrivateIndex(repository, scratch / "snapshot.index")
        others = touched_since(index)
        return any(path not in others for path in TreeEntries(repository, found.tree))


def read_started(
    project: Project, plan: Plan, scratch: Path, tell: Callable[[str], None]
) -> Started | None:
    """Return what the command found, or None if it never started."""
    found = read_value(scratch / STARTED, _Found)
    if found is None:
        return None
    snapshot = _snapshot(project, scratch, found)
    params: Any = loads(found.params)
    metrics: Any = loads(found.metrics)
    return Started(
        project=project,
        plan=plan,
        snapshot=snapshot,
        commit=found.commit,
        declared=declared_at_start(project, snapshot.entries).through(found.links.inside),
        params=params,
        watched=found.watched,
        ignored=found.ignored,
        environment=_environment(found.environment),
        scratch=scratch,
        tell=tell,
        metrics=metrics,
        links=found.links,
        outside=found.outside,
        beside=found.beside,
    )


def _snapshot(project: Project, scratch: Path, found: _Found) -> Snapshot:
    repository = project.repository
    index = PrivateIndex(repository, scratch / "snapshot.index")
    entries = TreeEntries(repository, found.tree, own_folder(repository).trees)
    untracked_paths = (*found.untracked.taken, *found.untracked.nested)
    return Snapshot(
        index=index,
        entries=entries,
        tracked=edited(entries, dict.fromkeys(untracked_paths)),
        signatures=found.signatures,
        untracked=replace(found.untracked, settled=of_run(scratch, found.settled)),
        refused=found.refused,
        head=found.head,
        tree=found.tree,
        skipped=found.skipped,
        edited=found.edited,
    )


def _is_kept(name: str) -> bool:
    return name in VARIABLES or name in _STORES or name in _CHOICE or name.startswith(_CHOICES)


def _environment(kept: Mapping[str, str]) -> dict[str, str]:
    """Return our own environment with what decided about the Python of another process."""
    ours = {name: value for name, value in os.environ.items() if not _is_kept(name)}
    return {**clean_environment(ours), **kept}


def keep_ended(scratch: Path, ended: Ended) -> None:
    """Write down how the command ended, even if the disk is full: the room was taken before."""
    try:
        write_value(scratch / ENDED, ended)
    except OSError:
        with (scratch / _ROOM).open("r+", encoding="ascii") as file:
            file.write(text_of(ended))  # the blanks after it are JSON as well
        (scratch / _ROOM).replace(scratch / ENDED)


def read_ended(scratch: Path) -> Ended | None:
    """Return how the command ended, or None if nobody saw it."""
    return read_value(scratch / ENDED, Ended)


def keep_outcome(scratch: Path, outcome: Outcome) -> None:
    """Write down what the command wrote, before anything is made of it."""
    write_value(scratch / OUTCOME, outcome)


def read_outcome(scratch: Path) -> Outcome | None:
    """Return what a command wrote, or None if nobody looked before gitexp was cut off."""
    return read_value(scratch / OUTCOME, Outcome)


def put_onto_disk(started: Started) -> None:
    """Wait until the disk has what a power cut must not take: for while the command runs.

    What is not on the disk before that is lost with a command of a moment, which can be repeated.
    """
    repository, run_id = started.project.repository, started.plan.id
    paths = [started.scratch / PLAN, started.scratch / STARTED]
    paths += [started.scratch / "snapshot.index", repository.common_dir / f"{RUNNING}{run_id}"]
    for path in (*paths, *dict.fromkeys(path.parent for path in paths)):
        with contextlib.suppress(OSError):  # refs may lie elsewhere
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
