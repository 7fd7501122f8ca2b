"""Which data in the work tree is no longer what its pointers say."""

from __future__ import annotations

from collections.abc import Iterable

from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.pointers.roots import root_of
from gitexp.project import Project


def changed_data(project: Project, pointers: Iterable[Pointer]) -> list[str]:
    """Return the paths in the work tree that are no longer what their pointers say.

    What has been hashed before is not read again.
    """
    top = project.repository.top
    there = [one for one in pointers if "://" not in one.path and (top / one.path).exists()]
    if not there:
        return []
    from gitexp.pointers.door import DataDoor  # noqa: PLC0415 - 30 ms, where there are pointers

    changed = []
    try:
        with DataDoor(project) as door:
            for one in there:
                if root_of(project, one.path) and door.problem(one.path) is None:
                    found = door.hash(one.path, one.hash_name)
                    changed += [one.path] if found.md5 != one.md5 else []
    except GitexpError:  # no DVC here, or written at this very moment
        return changed
    return changed
