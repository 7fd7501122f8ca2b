"""A copy of the work tree for one run, in a linked work tree that is used again and again."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from gitexp.data.dvc_project import open_project, share_cache
from gitexp.data.pointers import Pointer
from gitexp.data.unprotecting import link_into, may_be_link, unprotect
from gitexp.errors import GitexpError
from gitexp.execution.stages import Plan
from gitexp.execution.work_tree.filled import fill
from gitexp.execution.work_tree.snapshot import Snapshot, take_snapshot, with_tree
from gitexp.execution.work_tree.submodules import bring_submodules, submodule_notes
from gitexp.execution.work_tree.watched import watch_pointers
from gitexp.git.links import follow_on_disk
from gitexp.git.repository import Repository
from gitexp.git.trees import Entries
from gitexp.pointers.roots import root_of, roots_among
from gitexp.project import Project
from gitexp.revisions.roles import Declared
from gitexp.store.copies import claimed_place
from gitexp.store.locks import locked
from gitexp.store.own_links import own_links

Tell = Callable[[str], None]


@contextlib.contextmanager
def isolated(project: Project, plan: Plan, copied: Iterable[str], tell: Tell) -> Iterator[Project]:
    """Give a project that is a faithful copy of this one: what is staged, edited and untracked.

    The copy holds nothing else, no leftover of an earlier run either. `copied` names ignored
    files and folders, relative to the project, that the command needs anyway. Data
    behind pointers comes from DVC's cache, and the user's work tree is only read.
    """
    copied = list(copied)
    check_copied(project, copied)
    with claimed_place(project.repository) as place:
        with scratch_beside(place) as scratch:
            snapshot = with_tree(take_snapshot(project, scratch, ()))
            snapshot.index.forget_asked()
            repository = linked_work_tree(project.repository, place, plan.baseline)
            fill(repository, snapshot, scratch)
        bring_submodules(project.repository.top, snapshot.entries, place)
        for text in submodule_notes(project.repository, snapshot):
            tell(f"warning: {text}")
        copy = Project(repository, project.folder, project.directory, home=project)
        with copy:
            copy_ignored(project, copy, copied)
            copy_own_links(project, copy)
            data = stored_data(project, snapshot, plan)
            place_data(project, copy, snapshot.entries, data)
            yield copy


def check_copied(project: Project, copied: Iterable[str]) -> None:
    for name in copied:
        path = (project.root / name).resolve()
        if not path.exists():
            raise GitexpError(f"no file or folder '{name}' to copy")
        if not path.is_relative_to(project.repository.top):
            raise GitexpError(
                f"'{name}' is outside the repository",
                hint="The command can still find it by its absolute path.",
            )


@contextlib.contextmanager
def scratch_beside(place: Path) -> Iterator[Path]:
    """Give a folder beside the place, so that one left by a kill is found and cleared."""
    scratch = place.with_suffix(".scratch")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def linked_work_tree(repository: Repository, place: Path, baseline: str) -> Repository:
    """Return the linked work tree at a place, made again if there is none that works."""
    with contextlib.suppress(GitexpError):
        if place.is_dir():
            found = Repository.open(place)
            if found.top == place and _is_of(found, repository):
                found.git("update-ref", "--no-deref", "HEAD", baseline)
                return found
            found.close()
    shutil.rmtree(place, ignore_errors=True)
    with locked(repository):
        repository.git("worktree", "prune")
        options = ("--quiet", "--force", "--detach", "--no-checkout")
        repository.git("worktree", "add", *options, str(place), baseline)
    return Repository.open(place)


def _is_of(copy: Repository, repository: Repository) -> bool:
    """Return whether a linked work tree is of this repository.

    Its way there is an absolute path: in a project that was copied as a whole, it leads to the
    original.
    """
    return copy.common_dir.samefile(repository.common_dir)


def copy_ignored(project: Project, copy: Project, copied: Iterable[str]) -> None:
    """Copy files and folders that git does not hold from the user's work tree."""
    copied = list(copied)
    for name in copied:
        source, target = project.root / name, copy.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(
                source, target, symlinks=True, dirs_exist_ok=True, copy_function=_copy_one
            )
        else:
            _copy_one(source, target)
    _unlink_from_cache(project, copy, [copy.root / name for name in copied])


def copy_own_links(project: Project, copy: Project) -> None:
    """Make the links again that this clone alone has from params files to outside of it."""
    top = project.repository.top
    for path in map(copy.path, copy.params_files):
        lead = follow_on_disk(top, path)
        place = copy.repository.top / path
        if path not in lead.links or not lead.outside or os.path.lexists(place):
            continue
        if own_links(project.repository, project.config.branch, lead.links) == set(lead.links):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(lead.outside)


def _copy_one(source: str | Path, target: str | Path) -> None:
    """Copy a file, writable where only its being a link to an object forbade that."""
    shutil.copy2(source, target)
    found = Path(target).stat()
    if not found.st_mode & 0o222 and may_be_link(Path(source)):
        Path(target).chmod(stat.S_IMODE(found.st_mode) | stat.S_IWUSR)


def _unlink_from_cache(project: Project, copy: Project, copies: Iterable[Path]) -> None:
    """Put copies where links lead to objects of the cache, through which a command could write."""
    places = (place for one in copies for place in (one, *one.rglob("*")))
    links = [place for place in places if place.is_symlink()]
    cache_of = functools.cache(lambda root: open_project(root).legacy_cache)
    for link in links:
        root = root_of(project, link.relative_to(copy.repository.top).as_posix())
        if root is not None and link_into(link, cache_of(root), ()) == link:
            unprotect(link)


def stored_data(project: Project, snapshot: Snapshot, plan: Plan | None) -> tuple[Pointer, ...]:
    """Put the data of the user's work tree into DVC's cache; return what it is, as it is now.

    What is held out is left alone, unless the plan allows for it.
    """
    if not roots_among(project, snapshot.entries):
        return ()
    held_out = Declared(project).held_out
    unseen = plan.unseen(held_out) if plan is not None else held_out
    watched = watch_pointers(
        project, snapshot.entries, lambda _: None, unseen
    )  # the run itself tells
    present = [one.pointer.path for one in watched if one.signature is not None]
    if not present:
        return ()
    from gitexp.pointers.door import DataDoor  # noqa: PLC0415 - 20 ms, where there is data

    with DataDoor(project) as ours:
        return tuple(replace(ours.store(path), path=path) for path in present)


def place_data(project: Project, copy: Project, entries: Entries, data: Iterable[Pointer]) -> None:
    """Have a copy of what git has use the same cache of DVC's, and link data into it."""
    top = project.repository.top
    for root in roots_among(project, entries):
        share_cache(open_project(root), copy.repository.top / root.relative_to(top))
    pointers = list(data)
    if not pointers:
        return
    from gitexp.pointers.door import DataDoor  # noqa: PLC0415 - 20 ms, where there is data

    with DataDoor(copy) as theirs:
        for pointer in pointers:
            theirs.place(pointer)
