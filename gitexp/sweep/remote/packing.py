"""A run that a worker has recorded, made ready for its way home."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from pathlib import Path

from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.execution.start.standing import Frozen
from gitexp.git.packs import packed_tree
from gitexp.model.paths import ProjectPath
from gitexp.pointers.models import NO_DATA
from gitexp.project import Project
from gitexp.store.own import own_folder
from gitexp.store.stored_run import StoredRun
from gitexp.sweep.remote.faults import names_fault
from gitexp.sweep.remote.objects import objects_of, read_objects
from gitexp.sweep.remote.parcel import MOST_LOG, Parcel
from gitexp.sweep.remote.versions import versions_here


class NotKept(GitexpError):
    """The host has kept a run, but not all that it wrote."""


def check_kept(notes: Sequence[str]) -> None:
    """Raise GitexpError if some of what a run has written could not be kept, as a note says."""
    why = next((note for note in notes if note.endswith(NO_DATA) or names_fault(note)), None)
    if why is not None:
        raise NotKept(why.removeprefix("warning: "))


def packed(project: Project, frozen: Frozen, run: StoredRun, notes: Sequence[str]) -> Parcel:
    """Return what goes home of a run that was recorded here."""
    repository = project.repository
    tree = repository.line("rev-parse", f"{run.oid}^{{tree}}")
    return Parcel(
        run.id,
        versions_here().host,
        tree=tree,
        pack=packed_tree(repository, tree, known=frozen.snapshot.tree),
        caches=read_objects(objects_of(project, _written(project, run))),
        log=_log(own_folder(repository).log(run.id)),
        notes=tuple(notes),
    )


def _written(project: Project, run: StoredRun) -> list[Pointer]:
    """Return the pointers to what a run has written."""
    return [
        Pointer(project.path(ProjectPath(one.path)), one.md5, one.size, one.nfiles)
        for one in run.record.pointers
        if one.role == "output"
    ]


def _log(place: Path) -> bytes:
    """Return the end of the output, compressed."""
    try:
        with place.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - MOST_LOG))
            return zlib.compress(file.read())
    except OSError:
        return b""
