"""Data put behind DVC pointers by hand."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from gitexp.data.cache import CacheWriteFailed
from gitexp.data.dvc_project import initialise
from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.pointers.door import DataDoor
from gitexp.pointers.models import write_pointers
from gitexp.pointers.roots import root_of
from gitexp.pointers.stored import ignore_file
from gitexp.pointers.trackable import Place, check_places
from gitexp.project import Project


class Tracked(Struct, frozen=True):
    """What came of it; paths are from the top of the repository."""

    pointers: tuple[Pointer, ...]
    to_add: tuple[str, ...]
    """Files that are yet to be staged with `git add`."""
    is_new_project: bool
    """Whether DVC was set up on the way."""


def track(project: Project, paths: Sequence[Path]) -> Tracked:
    """Put files and folders behind pointers exactly as `dvc add` would, staging nothing.

    Raises GitexpError, with no pointer written, if one of them cannot be.
    """
    top = project.repository.top
    places = check_places(project, paths)
    is_new = any(root_of(project, place.path) is None for place in places)
    made = initialise(project.root) if is_new else ()
    written = [path.relative_to(top).as_posix() for path in made]
    stored = write_pointers(project, _fill_cache(project, places))
    if stored.warnings:
        raise GitexpError(stored.warnings[0])
    for place in places:
        written += [f"{place.path}.dvc", ignore_file(place.path)]
    return Tracked(tuple(stored.pointers), _to_add(project.repository, written), is_new)


def _fill_cache(project: Project, places: Iterable[Place]) -> list[Pointer]:
    """Put all of the data into the cache, before a pointer says that it is there."""
    pointers = []
    with DataDoor(project) as door:
        for place in places:
            try:
                pointers.append(door.store(place.path))
            except CacheWriteFailed as failed:
                raise GitexpError(
                    str(failed), hint=f"Make room, then `gitexp track {place.shown}` again."
                ) from failed
    return pointers


def _to_add(repository: Repository, paths: Iterable[str]) -> tuple[str, ...]:
    specs = [f":(top,literal){path}" for path in dict.fromkeys(paths)]
    listed = repository.git("ls-files", "-om", "--exclude-standard", "-z", "--", *specs)
    return tuple(sorted({os.fsdecode(path) for path in listed.split(b"\0")[:-1]}))
