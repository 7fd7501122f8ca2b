"""What applying a run would change in the work tree, and what would be lost by it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.git.trees import SUBMODULE_MODE, Entry, tree_entries
from gitexp.handover.contents import PointedData, RunContents
from gitexp.handover.work_tree import (
    absent_on_purpose,
    is_blocked,
    look_at,
)
from gitexp.model.imported import check_has_code
from gitexp.pointers.door import DataDoor
from gitexp.pointers.ground import Ground
from gitexp.pointers.roots import root_of
from gitexp.pointers.source import ProjectData
from gitexp.project import Project
from gitexp.revisions.by_name import is_record, is_setup
from gitexp.store.recorded import recorded_blobs


class FoundData(Struct, frozen=True):
    """What is there now where data behind pointers will go."""

    todo: tuple[PointedData, ...] = ()
    """Data that is not there, or is there in another version."""
    present: Mapping[str, Pointer] = field(default_factory=dict)
    """What is there now, in place of it."""
    unsaved: tuple[str, ...] = ()
    """Data that only the work tree has."""
    obstacles: tuple[str, ...] = ()


class ApplyPlan(Struct, frozen=True):
    """What is to be done; paths are from the top of the repository."""

    run: str
    """The name of the run."""
    commit: str
    code: bool
    written: Mapping[str, Entry]
    """Files of the run that the work tree does not have in this version."""
    removed: tuple[str, ...]
    """Files of HEAD that the run does not have."""
    overwritten: Mapping[str, Entry]
    """What is there now where files are written or removed."""
    data: FoundData
    edits: tuple[str, ...]
    """What is neither committed nor held by a run, and would be lost."""
    obstacles: tuple[str, ...]
    """What is not overwritten, not even by force."""
    kept: tuple[str, ...]
    """Files of HEAD that the run does not have and that stay, because they were edited."""
    pointed: tuple[str, ...]
    """All paths of the run that lie behind pointers."""
    tree: Mapping[str, Entry]
    """All files of the run."""
    submodules: Mapping[str, str]
    """The commits in the run of submodules that are at another one here: they stay there."""

    @property
    def is_empty(self) -> bool:
        """Whether the work tree already is that of the run."""
        return not (self.written or self.removed or self.data.todo)


def plan_apply(
    project: Project, contents: RunContents, scratch: Path, *, code: bool = True
) -> ApplyPlan:
    """Compare a run with the work tree; nothing is changed.

    Raises Forbidden for a run whose pointers name places where no data may lie, GitexpError for
    one without code if that is wanted.
    """
    if code:
        check_has_code(contents.record)
    repository = project.repository
    ground = Ground(project, contents.folders, contents.tree)
    for path in contents.data:
        ground.check(path)
    wanted = dict(_wanted(contents, repository, code=code))
    head = _head(project, contents)
    gone = [path for path in head if code and path not in contents.tree and not is_setup(path)]
    found = look_at(repository, [*wanted, *gone], scratch)
    written = {path: one for path, one in wanted.items() if found.entries.get(path) != one}
    touched = {path: one for path, one in found.entries.items() if path in {*written, *gone}}
    edited = set(_edited(project, contents, head, touched))
    removed = tuple(path for path in gone if path in touched and path not in edited)
    data = _look_at_data(project, contents, removed)
    blocked = [path for path in written if _is_in_the_way(repository.top, path, removed)]
    unreadable = [path for path in found.unreadable if path in written]
    return ApplyPlan(
        run=contents.run.name,
        commit=contents.run.oid,
        code=code,
        written=written,
        removed=removed,
        overwritten={path: touched[path] for path in (*written, *removed) if path in touched},
        data=data,
        edits=(*sorted(edited.intersection(written)), *data.unsaved),
        obstacles=(*dict.fromkeys((*blocked, *unreadable)), *data.obstacles),
        kept=tuple(path for path in gone if path in edited),
        pointed=tuple(contents.data),
        tree=contents.tree,
        submodules=dict(_elsewhere(repository, contents)) if code else {},
    )


def _elsewhere(repository: Repository, contents: RunContents) -> Iterator[tuple[str, str]]:
    for path, entry in contents.tree.items():
        place = repository.top / path
        if entry.mode == SUBMODULE_MODE and (place / ".git").exists():
            with contextlib.suppress(GitexpError), Repository.open(place) as inner:
                if inner.objects.commit("HEAD") != entry.oid:
                    yield path, entry.oid


def check_apply(plan: ApplyPlan, directory: str, *, force: bool) -> None:
    """Raise GitexpError if the plan would lose somebody's work.

    Paths are shown as seen from `directory`, which is relative to the top.
    """
    if plan.obstacles:
        raise GitexpError(
            f"run '{plan.run}' would overwrite what cannot be kept:"
            f"{_lines(plan.obstacles, directory)}",
            hint="Move it out of the way, then try again.",
        )
    if plan.edits and not force:
        raise GitexpError(
            f"run '{plan.run}' would overwrite what is not committed:"
            f"{_lines(plan.edits, directory)}",
            hint="Commit or stash it, or keep it under a recovery ref with `--force`.",
        )


def _lines(paths: Collection[str], directory: str) -> str:
    return "".join(f"\n  {os.path.relpath(path, directory or '.')}" for path in paths)


def _wanted(
    contents: RunContents, repository: Repository, *, code: bool
) -> Iterator[tuple[str, Entry]]:
    top, absent = repository.top, absent_on_purpose(repository)
    for path, entry in contents.entries.items():
        if path in absent and not os.path.lexists(top / path):
            continue
        if is_setup(path):
            if not os.path.lexists(top / path):
                yield path, entry
        elif code or contents.is_value(path):
            yield path, entry


def _head(project: Project, contents: RunContents) -> dict[str, Entry]:
    if project.repository.objects.commit("HEAD") is None:
        return {}
    return {
        path: entry
        for path, entry in tree_entries(project.repository, "HEAD").items()
        if contents.is_inside(path) and not is_record(path) and entry.mode != SUBMODULE_MODE
    }


def _edited(
    project: Project,
    contents: RunContents,
    head: Mapping[str, Entry],
    touched: Mapping[str, Entry],
) -> Iterator[str]:
    """Yield what would be lost: neither as HEAD has it, nor left there by a recorded run.

    A run leaves its params, outputs and pointers, and lines in `.gitignore`. Edits of code
    are the user's, even if a run holds them too.
    """
    open_questions = {path: one for path, one in touched.items() if head.get(path) != one}
    left_by_runs = [
        path
        for path in open_questions
        if contents.is_value(path) or path.rpartition("/")[2] == ".gitignore"
    ]
    recorded = recorded_blobs(project.repository, project.config.branch, left_by_runs)
    for path, entry in open_questions.items():
        if entry.oid not in recorded.get(path, ()):
            yield path


def _is_in_the_way(top: Path, path: str, removed: Collection[str]) -> bool:
    if is_blocked(top, path, removed):
        return True
    place = top / path
    if place.is_symlink() or not os.path.lexists(place) or place.is_file():
        return False
    inside = (Path(folder, name) for folder, _, names in os.walk(place) for name in names)
    return not place.is_dir() or any(
        file.relative_to(top).as_posix() not in removed for file in inside
    )


def _look_at_data(project: Project, contents: RunContents, removed: Collection[str]) -> FoundData:
    """Hash what is there now where the data of a run will go."""
    top = project.repository.top
    there = {path: one for path, one in contents.data.items() if os.path.lexists(top / path)}
    absent = [one for path, one in contents.data.items() if path not in there]
    blocked = [one.pointer.path for one in absent if is_blocked(top, one.pointer.path, removed)]
    without = [path for path in there if root_of(project, path) is None]
    if len(without) == len(there):  # without DVC, nothing of what is there can be kept
        blocked += [path for path in without if path not in removed]
        return FoundData((*absent, *there.values()), obstacles=tuple(blocked))
    present: dict[str, Pointer] = {}
    unsaved: list[str] = []
    obstacles, todo = blocked, absent
    with DataDoor(project) as door, ProjectData(project) as source:
        for path, one in there.items():
            try:
                found = door.hash(path, one.pointer.hash_name)
            except GitexpError:
                obstacles.append(path)
                continue
            if found.md5 == one.pointer.md5:
                continue
            todo.append(one)
            present[path] = found
            if path not in removed and not source.is_sound(found, only_look=True):
                unsaved.append(path)
    return FoundData(tuple(todo), present, tuple(unsaved), tuple(obstacles))
