"""A run brought into the work tree; HEAD, the index and the branches stay as they are."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct

from gitexp.data.ignore import with_ignored
from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.git.apart import ATTRIBUTES, attributes_of, check_out_apart
from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import SUBMODULE_MODE, Entry
from gitexp.handover.apply_plan import ApplyPlan, check_apply
from gitexp.handover.objects import have_objects
from gitexp.handover.recovery import Recovery, keep
from gitexp.pointers.ground import Ground
from gitexp.pointers.source import ProjectData
from gitexp.pointers.stored import ignore_file
from gitexp.project import Project
from gitexp.revisions.links import above
from gitexp.store.journal import Journal, is_any_under_way


class Applied(Struct, frozen=True):
    """What came of it."""

    placed: tuple[Pointer, ...]
    """Data that was brought into the work tree."""
    missing: tuple[Pointer, ...]
    """Data that is neither in the cache nor on the remote, or could not be written."""
    reason: str | None = None
    """Why, if it is known."""
    ignored: tuple[str, ...] = ()
    """Data for which a line was added to a `.gitignore`."""
    recovery: Recovery | None = None
    damaged: tuple[str, ...] = ()
    """What is to be said of objects in the cache that were not what their names say."""


def execute_apply(
    project: Project, plan: ApplyPlan, scratch: Path, *, force: bool = False
) -> Applied:
    """Carry out a plan; raises GitexpError, with nothing changed, if work would be lost.

    With `force`, what is overwritten is kept under a recovery ref first.
    """
    check_idle(project)
    check_apply(plan, project.directory, force=force)
    repository = project.repository
    files = (one.oid for one in plan.written.values() if one.mode != SUBMODULE_MODE)
    have_objects(repository, plan.run, files)
    recovery = keep(project, plan, scratch) if force else None
    try:
        _remove(repository.top, plan.removed)
        _write(repository, plan, scratch)
    except (GitexpError, OSError) as error:
        undo = recovery.undo(project.directory) if recovery is not None else None
        raise GitexpError(
            f"only a part of run '{plan.run}' is in the work tree: {error}",
            hint=f"Bring back what was overwritten with `{undo}`." if undo else None,
        ) from error
    placed, missing, reason, damaged = _bring(project, plan)
    ignored = () if plan.code else tuple(_ignore(repository, plan.pointed))
    return Applied(placed, missing, reason, ignored, recovery, damaged)


def check_idle(project: Project) -> None:
    """Raise GitexpError while a run is under way here: it would record what is applied."""
    top = project.repository.top
    if is_any_under_way(project.repository):
        for entry in Journal(project.repository).entries():
            if Path(entry.work_tree) == top and not entry.is_over:
                raise GitexpError(
                    f"run '{entry.name}' is under way in this work tree",
                    hint="Wait until it has ended.",
                )


def _remove(top: Path, paths: Iterable[str]) -> None:
    for path in paths:
        (top / path).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty, as most are not
            for folder in PurePosixPath(path).parents[:-1]:
                (top / folder).rmdir()


def _write(repository: Repository, plan: ApplyPlan, scratch: Path) -> None:
    """Write files through git's filters, which the run's attributes choose: those come first."""
    attributes = attributes_of(plan.written)
    _check_out(repository, attributes, scratch)
    others = {path: one for path, one in plan.written.items() if path not in attributes}
    if _has_attributes_of(repository, plan.tree, others):
        _check_out(repository, others, scratch)
        return
    apart = scratch / "apart"
    check_out_apart(repository, plan.tree, others, apart)
    for path in others:
        place = repository.top / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)  # a link to a folder would take the file into that
        shutil.move(apart / path, place)


def _check_out(repository: Repository, files: Mapping[str, Entry], scratch: Path) -> None:
    index = PrivateIndex(repository, scratch / "apply.index")
    index.put(files)
    listed = b"".join(os.fsencode(path) + b"\0" for path in files)
    if listed:
        command = ("checkout-index", "-f", "-q", "-z", "--stdin")
        repository.git(*command, stdin=listed, index=index.path)


def _has_attributes_of(
    repository: Repository, tree: Mapping[str, Entry], files: Iterable[str]
) -> bool:
    """Return whether the work tree has, around the files, the attributes that a tree has."""
    folders = {folder for path in files for folder in ("", *above(path))}
    for folder in folders:
        path = f"{folder}/{ATTRIBUTES}" if folder else ATTRIBUTES
        place, entry = repository.top / path, tree.get(path)
        here = place.read_bytes() if place.is_file() else b""
        if here != (repository.objects.blob(entry.oid) if entry is not None else b""):
            return False
    return True


def _bring(
    project: Project, plan: ApplyPlan
) -> tuple[tuple[Pointer, ...], tuple[Pointer, ...], str | None, tuple[str, ...]]:
    """Put data into the work tree; return what was put, what is missing, why, what was damaged."""
    todo = plan.data.todo
    if not todo:
        return (), (), None, ()
    ground = Ground(project, project.recorded_folders(), plan.written)
    placed, missing = [], []
    damaged: list[str] = []
    with ProjectData(project, damaged.append) as source:
        source.look_in(plan.commit)
        reason = source.fetch_missing([one.pointer for one in todo])
        for one in todo:
            try:
                if source.is_sound(one.pointer):
                    source.place(one.pointer, ground.place(one.pointer.path))
                    placed.append(one.pointer)
                    continue
            except GitexpError as error:  # a full disk, say: the rest may still come
                reason = str(error)
            missing.append(one.pointer)
    return tuple(placed), tuple(missing), reason if missing else None, tuple(damaged)


def _ignore(repository: Repository, paths: Sequence[str]) -> Iterator[str]:
    """Keep git away from data if the `.gitignore` of the run was not taken over.

    One that is a link stays as it is: git does not follow it, and it may lead anywhere.
    """
    asked = b"".join(os.fsencode(path) + b"\0" for path in paths)
    checked = repository.attempt("check-ignore", "-z", "--stdin", "--no-index", stdin=asked)
    already = {os.fsdecode(path) for path in checked.stdout.split(b"\0") if path}
    for path in paths:
        file = repository.top / ignore_file(path)
        if path in already or not file.parent.is_dir() or file.is_symlink():
            continue
        before = file.read_bytes() if file.is_file() else None
        with contextlib.suppress(GitexpError):  # a name that no `.gitignore` can hold
            file.write_bytes(with_ignored(before, PurePosixPath(path).name))
            yield path
