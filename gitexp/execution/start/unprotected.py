"""Links into DVC's cache, replaced by copies before a command writes through them."""

from __future__ import annotations

import errno
import os
import stat
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from gitexp.data.pointers import Pointer
from gitexp.data.unprotecting import links_below, may_be_link
from gitexp.errors import GitexpError
from gitexp.execution.stages import Started
from gitexp.pointers.roots import root_of
from gitexp.revisions.written_before import earlier_outputs

_CANNOT_BE_WRITTEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def unprotect_outputs(started: Started) -> bool:
    """Put a writable copy where a file that the command may write is a link into DVC's cache.

    Those are models and outputs, what an earlier run wrote, and the outs of stages. Returns
    whether any was one: then the work tree is no longer as it was found.
    """
    project = started.project
    suspects = _suspects(started)
    suspects = {path: one for path, one in suspects.items() if root_of(project, path)}
    if not suspects:
        return False
    from gitexp.pointers.door import DataDoor  # noqa: PLC0415 - 30 ms, where there are links

    any_was = False
    with DataDoor(project) as door:
        for path, pointers in suspects.items():
            md5s = [md5 for one in pointers if (md5 := door.members(one).get(path))]
            try:
                any_was |= door.unprotect(path, md5s)
            except GitexpError:  # where no data may lie: nothing of ours
                continue
            except OSError as error:
                if error.errno not in _CANNOT_BE_WRITTEN:
                    raise
                started.tell(
                    f"warning: '{path}' stays a link into DVC's cache: {error.strerror or error}"
                )
    return any_was


def _suspects(started: Started) -> Mapping[str, list[Pointer]]:
    """Return the files that the command may write and that could be links, with their pointers."""
    declared, top = started.declared, started.project.repository.top
    found: dict[str, list[Pointer]] = defaultdict(list)
    for path, pointer in _pointed(started):
        found[path].append(pointer)
    unpointed = list(_unpointed(started))
    earlier = _earlier(started, unpointed)
    for path in unpointed:
        if path in earlier or declared.is_output(path):
            found.setdefault(path, [])
    for out in () if _is_repro(started) else declared.pipeline.outs:
        for path in _linked(top, out):
            found.setdefault(path, [])
    return found


def _pointed(started: Started) -> Iterator[tuple[str, Pointer]]:
    declared, top = started.declared, started.project.repository.top
    pointers = {one.pointer.path: one.pointer for one in started.watched}
    earlier = _earlier(started, pointers)
    for place, pointer in pointers.items():
        if pointer.is_folder or place in earlier or declared.is_output(place):
            for path in _linked(top, place):
                if place in earlier or declared.is_output(path):
                    yield path, pointer


def _unpointed(started: Started) -> Iterator[str]:
    """Yield the files that git does not have and that could be links, by their modes alone."""
    ignored, untracked = started.ignored, started.snapshot.untracked
    for group in (ignored.named, ignored.models, ignored.outs, untracked.signatures):
        for path, (*_, mode) in group.items():
            if stat.S_ISLNK(mode) or not mode & 0o222:
                yield path


def _earlier(started: Started, paths: Iterable[str]) -> set[str]:
    """Return those of the paths that an earlier run wrote, behind a pointer or not."""
    named = {name: path for path in paths for name in (path, f"{path}.dvc")}
    return {named[name] for name in earlier_outputs(started.project, named)}


def _is_repro(started: Started) -> bool:
    """Return whether DVC is about to do all this itself."""
    if not started.declared.pipeline.outs:
        return False
    from gitexp.execution.record.pipeline import is_repro  # noqa: PLC0415 - 10 ms, where there are stages

    return is_repro(started.plan.command)


def _linked(top: Path, path: str) -> Iterator[str]:
    """Yield a file, or those in a folder, that could be links to objects."""
    place = top / path
    if not place.is_dir():
        if may_be_link(place):
            yield path
        return
    start = len(f"{top}/")
    for found in links_below(os.fspath(place)):
        yield found[start:]
