"""What lies in the work tree after a command, beside what lay there before."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gitexp.data.pipelines import Pipeline
from gitexp.execution.record.net import Tell, attempt
from gitexp.execution.stages import Started
from gitexp.execution.work_tree.files import (
    Signature,
    is_environment,
    is_nested_repository,
    signatures,
    walk,
)
from gitexp.execution.work_tree.head import done_by_git
from gitexp.execution.work_tree.ignored import Ignored, watch_ignored
from gitexp.execution.work_tree.links import Links, find_links, link_paths, watch_outside
from gitexp.execution.work_tree.listed import ask_for_ignored, ask_for_untracked
from gitexp.execution.work_tree.overlooked import touched_since
from gitexp.execution.work_tree.untracked import Untracked, list_untracked
from gitexp.git.index import PrivateIndex
from gitexp.git.index_reading import Differing
from gitexp.git.links import follow_on_disk
from gitexp.git.trees import SUBMODULE_MODE
from gitexp.model.refused_names import is_refused
from gitexp.project import Project
from gitexp.revisions.kinds import links_in
from gitexp.revisions.links import above
from gitexp.revisions.pipeline_files import pipeline_files
from gitexp.revisions.roles import Declared

_NO_LIMIT = 1 << 62


class Seen(Struct, frozen=True):
    """Signatures of files before and after a command; paths are from the top."""

    before: dict[str, Signature]
    now: dict[str, Signature]
    new_files: Untracked
    ignored: Ignored
    pipeline: Pipeline
    """What a `dvc.yaml` names that the command wrote."""
    links: Links
    outside: Mapping[str, Signature]
    """What links lead to outside of the repository, by the links' names."""
    repositories: tuple[str, ...]
    """Folders that the command has made git repositories."""


def look_again(started: Started) -> Seen:
    """Take the signatures again of all that the command found, and of what is new.

    What cannot be looked at is named in a warning, and as it was.
    """
    project, index = started.project, started.snapshot.index
    if not started.snapshot.untracked.settled:  # else git is asked in other words
        ask_for_untracked(index, project.recorded_folders())
        ask_for_ignored(index, project)
    try:
        return _looked_again(started, _unlike(touched_since(index)))
    finally:
        index.forget_asked()


def _looked_again(started: Started, touched: Mapping[str, Signature]) -> Seen:
    project, snapshot, tell = started.project, started.snapshot, started.tell
    top = project.repository.top
    before = {**touched, **snapshot.signatures, **started.ignored.named}
    kept = (path for path in links_in(snapshot.entries) if path not in before)
    now = {**signatures(top, (*before, *kept)), **_appeared(started)}
    lost, nothing = "new files are not recorded", Untracked(settled=snapshot.untracked.settled)
    new_files = attempt(tell, lost, lambda: _new_files(started, now), nothing)
    _name_unread(new_files, tell)
    lost, as_before = "files that git ignores are not recorded", replace(started.ignored, outs={})
    linked = [*link_paths({}, now, new_files.signatures)]
    ignored = attempt(
        tell, lost, lambda: watch_ignored(project, snapshot.index, linked, new_files), as_before
    )
    now = {**_reached(now, linked), **new_files.signatures, **ignored.named}
    links = find_links(project, [*linked, *ignored.links], snapshot.tracked)
    before |= {
        path: found
        for path, found in ignored.named.items()
        if path not in before and found[1] < started.since  # a link has come to lead to it
    }
    written = [path for path, found in now.items() if before.get(path) != found]
    pipeline = attempt(
        tell,
        "what the dvc.yaml that was written names is not recorded",
        lambda: _pipeline_at_end(project, written),
        Pipeline(),
    )
    declared = started.declared.also(pipeline).through(links.inside)
    wanted = _fresh(top, declared).difference(snapshot.skipped.difference(now))
    fresh = signatures(top, _without_links(top, wanted))
    now |= fresh
    older = _older(started, fresh, before)
    outside = {
        **watch_outside(project, links, declared, snapshot.tracked),
        **_inner(started, declared),
    }
    made = _made_repositories(started, new_files)
    now |= signatures(top, (path for folder in made for path in _files(top, folder)))
    values = _values_in_repositories(started, declared)
    now |= values
    before |= {path: one for path, one in values.items() if one[1] < started.since}
    before |= {path: one for path, one in now.items() if _is_untouched(started, path, before)}
    new_files = _with_new_folders(started, new_files, before)
    return Seen(before | older, now, new_files, ignored, pipeline, links, outside, made)


