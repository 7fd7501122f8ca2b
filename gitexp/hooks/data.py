"""Data in the work tree that follows its pointers, as far as nobody's work is lost by it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from gitexp.data.checkout import DataSource
from gitexp.data.dvc_project import find_root
from gitexp.data.pointers import Pointer, SafePlace, is_elsewhere, pointers_of
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.hooks.absent import how_to_get
from gitexp.hooks.entry import tell
from gitexp.hooks.held import held_by_git
from gitexp.model.paths import TopPath
from gitexp.model.refused_names import is_refused
from gitexp.pointers.door import DataDoor
from gitexp.pointers.ground import REFUSED, Forbidden
from gitexp.project import Project
from gitexp.review.words import named


def follow_pointers(repository: Repository, olds: Sequence[str], files: Sequence[str]) -> None:
    """Put data from the cache where pointers changed, and remove what none names any more.

    `files` are the pointer files that are not in the index as they are in each of the old revs.
    """
    after = _pointers(files, lambda path: repository.objects.blob(f":{path}"))
    before = [_pointers_in(repository, old, files) for old in olds]
    named = after.keys() | set().union(*before)
    changed = {path for path in named if any(old.get(path) != after.get(path) for old in before)}
    strange = {path for path in changed if is_refused(path)}
    for path in sorted(strange.intersection(after)):
        _say_why(path, Forbidden(path, REFUSED))
    by_root: dict[Path, list[str]] = {}
    for path in sorted(changed - strange - held_by_git(repository, changed - strange)):
        root = find_root((repository.top / path).parent, repository.top)
        if root is not None:
            by_root.setdefault(root, []).append(path)
    known = {path: one for old in before for path, one in old.items()}
    for root, paths in sorted(by_root.items()):
        _Follower(repository, root).follow(paths, known, after)


class _Follower:
    """The data of one DVC project; what cannot follow is reported at the end."""

    def __init__(self, repository: Repository, root: Path) -> None:
        self._top = repository.top
        self._root = root
        self._project = Project(repository, repository.relative(root), TopPath(""))
        self._repository = repository
        self._missing: list[Pointer] = []
        self._edited: list[str] = []

    def follow(
        self, paths: Iterable[str], before: dict[str, Pointer], after: dict[str, Pointer]
    ) -> None:
        with DataDoor(self._project) as door, DataSource(self._root, _warn) as source:
            for path in paths:
                with contextlib.suppress(OSError):
                    self._one(door, source, path, before.get(path), after.get(path))
        if self._missing:
            names = _quoted([one.path for one in self._missing])
            tell(f"the data of {names} is not in the DVC cache")
            tell(f"hint: {how_to_get(self._repository, self._root, self._missing)}")
        if self._edited:
            tell(f"{_quoted(self._edited)} stayed as it is: only the work tree has this version")
            tell("hint: `dvc checkout` takes the version of the pointer, `dvc commit` keeps yours.")

    def _one(
        self,
        door: DataDoor,
        source: DataSource,
        path: str,
        old: Pointer | None,
        new: Pointer | None,
    ) -> None:
        try:
            place = door.safe(path)
            there = None
            if os.path.lexists(place):
                there = door.hash(path, (new or old or Pointer("", "")).hash_name)
            if there is not None and new is not None and there.md5 == new.md5:
                return
            if there is not None and not (_is_empty(there) or source.is_sound(there)):
                self._edited.append(path)
            elif new is None:
                _remove(place, source.members(there) if there is not None and there.nfiles else ())
            elif source.is_sound(new):
                source.place(new, place)
            else:
                self._missing.append(new)
        except GitexpError as error:
            _say_why(path, error)


def _pointers(paths: Iterable[str], read: Callable[[str], bytes | None]) -> dict[str, Pointer]:
    found = {}
    for path in paths:
        with contextlib.suppress(GitexpError):  # a conflict, say: git reports it
            for one in pointers_of(path, read):
                if not is_elsewhere(one.path):
                    found[one.path] = one
    return found


def _pointers_in(repository: Repository, rev: str, paths: Iterable[str]) -> dict[str, Pointer]:
    return _pointers(paths, lambda path: repository.objects.blob(f"{rev}:{path}"))


def _is_empty(pointer: Pointer) -> bool:
    """Return whether a folder has nothing but what DVC ignores."""
    return pointer.nfiles == 0


def _remove(place: SafePlace, members: Iterable[str]) -> None:
    """Remove a file, or the members of a folder: what DVC ignores in it is not in the cache."""
    if place.is_symlink() or not place.is_dir():
        place.unlink(missing_ok=True)
        return
    for name in members:
        (place / name).unlink(missing_ok=True)
    for folder, _, _ in os.walk(place, topdown=False):
        with contextlib.suppress(OSError):  # not empty
            Path(folder).rmdir()


def _say_why(path: str, error: GitexpError) -> None:
    tell(f"warning: '{path}' could not follow its pointer: {error}")


def _warn(text: str) -> None:
    tell(f"warning: {text}")


def _quoted(paths: Sequence[str]) -> str:
    return named([f"'{path}'" for path in paths])
