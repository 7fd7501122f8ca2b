"""What stays out of a folder that goes behind a pointer, as it would stay out of the tree.

DVC takes all that lies in a folder, whatever git ignores.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from gitexp.execution.secrets.guard import without_secrets
from gitexp.execution.stages import Started
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.git.repository import Repository
from gitexp.model.refused_names import is_refused
from gitexp.pointers.roots import new_root_of
from gitexp.revisions.secret_names import is_secret_path


def kept_out(
    started: Started, places: Mapping[str, Collection[str]], held: Iterable[WatchedPointer]
) -> dict[str, list[str]]:
    """Return the files to be kept out of folders, by folder; the contents of small ones count, too.

    `places` are new, with what the command wrote there. A folder that the settings name is taken
    whole, and so is one that is `held` by a pointer already: git ignores all of it. Only what has
    the name of a secret is kept out there, unless the pointer has had it before.
    """
    project, declared = started.project, started.declared
    top = project.repository.top
    found: dict[str, list[str]] = {}
    for place, written in places.items():
        if not _is_folder(top / place):
            continue
        is_named = any(declared.tracked_folder(path) == place for path in written) or (
            declared.pipeline.out_of(place) is not None
        )
        there = list(_files(top, place))
        out = {path for path in there if is_secret_path(path)}
        if not is_named:
            others = set(there).difference(written, out)
            out |= _ignored(project.repository, others)
            out |= _with_secrets(started, set(there) - out)
        found[place] = sorted(out)
    for one in held:
        found[one.pointer.path] = sorted(new_secrets(started, one))
    return {place: paths for place, paths in found.items() if paths}


def new_secrets(started: Started, one: WatchedPointer) -> set[str]:
    """Return the files in a folder that have the name of a secret, and that its pointer has not."""
    place, top = one.pointer.path, started.project.repository.top
    if not one.pointer.is_folder or not _is_folder(top / place):
        return set()
    secret = {path for path in _files(top, place) if is_secret_path(path)}
    if not secret:
        return set()
    from gitexp.data.listing import list_files  # noqa: PLC0415 - 25 ms, where there is such a file
    from gitexp.pointers.door import DataDoor  # noqa: PLC0415 - with it

    root = new_root_of(started.project, place)
    taken = list_files(root, (top / place).relative_to(root).as_posix())  # as `.dvcignore` has it
    with DataDoor(started.project) as door:
        known = door.members(one.pointer)
    return secret.intersection(f"{place}/{file.name}" for file in taken).difference(known)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _files(top: Path, place: str) -> Iterator[str]:
    for folder, folders, names in os.walk(top / place):
        folders[:] = [name for name in folders if not is_refused(name) and name != ".dvc"]
        start = Path(folder).relative_to(top).as_posix()
        yield from (f"{start}/{name}" for name in names)


def _ignored(repository: Repository, paths: Collection[str]) -> set[str]:
    if not paths:
        return set()
    asked = b"".join(os.fsencode(path) + b"\0" for path in sorted(paths))
    told = repository.attempt("check-ignore", "-z", "--stdin", stdin=asked).stdout
    return {os.fsdecode(path) for path in told.split(b"\0") if path}


def _with_secrets(started: Started, paths: Iterable[str]) -> set[str]:
    """Return the files in which a secret stands, of those that git might have held."""
    top, most = started.project.repository.top, started.project.config.max_file_size
    small = [path for path in sorted(paths) if _size(top / path) <= most]
    return set(small).difference(without_secrets(top, small, started.tell))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
