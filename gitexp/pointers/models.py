"""Putting what a command wrote behind DVC pointers: models, and whatever is large."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct, field

from gitexp.data.dvc_file import dvc_file_bytes
from gitexp.data.dvc_project import (
    FIRST_FILES,
    initialise,
    open_project,
    share_cache,
)
from gitexp.data.ignore import with_ignored
from gitexp.data.pointers import Pointer
from gitexp.data.replacing import replace_content
from gitexp.errors import GitexpError, reason_of
from gitexp.model.paths import ProjectPath
from gitexp.pointers.roots import root_of
from gitexp.project import Project

if TYPE_CHECKING:
    from gitexp.pointers.door import DataDoor


NO_DATA = "has no data behind it"
"""The end of a warning about a pointer whose data could not be kept."""
_NONE: Mapping[str, str] = MappingProxyType({})


class Stored(Struct):
    """Pointers that were made, and the files of the work tree that came with them."""

    pointers: list[Pointer] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    """New contents by path from the top: `.dvc` files and DVC's own set-up."""
    ignored: list[str] = field(default_factory=list)
    """Paths that the `.gitignore` beside them now names."""
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    names: Mapping[str, str] = _NONE
    """The `.dvc` files that are not beside their data, or have another name."""

    def file_of(self, pointer: Pointer) -> str:
        """Return the `.dvc` file of a pointer."""
        return self.names.get(pointer.path, f"{pointer.path}.dvc")


def store_outputs(
    project: Project,
    places: Iterable[str],
    *,
    unwritten: Collection[str] = (),
    names: Mapping[str, str] = _NONE,
) -> Stored:
    """Put each place into DVC's cache and write its pointer, exactly as `dvc add` would.

    A cache that cannot be written only causes a warning. For the places in
    `unwritten` no `.dvc` file is written: something else points at them. `names` are the
    `.dvc` files of those that have one already.
    """
    stored = Stored(names=names)
    wanted = list(places)
    if not wanted:
        return stored
    from gitexp.pointers.door import DataDoor  # noqa: PLC0415 - 25 ms with DVC's cache, where data is

    try:
        _set_up_dvc(project, wanted, stored)
        cache = DataDoor(project)
        cache.open_for(wanted)
    except Exception as error:  # noqa: BLE001 - a configuration that DVC cannot read, a folder not ours
        listed = ", ".join(f"'{place}'" for place in wanted)
        stored.warnings.append(f"not recorded: {listed}: {reason_of(error)}")
        return stored
    with cache as door:
        for place in wanted:
            pointer = _put(door, place, stored)
            if pointer is None:
                continue
            if place in unwritten:
                stored.pointers.append(pointer)
            else:
                _write_pointer(project, pointer, stored)
    try:
        _ignore(project, stored)
    except (GitexpError, OSError) as error:
        stored.warnings.append(f"git does not ignore what is behind pointers: {error}")
    return stored


def _put(door: DataDoor, place: str, stored: Stored) -> Pointer | None:
    """Put a place into the cache and return its pointer; None, with a warning, if there is none."""
    from gitexp.data.cache import CacheWriteFailed  # noqa: PLC0415 - 20 ms, with the door

    try:
        return door.store(place)
    except CacheWriteFailed as failed:
        inner = failed.pointer
        stored.warnings.append(f"{failed}: the pointer of '{place}' {NO_DATA}")
        return Pointer(place, inner.md5, inner.size, inner.nfiles, inner.hash_name)
    except Exception as error:  # noqa: BLE001 - DVC's, or a file that goes meanwhile
        stored.warnings.append(f"'{place}' is not recorded: {reason_of(error)}")
        return None


