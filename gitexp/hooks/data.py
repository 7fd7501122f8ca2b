"""Data in the work tree that follows its pointers, as far as nobody's work is lost by it."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from gitexp.data.checkout import DataSource
from gitexp.data.dvc_project import find_root
from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.execution.pointers.inputs import DataDoor
from gitexp.git.repository import Repository
from gitexp.git.staging import StagedFile
from gitexp.hooks.entry import tell
from gitexp.hooks.held import held_by_git
from gitexp.project import Project
from gitexp.side_files import pointers_of

_SHOWN = 5


def follow_pointers(repository: Repository, old: str, changes: Sequence[StagedFile]) -> None:
    """Put data from the cache where pointers changed, and take away what none names any more."""
    paths = [one.path for one in changes]
    before = _pointers(paths, lambda path: repository.objects.blob(f"{old}:{path}"))
    after = _pointers(paths, lambda path: repository.objects.blob(f":{path}"))
    by_root: dict[Path, set[str]] = {}
    named = before.keys() | after.keys()
    for path in named - held_by_git(repository, named):
        if before.get(path) != after.get(path):
            root = find_root((repository.top / path).parent, repository.top)
            if root is not None:
                by_root.setdefault(root, set()).add(path)
    for root, some in sorted(by_root.items()):
        _Follower(repository, root).follow(sorted(some), before, after)


class _Follower:
    """The data of one DVC project; what cannot follow is told at the end."""

    def __init__(self, repository: Repository, root: Path) -> None:
        self._top = repository.top
        self._root = root
        self._project = Project(repository, repository.relative(root), "")
        self._missing: list[str] = []
        self._edited: list[str] = []

    def follow(
        self, paths: Iterable[str], before: dict[str, Pointer], after: dict[str, Pointer]
    ) -> None:
        with DataDoor(self._project) as door, DataSource(self._root) as source:
            for path in paths:
                with contextlib.suppress(OSError):
                    self._one(door, source, path, before.get(path), after.get(path))
        if self._missing:
            names = " ".join(self._missing[:_SHOWN])
            tell(f"the data of {_listed(self._missing)} is not in the DVC cache")
            tell(f"hint: `dvc pull {names}` fetches it.")
        if self._edited:
            tell(f"{_listed(self._edited)} stayed as it is: only the work tree has this version")
            tell("hint: `dvc checkout` takes the version of the pointer, `dvc commit` keeps yours.")

    def _one(
        self,
        door: DataDoor,
        source: DataSource,
        path: str,
        old: Pointer | None,
        new: Pointer | None,
    ) -> None:
        place = self._top / path
        try:
            if os.path.lexists(place):
                there = door.hash(path, (new or old or Pointer("", "")).hash_name)
                if new is not None and there.md5 == new.md5:
                    return
                if not source.holds(there):
                    self._edited.append(path)
                    return
            if new is None:
                _remove(place)
            elif source.holds(new):
                source.place(new, place)
            else:
                self._missing.append(path)
        except GitexpError as error:
            tell(f"warning: '{path}' could not follow its pointer: {error}")


def _pointers(paths: Iterable[str], read: Callable[[str], bytes | None]) -> dict[str, Pointer]:
    found = {}
    for path in paths:
        with contextlib.suppress(GitexpError):  # a conflict, say: git tells of it
            for one in pointers_of(path, read):
                if "://" not in one.path and not one.path.startswith(("/", "../")):
                    found[one.path] = one
    return found


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _listed(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(f"'{path}'" for path in paths[:_SHOWN]) + more
