"""Whether every object of DVC's cache, or that some runs point at, is what its name says."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from gitexp.data.dvc_project import DvcProject, open_project
from gitexp.data.signatures import stat_signature
from gitexp.doctor.deep_state import DeepState, Need
from gitexp.doctor.depth import CutOff, Depth
from gitexp.doctor.finding import Finding
from gitexp.doctor.hashing import Hashing, Looked, Object
from gitexp.doctor.needs import NAME, note_members, note_needs, paths_of
from gitexp.doctor.remote_objects import examine_absent
from gitexp.doctor.roots import dvc_roots
from gitexp.model.numbers import counted, size_text
from gitexp.project import Project
from gitexp.store.index.selection import Selection
from gitexp.store.own import own_folder
from gitexp.store.stored_run import StoredRun

_SHOW_EVERY = 0.2
"""Seconds between two looks at how far it is."""


class _Course:
    """How far the reading is; threads add to it, where a lost count only delays the display."""

    def __init__(self, show: Callable[[str], None] | None) -> None:
        self.objects = self.size = self.total = 0
        self._show, self._shown = show, 0.0

    def read(self, size: int) -> None:
        """Count bytes."""
        self.size += size

    def tell(self) -> None:
        """Show how far it is, now and then."""
        if self._show is not None and time.monotonic() - self._shown > _SHOW_EVERY:
            self._shown = time.monotonic()
            of = f" of {size_text(self.total)}" if self.total else ""
            self._show(f"read {counted(self.objects, 'object')}, {size_text(self.size)}{of}")


def examine_objects(project: Project, depth: Depth) -> Iterator[Finding]:
    """Read objects, whatever is known of them: a disk may have changed one unseen.

    Raises CutOff at Ctrl-C: the next call goes on from there.
    """
    projects = [open_project(root) for root in dvc_roots(project)]
    if not projects:
        if depth.runs is not None:  # else another examination says so
            yield Finding("ok", "cache", "DVC is not set up here, so no data is behind a pointer")
        return
    caches = {path: is_old for one in projects for path, is_old in _places(one)}
    state = DeepState(own_folder(project.repository), _scope(depth.runs))
    try:
        yield from _examined(project, depth, state, caches)
        if depth.show is not None:
            depth.show("")
        yield from examine_absent(projects, state, caches, ask_remote=depth.ask_remote)
        state.forget()
    finally:
        state.close()


def _examined(
    project: Project, depth: Depth, state: DeepState, caches: Mapping[Path, bool]
) -> Iterator[Finding]:
    if depth.fresh:
        state.forget()
    before = state.count_sound()
    every = project.runs.index.select_many(Selection(None))
    note_needs(state, every if depth.runs is None else depth.runs)
    senseless = note_members(state, caches)
    course = _Course(depth.show)
    if depth.show is not None:
        course.total = sum(one.size for one in _objects(state, caches, depth.runs))
    bad = 0
    for finding in _read(state, _objects(state, caches, depth.runs), course):
        bad += 1
        yield finding
    for folder in senseless:
        bad += 1
        yield _senseless(folder, state.need_of(folder))
    if not bad:
        yield _all_well(course, before)


def _read(state: DeepState, objects: Iterator[Object], course: _Course) -> Iterator[Finding]:
    """Yield each object that is damaged; note those that are not."""
    bad = 0
    try:
        for part in Hashing(course.read).look(_unknown(state, objects, course)):
            state.note_sound((one.object.path, one.signature) for one in part if one.is_sound)
            course.objects += len(part)
            course.tell()
            for one in part:
                if not one.is_sound:
                    bad += 1
                    yield _damaged(one, state.need_of(one.object.md5))
    except KeyboardInterrupt as error:
        raise CutOff(_so_far(course, bad)) from error


def _all_well(course: _Course, before: int) -> Finding:
    if not course.objects:
        return Finding("ok", "cache", "there are no objects to look at")
    count = counted(course.objects, "object")
    going_on = f", {before:,} of them before the last call was cut off" if before else ""
    all_of, are = ("all ", "are what their names say")
    if course.objects == 1:
        all_of, are = "", "is what its name says"
    text = f"{all_of}{count} {are} ({size_text(course.size)}{going_on})"
    return Finding("ok", "cache", text)


def _places(project: DvcProject) -> tuple[tuple[Path, bool], ...]:
    """Return where objects lie, and whether they are of DVC 2 there."""
    return (project.cache, False), (project.legacy_cache, True)


def _scope(runs: Sequence[StoredRun] | None) -> str:
    """Return what a check is known by: another one does not go on with it."""
    if runs is None:
        return ""
    return blake2b(" ".join(sorted(one.oid for one in runs)).encode(), digest_size=16).hexdigest()


def _objects(
    state: DeepState, caches: Mapping[Path, bool], runs: Sequence[StoredRun] | None
) -> Iterator[Object]:
    """Yield the objects to look at: of runs, or all that there are."""
    if runs is not None:
        for md5, _ in state.needed():
            yield from filter(None, (_object(path, md5, caches) for path in paths_of(md5, caches)))
        return
    for cache in caches:
        for folder in sorted(cache.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                md5 = f"{folder.name}{path.name}"
                found = _object(path, md5, caches) if NAME.fullmatch(md5) else None
                if found is not None:
                    yield found


def _object(path: Path, md5: str, caches: Mapping[Path, bool]) -> Object | None:
    try:
        size = path.stat().st_size
    except OSError:  # gone meanwhile
        return None
    return Object(os.fspath(path), md5, size, caches[path.parent.parent])


def _unknown(state: DeepState, objects: Iterator[Object], course: _Course) -> Iterator[Object]:
    """Leave out objects that were read before the last call was cut off, and did not change."""
    for one in objects:
        try:
            signature = stat_signature(os.stat(one.path))  # noqa: PTH116 - of many thousands
        except OSError:
            continue
        if state.is_sound(one.path, signature):
            course.objects += 1
            course.size += one.size
        else:
            yield one


def _damaged(looked: Looked, need: Need | None) -> Finding:
    md5 = looked.object.md5
    if looked.problem is not None:
        return Finding("wrong", "cache", f"{looked.problem}{_needed_by(need)}", looked.problem.hint)
    text = f"object {md5} is damaged: its content has the md5 {looked.found}{_needed_by(need)}"
    return Finding("wrong", "cache", text, _mending(need, looked.object.path))


def _senseless(md5: str, need: Need | None) -> Finding:
    text = f"object {md5} is no list of the files in a folder{_needed_by(need)}"
    return Finding("wrong", "cache", text, _mending(need, None))


def _needed_by(need: Need | None) -> str:
    if need is None:
        return ""
    return f"; {need.words}"


def _mending(need: Need | None, path: str | None) -> str:
    if need is not None:
        pull = shlex.join(["gitexp", "pull", "--data", need.run])
        return (
            f"`{pull}` moves it away and fetches the right one, if the remote has it; so do "
            "`gitexp get` and `gitexp apply`."
        )
    return f"No run needs it: `rm {shlex.quote(path or '')}`."


def _so_far(course: _Course, bad: int) -> str:
    found = f"{bad:,} of them damaged" if bad else "none of them damaged"
    read = counted(course.objects, "object")
    return f"{read} read, {found}; the next `gitexp doctor --deep` goes on from here"
