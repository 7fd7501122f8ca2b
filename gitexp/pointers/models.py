"""Putting what a command wrote behind DVC pointers: models, and whatever is large."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
from collections.abc import Callable, Collection, Iterable, Mapping
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
from gitexp.git.plain_files import filtered
from gitexp.git.trees import is_below
from gitexp.model.paths import ProjectPath
from gitexp.pointers.recognised import (
    describes_mlflow_model,
    is_model_file,
    is_tracker_file,
    model_folders,
    tells_of_model,
)
from gitexp.pointers.roots import root_of
from gitexp.project import Project
from gitexp.revisions.roles import Declared
from gitexp.settings.config import MOST_BYTES, MOST_FILES

if TYPE_CHECKING:
    from gitexp.pointers.door import DataDoor


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


ByFilter = Callable[[], set[str]]
"""Tells which files a filter of git's keeps, such as LFS: where nobody said more, they stay its."""


def behind_pointers(
    project: Project,
    written: Iterable[str],
    *,
    tracked: Collection[str],
    folders: Iterable[str],
    declared: Declared,
    links: Collection[str] = (),
    whole: Collection[str] = (),
) -> dict[str, list[str]]:
    """Return which paths go behind a pointer, and which of the written ones each stands for.

    What git tracks and `links` to what the run has anyway stay in git; what a stage of a
    pipeline writes belongs to DVC. Models go behind pointers whatever their size, large files
    too, and a new folder of very many or very large files as one; those of `whole` always. A new
    folder that is a model is one pointer, with the side files of the model.
    """
    written, folders = list(written), list(folders)
    by_filter = functools.cache(lambda: filtered(project.repository, written))
    chosen = _model_folders(project, written, folders, tracked, declared, whole, by_filter)
    rest: dict[str, int] = {}
    in_models = {path for inside in chosen.values() for path in inside}
    for path in written:
        if path in tracked or path.endswith(".dvc") or path in in_models:
            continue
        around = next((folder for folder in whole if is_below(folder, path)), None)
        if around is not None:
            chosen.setdefault(around, []).append(path)
            continue
        owner = declared.pipeline.cached_out_of(path)
        is_alone = path in links and declared.tracked_folder(path) is None
        place: str | None = owner
        if place is None and not is_alone:
            place = _pointer_place(project, path, tracked, declared, by_filter)
        if place is not None:
            chosen.setdefault(place, []).append(path)
        else:
            rest[path] = _size(project, path)
    for folder in folders:
        inside = [path for path in rest if is_below(folder, path)]
        if len(inside) > MOST_FILES or sum(rest[path] for path in inside) > MOST_BYTES:
            absorbed = [place for place in chosen if is_below(folder, place)]
            chosen[folder] = [*inside, *(path for place in absorbed for path in chosen.pop(place))]
    return chosen


def _model_folders(
    project: Project,
    written: Iterable[str],
    new: Collection[str],
    tracked: Collection[str],
    declared: Declared,
    whole: Iterable[str],
    by_filter: ByFilter,
) -> dict[str, list[str]]:
    if not new or not project.config.recognises_models:
        return {}

    def is_taken(path: str) -> bool:
        return (
            path in tracked
            or path.endswith(".dvc")
            or (declared.has_values(path) and not tells_of_model(path))
            or declared.is_result(path)
            or any(is_below(one, path) for one in whole)
            or (project.repository.top / path).is_symlink()
            or path in by_filter()
        )

    def is_mlflow(path: str) -> bool:
        return describes_mlflow_model(project.repository.top / path)

    return model_folders(written, new, is_taken, is_mlflow)


def _pointer_place(
    project: Project,
    path: str,
    tracked: Collection[str],
    declared: Declared,
    by_filter: ByFilter,
) -> str | None:
    place = project.repository.top / path
    link = place.is_symlink()
    if declared.is_model(path):
        whole = declared.tracked_folder(path) or path
        if whole == path and link and not _leads_somewhere(place):
            return None
        return path if any(is_below(whole, one) for one in tracked) else whole
    if link:
        return None
    if _size(project, path) > project.config.max_file_size:
        return path
    is_recognised = _is_recognised(project, path, declared) and path not in by_filter()
    return path if is_recognised else None


def _is_recognised(project: Project, path: str, declared: Declared) -> bool:
    """Return whether a file is a model or a tracker's, by what it holds.

    What the settings call a plot stays in git, and what a stage of a pipeline leaves to git.
    """
    config, file = project.config, project.repository.top / path
    if declared.pipeline.out_of(path) is not None:
        return False
    if config.tracker_files == "pointer" and is_tracker_file(file):
        return True
    return (
        config.recognises_models and not declared.is_fresh_or_absent(path) and is_model_file(file)
    )


def _leads_somewhere(link: Path) -> bool:
    try:
        return link.exists()
    except OSError:  # Python 3.10 raises for a loop
        return False


def _size(project: Project, path: str) -> int:
    try:
        return os.lstat(project.repository.top / path).st_size
    except OSError:
        return 0


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
        stored.warnings.append(f"{failed}: the pointer of '{place}' has no data behind it")
        return Pointer(place, inner.md5, inner.size, inner.nfiles, inner.hash_name)
    except Exception as error:  # noqa: BLE001 - DVC's, or a file that goes meanwhile
        stored.warnings.append(f"'{place}' is not recorded: {reason_of(error)}")
        return None


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
