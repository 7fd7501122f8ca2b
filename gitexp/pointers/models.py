"""Putting what a command wrote behind DVC pointers: models, and whatever is large."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from gitexp.data.dvc_file import dvc_file_bytes
from gitexp.data.dvc_project import (
    FIRST_FILES,
    initialise,
    open_project,
    share_cache,
)
from gitexp.data.ignore import with_ignored
from gitexp.data.pointers import Pointer
from gitexp.data.replacing import refuse_link, replace_content
from gitexp.errors import GitexpError, reason_of
from gitexp.git.repository import Repository
from gitexp.model.numbers import counted
from gitexp.model.paths import ProjectPath
from gitexp.pointers.dvcignore import keep_out
from gitexp.pointers.roots import root_of
from gitexp.pointers.stored import NO_NAMES, Stored, ignore_file
from gitexp.project import Project

if TYPE_CHECKING:
    from gitexp.pointers.door import DataDoor


NO_DATA = "has no data behind it"
"""The end of a warning about a pointer whose data could not be kept."""


def store_outputs(
    project: Project,
    places: Iterable[str],
    *,
    unwritten: Collection[str] = (),
    names: Mapping[str, str] = NO_NAMES,
    kept_out: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> Stored:
    """Put each place into DVC's cache and write its pointer, exactly as `dvc add` would.

    A cache that cannot be written only causes a warning. For the places in
    `unwritten` no `.dvc` file is written: something else points at them. `names` are the
    `.dvc` files of those that have one already, `kept_out` the files of folders that must not
    come along.
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
    already = _already_ignored(project, (one for one in wanted if one not in unwritten), stored)
    with cache as door:
        for place in wanted:
            out = kept_out.get(place, ())
            if out and not keep_out(project, place, out, stored):
                continue
            pointer = _put(door, place, stored)
            if pointer is None:
                continue
            if place in unwritten:
                stored.pointers.append(pointer)
            else:
                _write_pointer(project, pointer, stored)
    try:
        _ignore(project, stored, already)
    except (GitexpError, OSError) as error:
        stored.warnings.append(f"git does not ignore what is behind pointers: {error}")
    return stored


def _put(door: DataDoor, place: str, stored: Stored) -> Pointer | None:
    """Put a place into the cache and return its pointer; None, with a warning, if there is none."""
    from gitexp.data.cache import CacheWriteFailed  # noqa: PLC0415 - 20 ms, with the door

    try:
        return door.store(place, is_seen=stored.file_for(place) not in stored.unseen)
    except CacheWriteFailed as failed:
        inner = failed.pointer
        stored.warnings.append(f"{failed}: the pointer of '{place}' {NO_DATA}")
        return Pointer(place, inner.md5, inner.size, inner.nfiles, inner.hash_name)
    except Exception as error:  # noqa: BLE001 - DVC's, or a file that goes meanwhile
        stored.warnings.append(f"'{place}' is not recorded: {reason_of(error)}")
        return None


def _already_ignored(project: Project, places: Iterable[str], stored: Stored) -> set[str]:
    """Return which of the places git ignores, and note those whose new `.dvc` files it does.

    DVC sees none there, either.
    """
    top, pointed = project.repository.top, list(places)
    files = {stored.file_for(place): place for place in pointed}
    new = {file: place for file, place in files.items() if not os.path.lexists(top / file)}
    already = ignored(project.repository, (*new, *pointed))
    found = already & new.keys()
    if found:
        first, more = new[min(found)], len(found) - 1
        others = f" and {counted(more, 'other')}" if more else ""
        stored.notes.append(
            f"the run has the {'pointers' if more else 'pointer'} of '{first}'{others}; none is "
            "written here, because git ignores where it would lie, and so does DVC"
        )
    stored.unseen |= found
    return already


def ignored(repository: Repository, paths: Iterable[str]) -> set[str]:
    """Return the paths that git ignores, whether they are in its index or not."""
    asked = b"".join(os.fsencode(path) + b"\0" for path in paths)
    if not asked:
        return set()
    checked = repository.attempt("check-ignore", "-z", "--stdin", "--no-index", stdin=asked)
    return {os.fsdecode(path) for path in checked.stdout.split(b"\0") if path}


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
    places = [one.path for one in stored.pointers]
    _ignore(project, stored, ignored(project.repository, places))
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
        refuse_link(file, path)
        previous = file.read_bytes() if file.is_file() else None
        content = dvc_file_bytes(pointer, previous, path)
    except (GitexpError, OSError) as error:
        stored.warnings.append(f"'{pointer.path}' is not recorded: {error}")
        return
    if content != previous and path not in stored.unseen:
        try:
            replace_content(file, content)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:  # nobody could check it out
                stored.warnings.append(f"'{pointer.path}' is not recorded: {error}")
                return
            stored.warnings.append(f"'{path}' is in the run alone, it cannot be written: {error}")
    stored.files[path] = content
    stored.pointers.append(pointer)


def _ignore(project: Project, stored: Stored, already: AbstractSet[str]) -> None:
    repository = project.repository
    for pointer in stored.pointers:
        if stored.file_of(pointer) not in stored.files:
            continue
        file = repository.top / ignore_file(pointer.path)
        try:
            refuse_link(file, ignore_file(pointer.path))
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
