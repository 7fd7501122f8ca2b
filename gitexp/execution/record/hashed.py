"""Data behind pointers: which version a command really read."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gitexp.data.cache import ChangedWhileRead
from gitexp.data.pointers import Pointer
from gitexp.data.signatures import signature
from gitexp.errors import GitexpError
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.pointers.door import DataDoor
from gitexp.project import Project


def hash_watched(
    project: Project, watched: Iterable[WatchedPointer], tell: Callable[[str], None]
) -> dict[str, Pointer]:
    """Return what the data of each pointer really is, as far as it is there and holds still."""
    present = [one for one in watched if one.signature is not None]
    found: dict[str, Pointer] = {}
    if not present:
        return found
    top = project.repository.top
    try:
        cache = DataDoor(project)
        cache.open_for(one.pointer.path for one in present)
    except GitexpError as error:
        tell(f"warning: data behind pointers is recorded as they say, unread: {error}")
        return found
    with cache as door:
        for one in present:
            path, hash_name = one.pointer.path, one.pointer.hash_name
            try:
                known = door.known(path, one.signature or "", hash_name)
                pointer = known or door.hash(path, hash_name)
            except (ChangedWhileRead, GitexpError):
                continue  # written by the command: an output
            if known is not None or signature(top / path) == one.signature:
                found[path] = pointer
    return found
