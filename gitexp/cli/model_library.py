"""The library of a model, as far as its file tells, from git or from the cache as it is here."""

from __future__ import annotations

import contextlib

from gitexp.contents.library import HEAD, library_of, library_of_folder
from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.model.paths import ProjectPath
from gitexp.registry.source import Source
from gitexp.store.stored_run import StoredRun


def library_inside(source: Source, run: StoredRun) -> str | None:
    """Return what hubs call the library; None if the file is not here, or says nothing of it."""
    project, name = source.project, ProjectPath(source.path)
    pointer = next((one for one in run.record.pointers if one.path == name), None)
    if pointer is None:
        content = project.repository.objects.blob(f"{run.oid}:{project.path(name)}")
        return library_of(content[:HEAD]) if content is not None else None
    from gitexp.pointers.source import ProjectData  # noqa: PLC0415 - 60 ms, where data is

    held = Pointer(project.path(name), pointer.md5, pointer.size, pointer.nfiles)
    with contextlib.suppress(GitexpError, OSError), ProjectData(project) as data:
        if held.is_folder:
            return library_of_folder(data.members(held))
        with data.object_of(held, held.md5).open("rb") as file:
            return library_of(file.read(HEAD))
    return None
