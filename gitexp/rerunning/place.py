"""A work tree like the one that a run began with, away from the user's own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.execution.start.isolation import check_copied, copy_ignored, linked_work_tree
from gitexp.execution.work_tree.filled import own_index
from gitexp.execution.work_tree.submodules import bring_submodules
from gitexp.git.repository import Repository
from gitexp.git.trees import SUBMODULE_MODE, is_below
from gitexp.model.paths import TopPath
from gitexp.pointers.ground import Forbidden, Ground, links_in, prefixes
from gitexp.pointers.roots import roots_in
from gitexp.project import Project
from gitexp.rerunning.original import Original, needed_data
from gitexp.store.copies import claimed_place

Tell = Callable[[str], None]
Data = tuple[list[Pointer], list[Pointer]]
"""Data that a command needs, and data that it may find if it is here."""


@contextlib.contextmanager
def work_tree_of(
    project: Project,
    original: Original,
    copied: Sequence[str],
    tell: Tell,
    data: Data | None = None,
    *,
    incomplete: bool | None = None,
) -> Iterator[Project]:
    """Give a project that is what a run began with, in a work tree of its own.

    Nothing is written outside of it. `copied` are paths that git does not hold, relative to the
    project, and come from the user's work tree; the data is what the run began with, unless
    other data is given. Raises GitexpError, before anything is made, for data that is neither in
    the cache nor on the remote, unless it is to go on without (`incomplete`; None if nobody is
    offered that).
    """
    check_copied(project, copied)
    _check_targets(project, original, copied)
    found = needed_data(project, original) if data is None else data
    there = _fetched(project, original, found, copied, tell, incomplete=incomplete)
    with claimed_place(project.repository) as place:
        repository = linked_work_tree(project.repository, place, original.head)
        _fill(repository, original)
        bring_submodules(project.repository.top, original.entries, place)
        with project.copied_to(repository, TopPath(original.record.directory)) as copy:
            _check_directory(copy, original)
            _place(project, copy, original, there)
            copy_ignored(project, copy, copied)
            yield copy


def fetched_data(project: Project, original: Original, tell: Tell) -> tuple[Pointer, ...]:
    """Have all data that a run began with in the cache, and return what it is."""
    return _fetched(project, original, needed_data(project, original), (), tell)


def _check_targets(project: Project, original: Original, copied: Iterable[str]) -> None:
    """Raise Forbidden where a link of the run would lead a copied file out of its work tree."""
    links = links_in(original.entries)
    for name in copied:
        place = (project.root / name).resolve()
        path = place.relative_to(project.repository.top).as_posix()
        through = next((one for one in prefixes(path) if one in links), None)
        through = through or next((one for one in links if is_below(path, one)), None)
        if through is not None:
            raise Forbidden(path, f"'{through}' is a link that came with the run")


def _fetched(
    project: Project,
    original: Original,
    data: Data,
    copied: Sequence[str],
    tell: Tell,
    *,
    incomplete: bool | None = None,
) -> tuple[Pointer, ...]:
    """Have the data of a run in the cache, and return what is there."""
    needed, spare = data
    brought = {project.path(project.name(TopPath(name))) for name in copied}
    needed = [one for one in needed if one.path not in brought]
    if not needed and not spare:
        return ()
    from gitexp.data.remote import way_to_get  # noqa: PLC0415 - 20 ms with the one below, where there is data
    from gitexp.pointers.source import ProjectData  # noqa: PLC0415

    with ProjectData(project, lambda text: tell(f"warning: {text}")) as source:
        source.look_in(original.run.oid)
        reason = source.fetch_missing([*needed, *spare])
        missing = [one for one in needed if not source.is_sound(one)]
        if missing and not incomplete:
            way_on = "" if incomplete is None else " `--incomplete` goes on without it."
            raise GitexpError(
                f"the data of '{missing[0].path}' is missing (md5 {missing[0].md5}), "
                f"which is part of run '{original.run.name}'",
                hint=f"It is not in the DVC cache, and {way_to_get(reason)}{way_on}",
            )
        for one in missing:
            tell(f"note: the data of '{one.path}' is missing (md5 {one.md5})")
        there = [one for one in spare if source.is_sound(one)]
    return (*(one for one in needed if one not in missing), *there)


def _fill(repository: Repository, original: Original) -> None:
    """Make the work tree hold the tree and nothing else; its index holds what HEAD does."""
    index = own_index(repository)
    index.remove(index.skipped())  # it may have been written by an earlier run
    index.check_out(original.tree)
    repository.git("clean", "-ffdxq")
    entries, base = original.entries, original.base
    index.remove(path for path in entries if path not in base)
    changed = {path: one for path, one in base.items() if entries.get(path) != one}
    index.put({path: one for path, one in changed.items() if one.mode != SUBMODULE_MODE})


def _check_directory(copy: Project, original: Original) -> None:
    top = copy.repository.top
    place = top / original.record.directory
    if not place.is_dir() or not place.resolve().is_relative_to(top):
        where = original.record.directory or "the top of the repository"
        raise GitexpError(f"run '{original.run.name}' ran in '{where}', which is not there")


def check_edits(copy: Project, edited: Iterable[str]) -> None:
    """Raise GitexpError for params files that are links out of the work tree."""
    for name in edited:
        place: Path = (copy.root / name).resolve()
        if not place.is_relative_to(copy.repository.top):
            raise GitexpError(f"'{name}' is a link out of the repository, and is not written")


def _place(project: Project, copy: Project, original: Original, data: Sequence[Pointer]) -> None:
    """Link the data of a run into its work tree, through DVC's cache."""
    if not data:
        _share_cache(project, copy, original.entries)
        return
    from gitexp.pointers.door import DataDoor  # noqa: PLC0415 - 20 ms, where there is data

    _share_cache(project, copy, original.entries)
    ground = Ground(copy, copy.recorded_folders(), original.entries)
    for pointer in data:
        ground.check(pointer.path)
    with DataDoor(copy) as door:
        for pointer in data:
            door.place(pointer)


def _share_cache(project: Project, copy: Project, paths: Iterable[str]) -> None:
    from gitexp.data.dvc_project import open_project, share_cache  # noqa: PLC0415 - 5 ms, as above

    top = project.repository.top
    for root in roots_in(project, paths):
        share_cache(open_project(root), copy.repository.top / root.relative_to(top))