def _is_untouched(started: Started, path: str, before: Collection[str]) -> bool:
    """Return whether a file is as the index has it, given those that are known to be not."""
    snapshot = started.snapshot
    return path not in before and path in snapshot.entries and path not in snapshot.skipped


def _unlike(touched: Mapping[str, Differing]) -> dict[str, Signature]:
    """Return signatures that no file has, for those that are known to have another now."""
    before = {path: one.before for path, one in touched.items() if one.before is not None}
    return {path: (-1, -1, -1, -1, int(one.mode, 8)) for path, one in before.items()}


def _name_unread(new_files: Untracked, tell: Tell) -> None:
    for said in new_files.unread:
        tell(f"warning: not all new files are recorded: {said.removeprefix('warning: ')}")


def _with_new_folders(started: Started, new_files: Untracked, before: Collection[str]) -> Untracked:
    snapshot = started.snapshot
    new = (path for path in new_files.signatures if path not in before)
    old = [*snapshot.untracked.earlier]
    roots = {one.folder.partition("/")[0] for one in snapshot.untracked.settled}
    if roots:  # git has not said whether anything in them is tracked
        old += (f"{one.folder}/" for one in snapshot.untracked.settled)
        old += (path for path in snapshot.entries if path.partition("/")[0] in roots)
    return replace(new_files, folders=new_folders((*new_files.folders, *roots), new, old))


def new_folders(
    folders: Iterable[str], paths: Iterable[str], earlier: Iterable[str]
) -> tuple[str, ...]:
    """Return the folders that are new as a whole: the outermost ones without earlier files.

    >>> new_folders(["runs"], ["runs/1/a", "runs/2/x/b", "runs/c"], ["runs/1/a"])
    ('runs/2',)
    """
    old = {folder for path in earlier for folder in above(path)}
    mixed = old.intersection(folders)
    found = dict.fromkeys(folder for folder in folders if folder not in mixed)
    for path in paths if mixed else ():
        around = sorted(above(path))
        if not mixed.isdisjoint(around):
            found.update(dict.fromkeys([one for one in around if one not in old][:1]))
    return tuple(found)


def _made_repositories(started: Started, new_files: Untracked) -> tuple[str, ...]:
    """Return the folders that are repositories now and were not: trainers that push make some."""
    known, entries = started.snapshot.untracked.nested, started.snapshot.entries
    return tuple(one for one in new_files.nested if one not in known and one not in entries)


def _inner(started: Started, declared: Declared) -> dict[str, Signature]:
    """Return the outputs in repositories that were there before: git takes none of their files."""
    top = started.project.repository.top
    paths = (path for folder in started.snapshot.repositories for path in _files(top, folder))
    return signatures(top, filter(declared.is_output, paths))


def _values_in_repositories(started: Started, declared: Declared) -> dict[str, Signature]:
    """Return the values among data behind pointers that is a repository of its own."""
    top = started.project.repository.top
    data = (one.pointer.path for one in started.watched if one.pointer.is_folder)
    folders = [path for path in data if is_nested_repository(top / path)]
    paths = (path for folder in folders for path in _files(top, folder))
    return signatures(top, filter(declared.has_values, paths))


