"""Files and data of a run on their way into its tree: blobs, and pointers for what is large."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from gitexp.data.dvc_project import FIRST_FILES, find_root
from gitexp.data.pointers import Pointer
from gitexp.execution.record.kept_out import kept_out
from gitexp.execution.record.net import attempt
from gitexp.execution.record.tree import RunTree
from gitexp.execution.secrets.guard import without_secrets
from gitexp.execution.stages import Outcome, Started
from gitexp.execution.work_tree.files import signature, signatures
from gitexp.git.tree_entries import has_below
from gitexp.git.trees import Entry, is_below
from gitexp.model.numbers import counted
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.pointers.stored import Stored, ignore_file

_SETS_UP = "sets-up-dvc"
"""A file in the run's folder."""


class Outputs(Struct, frozen=True):
    """What became of what the command wrote."""

    stored: Stored
    added: Mapping[str, Entry]
    """What git holds."""
    pointed: frozenset[str]
    """What lies behind pointers."""
    unkept: frozenset[str] = frozenset()
    """Trackers' files that the settings leave out; their values count."""

    @property
    def recorded(self) -> set[str]:
        """The paths that the run has: files in git, and what pointers stand for."""
        return {*self.added, *(pointer.path for pointer in self.stored.pointers)}

    def holds(self, path: str) -> bool:
        """Return whether git or a pointer holds a path that was written."""
        return path in self.added or any(
            is_below(pointer.path, path) for pointer in self.stored.pointers
        )


def put_outputs(started: Started, outcome: Outcome, tree: RunTree) -> Outputs:
    """Put what the command wrote into the tree: blobs, or pointers for what is large."""
    tell = started.tell
    unkept = _unkept(started, outcome)
    tree.remove(unkept)
    outcome = replace(outcome, written=tuple(p for p in outcome.written if p not in unkept))
    lost = "models and large files are not recorded"
    found = attempt(tell, lost, lambda: _places(started, outcome), None)
    places = found or {}
    pointed = {path for inside in places.values() for path in inside}
    locked = {pointer.path: pointer for pointer in outcome.reproduced.outs}
    stored = _stored(started, outcome, places, locked)
    blobs = [path for path in outcome.written if path not in pointed]
    if found is None:
        blobs = [path for path in blobs if _is_for_git(started, path)]
    tree.remove(outcome.absent)
    tree.remove_below({*places, *locked})
    added = _added(started, blobs, tree)
    tree.remove(path for path in outcome.written if path not in added)
    lost = "what DVC has git ignore is not recorded"
    tree.put(attempt(tell, lost, lambda: _ignore_files(started, locked), {}))
    tree.put(stored.files)
    for path in stored.ignored:
        lost = f"git does not ignore '{path}' in the run"
        attempt(tell, lost, functools.partial(tree.ignore, [path]), None)
    outputs = Outputs(stored, added, frozenset((*pointed, *outcome.in_data)), unkept)
    tree.remove(_stale_pointers(started, outcome, outputs))
    return outputs


def _unkept(started: Started, outcome: Outcome) -> frozenset[str]:
    """Return the files in which a tracker logs, if the settings leave them out; say so."""
    project, tracked = started.project, started.snapshot.tracked
    if project.config.tracker_files != "leave_out":
        return frozenset()
    from gitexp.pointers.recognised import is_tracker_file  # noqa: PLC0415 - 1 ms, where they are left out

    top = project.repository.top
    found = [one for one in outcome.written if one not in tracked and is_tracker_file(top / one)]
    if found:
        first, more = project.name(TopPath(found[0])), len(found) - 1
        others = f" and {counted(more, 'other file')}" if more else ""
        started.tell(
            f"note: '{first}'{others} of a tracker {'are' if more else 'is'} left out, as "
            "`tracker_files` in gitexp.yaml says"
        )
    return frozenset(found)


def _places(started: Started, outcome: Outcome) -> dict[str, list[str]]:
    if not outcome.written and not outcome.folders:
        return {}
    from gitexp.pointers.chosen import behind_pointers  # noqa: PLC0415 - 1 ms, where something was written

    return behind_pointers(
        started.project,
        outcome.written,
        tracked=started.snapshot.tracked,
        folders=outcome.folders,
        declared=started.declared,
        links=_recorded_links(started, outcome),
        whole=outcome.repositories,
    )


