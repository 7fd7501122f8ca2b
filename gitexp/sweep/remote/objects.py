"""Objects of DVC's caches, on their way from one host to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.pointers.roots import all_roots, new_root_of
from gitexp.project import Project

Caches = Mapping[str, Mapping[str, Sequence[bytes]]]
"""Contents by their names, by the folder of the DVC project from the top ('.': the top itself)."""

_PIECE = 1 << 30
"""Bytes of a content that are sent in one piece: MessagePack has none of 4 GB."""


class Object(Struct, frozen=True):
    """An object in a cache."""

    root: str
    name: str
    place: Path
    size: int


def objects_of(project: Project, pointers: Iterable[Pointer]) -> list[Object]:
    """Return the objects that pointers stand for, as far as the caches have them."""
    pointers = list(pointers)
    if not pointers:
        return []
    from gitexp.pointers.source import ProjectData  # noqa: PLC0415 - 20 ms, where there is data

    found: dict[tuple[str, str], Object] = {}
    with ProjectData(project) as source:
        for pointer in pointers:
            root = new_root_of(project, pointer.path).relative_to(project.repository.top)
            names = [pointer.md5]
            if pointer.is_folder and source.is_sound_list(pointer):
                names += source.members(pointer).values()
            for name in names:
                place = source.object_of(pointer, name)
                if place.is_file():
                    size = place.stat().st_size
                    found[str(root), name] = Object(str(root), name, place, size)
    return list(found.values())


def read_objects(objects: Iterable[Object]) -> dict[str, dict[str, list[bytes]]]:
    """Return the contents of objects, in pieces."""
    caches: dict[str, dict[str, list[bytes]]] = {}
    for one in objects:
        with one.place.open("rb") as file:
            pieces = list(iter(lambda: file.read(_PIECE), b""))
        caches.setdefault(one.root, {})[one.name] = pieces
    return caches


def put_objects(project: Project, caches: Caches) -> None:
    """Put objects into the caches of a project; raises GitexpError for one that is damaged."""
    if not caches:
        return
    from gitexp.data.cache import DataCache  # noqa: PLC0415 - 300 ms, where there is data
    from gitexp.data.dvc_project import initialise  # noqa: PLC0415 - as above

    top = project.repository.top
    roots = {str(root.relative_to(top)) for root in (project.root, *all_roots(project))}
    for name, objects in caches.items():
        if name not in roots:  # it comes from another host
            raise GitexpError(f"'{name}' is no folder that DVC keeps data for")
        if not (top / name / ".dvc" / "config").is_file():
            initialise(top / name)  # a run has set it up in its copy, for the first model
        with DataCache(top / name) as cache:
            for md5, pieces in objects.items():
                try:
                    cache.put(md5, pieces[0] if len(pieces) == 1 else b"".join(pieces))
                except ValueError as error:
                    raise GitexpError(f"data was damaged on its way: {error}") from error
                except OSError as error:
                    raise GitexpError(
                        f"cannot write to the DVC cache in '{cache.project.cache}': "
                        f"{error.strerror or error}"
                    ) from error


def keep_caches_inside(project: Project) -> None:
    """Have a repository on a worker use caches of its own where those of the settings are not."""
    from gitexp.data.dvc_project import open_project  # noqa: PLC0415 - 20 ms, where there is data

    for root in all_roots(project):
        cache = open_project(root).legacy_cache
        if not cache.is_relative_to(root) and not cache.is_dir():
            private = root / ".dvc" / "config.local"  # where paths are from that folder on
            private.write_text("[cache]\n    dir = cache\n")
