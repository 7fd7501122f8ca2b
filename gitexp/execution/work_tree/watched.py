"""The pointers of a snapshot with their data as the command found it, and those it made itself."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gitexp.data.pointers import Pointer, parse_dvc_file
from gitexp.data.signatures import signature
from gitexp.errors import GitexpError
from gitexp.git.trees import Entry, is_below
from gitexp.project import Project
from gitexp.revisions.kinds import pointers_in

Opened = Callable[[], tuple[str, ...]]
"""Returns the names of what has been opened so far."""


def nothing_opened() -> tuple[str, ...]:
    """Tell of no file."""
    return ()


class WatchedPointer(Struct, frozen=True):
    """A pointer of the snapshot, and the state of its data when the command started."""

    file: str
    """The `.dvc` file, from the top of the repository."""
    content: bytes
    pointer: Pointer
    """What the file says; its path is from the top, too."""
    signature: str | None
    """None if the data is not there, or the command made the pointer."""
    earlier: bool = False
    """Whether it is what an earlier run left, and no input unless it is read."""


def watch_pointers(
    project: Project,
    entries: Mapping[str, Entry],
    tell: Callable[[str], None],
    held_out: Iterable[str] = (),
    earlier: Iterable[str] = (),
) -> tuple[WatchedPointer, ...]:
    """Return the pointers of a snapshot; warn about a file that is not one.

    The data under `held_out` is left alone: no run may have read it. `earlier` are the files of
    earlier runs that the snapshot does not have.
    """
    held_out = tuple(held_out)
    others = _read(project, earlier)
    left = _pointers(project, others, entries, tell, held_out) if others else ()
    ours = _of_snapshot(project, entries, tell, held_out)
    return (*ours, *(replace(one, earlier=True) for one in left))


def _of_snapshot(
    project: Project,
    entries: Mapping[str, Entry],
    tell: Callable[[str], None],
    held_out: Iterable[str],
) -> tuple[WatchedPointer, ...]:
    folders = project.recorded_folders()
    files = [
        path
        for path in pointers_in(entries)
        if is_pointer_file(path) and any(is_below(folder, path) for folder in folders)
    ]
    if not files:
        return ()
    found = project.repository.objects.read_many(entries[path].oid for path in files)
    contents = [one.content if one is not None else b"" for one in found]
    by_file = dict(zip(files, contents, strict=True))
    return _pointers(project, by_file, entries, tell, held_out)


def written_pointers(
    project: Project,
    files: Iterable[str],
    tell: Callable[[str], None],
    held_out: Iterable[str] = (),
) -> tuple[WatchedPointer, ...]:
    """Return the pointers that a command has made itself, as `dvc add` in a script does."""
    contents = _read(project, files)
    found = _pointers(project, contents, None, tell, held_out) if contents else ()
    return tuple(replace(one, signature=None) for one in found)


def _read(project: Project, files: Iterable[str]) -> dict[str, bytes]:
    contents = {}
    for path in files:
        with contextlib.suppress(OSError):  # gone again
            contents[path] = _content(f"{project.repository.top}/{path}")
    return contents


def _content(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - 300 of them, say
        return file.read()


def is_pointer_file(path: str) -> bool:
    """Return whether a file is one of pointers, by its name."""
    return path.endswith(".dvc") and ".dvc/" not in path


def _pointers(
    project: Project,
    contents: Mapping[str, bytes],
    entries: Mapping[str, Entry] | None,
    tell: Callable[[str], None],
    held_out: Iterable[str] = (),
) -> tuple[WatchedPointer, ...]:
    from gitexp.pointers.ground import Ground  # noqa: PLC0415 - 1 ms, where there are pointers

    top = project.repository.top
    watched = []
    ground = Ground(project, project.recorded_folders(), entries)
    has_dvc = _WithDvc(top)
    for path, content in contents.items():
        try:
            pointers = parse_dvc_file(content, path)
        except GitexpError as error:
            tell(f"warning: {error}")
            continue
        if not has_dvc.around(path):
            continue  # there is no DVC here that could tell what it is
        for pointer in pointers:
            if any(is_below(path, pointer.path) for path in held_out):
                continue
            why = ground.problem(pointer.path)
            if why is not None:
                tell(f"warning: the data of '{path}' is left alone, '{pointer.path}': {why}")
                continue
            data = signature(f"{top}/{pointer.path}")
            watched.append(WatchedPointer(path, content, pointer, data))
    return tuple(watched)


class _WithDvc:
    """Which folders belong to some DVC project; of many folders, each is looked at once."""

    def __init__(self, top: Path) -> None:
        self._top = os.fspath(top)
        self._known: dict[str, bool] = {}

    def around(self, path: str) -> bool:
        """Return whether a path lies in a DVC project."""
        folder = path.rpartition("/")[0]
        if folder not in self._known:
            here = os.path.isdir(f"{self._top}/{folder}/.dvc")  # noqa: PTH112 - 300 of them, say
            self._known[folder] = here or (folder != "" and self.around(folder))
        return self._known[folder]