def _recorded_links(started: Started, outcome: Outcome) -> set[str]:
    """Return the links to what the run has anyway: git holds those as links."""
    entries = started.snapshot.entries
    ours = (one for one in started.watched if not one.earlier or one.file in outcome.read)
    behind = [one.pointer.path for one in ours]
    return {
        link
        for link, place in outcome.links.inside.items()
        if link in outcome.written
        if any(is_below(place, path) for path in outcome.written)
        or has_below(entries, place)
        or any(is_below(data, place) for data in behind)
    }


def _is_for_git(started: Started, path: str) -> bool:
    """Return whether a file is one that git may hold, though nobody could sort it out."""
    project = started.project
    found = signature(project.repository.top / path)
    small = found is not None and found[2] <= project.config.max_file_size
    return small and not started.declared.is_model(path) and not path.endswith(".dvc")


def _stored(
    started: Started,
    outcome: Outcome,
    places: Mapping[str, Collection[str]],
    locked: Mapping[str, Pointer],
) -> Stored:
    """Put data into the cache; what DVC already points at is taken from its lock."""
    wanted = [*places, *(one.pointer.path for one in outcome.pointers)]
    wanted = [place for place in wanted if place not in locked]
    if not wanted:
        return Stored(pointers=[*locked.values()])
    from gitexp.pointers.models import store_outputs  # noqa: PLC0415 - 1 ms, where something was written

    listed = ", ".join(f"'{place}'" for place in wanted)
    names = {one.pointer.path: one.file for one in outcome.pointers if one.file.endswith(".dvc")}
    _note_set_up(started)
    ours = {place: inside for place, inside in places.items() if place not in locked}
    stored = attempt(
        started.tell,
        f"not recorded: {listed}",
        lambda: store_outputs(
            started.project,
            wanted,
            unwritten=started.declared.pipeline.cached,
            names=names,
            kept_out=kept_out(started, ours, outcome.pointers),
        ),
        Stored(),
    )
    stored.files = {**_set_up(started), **stored.files}
    stored.pointers += locked.values()
    for text in stored.notes:
        started.tell(f"note: {text}")
    for text in stored.warnings:
        started.tell(f"warning: {text}")
    return stored


def _note_set_up(started: Started) -> None:
    """Note that DVC is about to be set up: the files belong to the run, whatever comes between."""
    project = started.project
    if find_root(project.root, project.repository.top) is None:
        with contextlib.suppress(OSError):
            (started.scratch / _SETS_UP).touch()


def _set_up(started: Started) -> dict[str, bytes]:
    """Return what DVC's set-up has left, if it was this run's, at an earlier attempt too."""
    if not (started.scratch / _SETS_UP).exists():
        return {}
    files: dict[str, bytes] = {}
    for name in FIRST_FILES:
        with contextlib.suppress(OSError):
            content = (started.project.root / name).read_bytes()
            if content == FIRST_FILES[name].encode():  # and not half of it
                files[started.project.path(ProjectPath(name))] = content
    return files


def _added(started: Started, blobs: list[str], tree: RunTree) -> dict[str, Entry]:
    """Put files into git, unless they hold a secret."""
    tell, top = started.tell, started.project.repository.top
    lost = "files are not recorded, because they could not be searched for secrets"
    clean = attempt(tell, lost, lambda: without_secrets(top, blobs, tell), [])
    added = attempt(tell, "files are not recorded", lambda: tree.add(clean), {})
    for path in sorted(set(clean).difference(added)):
        tell(f"warning: '{path}' is not recorded, because git cannot add it")
    return added


def _stale_pointers(started: Started, outcome: Outcome, outputs: Outputs) -> set[str]:
    """Return the `.dvc` files of data that was written, but could not be stored.

    What they say is what an earlier run wrote.
    """
    data = {one.pointer.path: one.file for one in outcome.pointers}
    files = {file for path, file in data.items() if not outputs.holds(path)}
    files |= {f"{path}.dvc" for path in outputs.pointed if not outputs.holds(path)}
    entries, put = started.snapshot.entries, outputs.stored.files
    return {file for file in files if file.endswith(".dvc") and file in entries and file not in put}


def _ignore_files(started: Started, outs: Iterable[str]) -> dict[str, bytes]:
    """Return each `.gitignore` in which `dvc repro` has just named its outs."""
    top = started.project.repository.top
    lead = started.declared.lead
    now = signatures(top, {ignore_file(lead(TopPath(path))) for path in outs})
    written = (path for path, one in now.items() if started.is_written(path, one))
    return {path: (top / path).read_bytes() for path in written}
