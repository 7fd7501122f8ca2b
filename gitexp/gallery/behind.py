"""Files of runs and commits that lie behind DVC pointers, to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gitexp.data.pointers import Pointer, owner_of
from gitexp.errors import GitexpError
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import Revision

if TYPE_CHECKING:
    from gitexp.pointers.source import ProjectData


def pointers_at(project: Project, revision: Revision) -> Sequence[Pointer]:
    """Return the pointers that a revision has; their paths begin at the top."""
    return [one for _, one in Reading(project, revision).pointers]


def content_behind(
    project: Project, revision: Revision, path: TopPath, largest: int
) -> bytes | None:
    """Return what lies behind a pointer; None if nothing does, or if it is larger.

    Raises GitexpError if it can be had neither from the cache nor from a remote.
    """
    pointer = owner_of(path, pointers_at(project, revision))
    if pointer is None or (not pointer.is_folder and (pointer.size or 0) > largest):
        return None
    from gitexp.pointers.source import ProjectData  # noqa: PLC0415 - 60 ms, rarely needed

    with ProjectData(project) as source:
        one = _file(source, pointer, path)
        if one is None:
            return None
        _fetch(source, one)
        file = source.object_of(one, one.md5)
        return file.read_bytes() if file.stat().st_size <= largest else None


def _file(source: ProjectData, pointer: Pointer, path: TopPath) -> Pointer | None:
    """Return a file as a pointer of its own; None if a folder has no such file."""
    if not pointer.is_folder:
        return pointer if pointer.path == path else None
    source.is_sound_list(pointer)  # sets a damaged one aside
    if not source.object_of(pointer, pointer.md5).exists():
        source.fetch_missing([pointer], whole=False)
    inner = path if pointer.path == "." else path.removeprefix(f"{pointer.path}/")
    md5 = source.members(pointer).get(inner)
    return Pointer(pointer.path, md5, hash_name=pointer.hash_name) if md5 else None


def _fetch(source: ProjectData, one: Pointer) -> None:
    reason = source.fetch_missing([one])
    if not source.is_sound(one):
        from gitexp.data.remote import way_to_get  # noqa: PLC0415 - rarely needed

        raise GitexpError(
            f"the data of '{one.path}' is missing (md5 {one.md5})",
            hint=f"It is not in the DVC cache, and {way_to_get(reason)}",
        )