def store_contents(project: Project, contents: Mapping[str, bytes]) -> Stored:
    """Put contents into DVC's cache that no file of the work tree has; only a run has pointers.

    Raises GitexpError for a configuration that DVC cannot read, OSError for a full disk.
    """
    stored = Stored()
    _set_up_dvc(project, contents, stored)
    from gitexp.pointers.door import DataDoor  # noqa: PLC0415 - 25 ms with DVC's cache, where data is

    with DataDoor(project) as door:
        for place, content in contents.items():
            pointer = door.put(place, content)
            stored.files[stored.file_of(pointer)] = dvc_file_bytes(pointer)
            stored.pointers.append(pointer)
            stored.ignored.append(place)
    return stored


def write_pointers(project: Project, pointers: Iterable[Pointer]) -> Stored:
    """Write the pointers of data that lies in DVC's cache, exactly as `dvc add` would."""
    stored = Stored()
    for pointer in pointers:
        _write_pointer(project, pointer, stored)
    _ignore(project, stored)
    return stored


def _set_up_dvc(project: Project, places: Iterable[str], stored: Stored) -> None:
    """Set DVC up where no place has it, or where its set-up is gone: `git stash -u` takes it."""
    roots = {root_of(project, place) for place in places}
    for root in roots:
        if root is not None and not (root / ".dvc" / "config").is_file():
            stored.files.update(
                (project.repository.relative(path), path.read_bytes()) for path in initialise(root)
            )
    if None not in roots:
        return
    initialise(project.root)
    if project.home is not None:  # the models must outlive the copy
        initialise(project.home.root)
        share_cache(open_project(project.home.root), project.root)
    stored.notes.append("DVC was set up here to hold the models (`.dvc/`, `.dvcignore`)")
    for name in FIRST_FILES:
        stored.files[project.path(ProjectPath(name))] = (project.root / name).read_bytes()


def _write_pointer(project: Project, pointer: Pointer, stored: Stored) -> None:
    path = stored.file_of(pointer)
    file = project.repository.top / path
    try:
        _refuse_link(file, path)
        previous = file.read_bytes() if file.is_file() else None
        content = dvc_file_bytes(pointer, previous, path)
    except (GitexpError, OSError) as error:
        stored.warnings.append(f"'{pointer.path}' is not recorded: {error}")
        return
    if content != previous:
        try:
            replace_content(file, content)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:  # nobody could check it out
                stored.warnings.append(f"'{pointer.path}' is not recorded: {error}")
                return
            stored.warnings.append(f"'{path}' is in the run alone, it cannot be written: {error}")
    stored.files[path] = content
    stored.pointers.append(pointer)


def _ignore(project: Project, stored: Stored) -> None:
    repository = project.repository
    written = [pointer for pointer in stored.pointers if stored.file_of(pointer) in stored.files]
    asked = b"".join(os.fsencode(pointer.path) + b"\0" for pointer in written)
    checked = repository.attempt("check-ignore", "-z", "--stdin", "--no-index", stdin=asked)
    already = {os.fsdecode(path) for path in checked.stdout.split(b"\0") if path}
    for pointer in written:
        file = repository.top / ignore_file(pointer.path)
        try:
            _refuse_link(file, ignore_file(pointer.path))
            before = file.read_bytes() if file.is_file() else None
            after = with_ignored(before, PurePosixPath(pointer.path).name)
        except (GitexpError, OSError) as error:
            stored.warnings.append(f"git does not ignore {pointer.path!r}: {error}")
            continue
        if pointer.path not in already:
            with contextlib.suppress(OSError):  # where its pointer cannot be written either
                replace_content(file, after)
        if pointer.path not in already or before == after:  # by this very line, for the tree
            stored.ignored.append(pointer.path)


def _refuse_link(file: Path, path: str) -> None:
    """Raise GitexpError for a link: it may lead out, and git would read neither through one."""
    if file.is_symlink():
        raise GitexpError(f"'{path}' is a link", hint="Replace it by a file, then try again.")


def ignore_file(path: str) -> str:
    """Return the `.gitignore` beside a path."""
    return str(Path(path).with_name(".gitignore"))