def _files(top: Path, folder: str) -> Iterator[str]:
    """Yield the files of a repository, without what is git's own."""
    for place, folders, names in os.walk(top / folder):
        folders[:] = [
            name
            for name in folders
            if not is_refused(name) and not is_environment(Path(place, name))
        ]
        start = Path(place).relative_to(top).as_posix()
        yield from (f"{start}/{name}" for name in names if not is_refused(name))


def _reached(now: dict[str, Signature], linked: Collection[str]) -> dict[str, Signature]:
    """Return what is not seen through a link that has taken the place of a folder."""
    new = set(linked)
    if not new:
        return now
    return {path: one for path, one in now.items() if new.isdisjoint(above(path))}


def _without_links(top: Path, paths: Iterable[str]) -> set[str]:
    """Return paths as git has them: through none of the links above them."""
    found: set[str] = set()
    for path in paths:
        lead = follow_on_disk(top, path)
        if not lead.links or path in lead.links:
            found.add(path)
        elif lead.is_inside:
            found.add(lead.path)
    return found


def _pipeline_at_end(project: Project, written: Iterable[str]) -> Pipeline:
    """Return the values that a `dvc.yaml` names which the command wrote, as DVCLive does."""
    files = pipeline_files(project, written)
    if not files:
        return Pipeline()
    from gitexp.data.dvc_yaml import read_pipelines  # noqa: PLC0415 - 0.5 ms of each start, where there is one

    found = read_pipelines((path, _content(project, path)) for path in files)
    return Pipeline(params=found.params, metrics=found.metrics, plots=found.plots)


def _content(project: Project, path: str) -> bytes | None:
    try:
        return (project.repository.top / path).read_bytes()
    except OSError:
        return None


def _appeared(started: Started) -> dict[str, Signature]:
    """Return what a sparse checkout left out, and the command wrote all the same.

    What the user's git brought meanwhile is as the user's index has it, and no longer left out.
    """
    repository, snapshot = started.project.repository, started.snapshot
    found = signatures(repository.top, snapshot.skipped)
    if not found:
        return {}
    index = PrivateIndex.copied(repository, started.scratch / "user.index")
    brought = found.keys() - index.listing().skipped
    by_git = done_by_git(repository, brought, (), started.scratch)
    return {path: one for path, one in found.items() if path not in by_git}


def _new_files(started: Started, known: Mapping[str, Signature]) -> Untracked:
    """Return what is neither in the snapshot nor ignored, in folders too that were a file.

    Git lists nothing below what its index has as a file or a link.
    """
    project, snapshot = started.project, started.snapshot
    folders = project.recorded_folders()
    passed = (*snapshot.untracked.environments, *snapshot.untracked.nested)
    entries = snapshot.entries
    left = (snapshot.untracked.settled, entries)
    found = list_untracked(snapshot.index, folders, _NO_LIMIT, known, passed, *left)
    files = {path for path, one in known.items() if path in entries and stat.S_ISDIR(one[4])}
    files = {path for path in files if snapshot.entries[path].mode != SUBMODULE_MODE}
    if not files:
        return found
    index = PrivateIndex.copied(
        project.repository, started.scratch / "outcome.index", source=snapshot.index.path
    )
    index.remove(files)
    return list_untracked(index, folders, _NO_LIMIT, known, passed, *left)


def _fresh(top: Path, declared: Declared) -> frozenset[str]:
    """Return the params, and the metrics and plots of pipelines, which git may well ignore."""
    named = declared.pipeline.metrics | declared.pipeline.plots
    inside = {path for folder in named if (top / folder).is_dir() for path in walk(top, folder)}
    return named | declared.params_paths | inside


def _older(
    started: Started, now: Mapping[str, Signature], before: Mapping[str, Signature]
) -> dict[str, Signature]:
    """Return how files of a pipeline were at the start.

    For those that were not known by then, the time of their last change decides.
    """
    known = {**before, **started.ignored.outs}
    begun = started.since
    old = {path: found for path, found in now.items() if path not in known and found[1] < begun}
    return {**old, **{path: found for path, found in known.items() if path in now}}
