"""What a command left behind, told apart from what git and the user did meanwhile."""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterable

from msgspec.structs import replace

from gitexp.data.signatures import signature as data_signature
from gitexp.execution.record.alike import alike
from gitexp.execution.record.net import attempt
from gitexp.execution.record.pipeline import reproduced
from gitexp.execution.record.seen import Seen, look_again
from gitexp.execution.stages import NOTHING, Outcome, Reproduced, Started
from gitexp.execution.work_tree.files import Signature, is_regular
from gitexp.execution.work_tree.head import HeadState, done_by_git
from gitexp.execution.work_tree.watched import (
    WatchedPointer,
    is_pointer_file,
    written_pointers,
)
from gitexp.git.trees import is_below
from gitexp.revisions.roles import Declared, earlier_outputs
from gitexp.revisions.secret_names import is_secret_path


def outcome_of(started: Started) -> Outcome:
    """Return what a command wrote; nothing, if that cannot be found out."""
    lost = "what dvc.lock says is not recorded"
    vouched = attempt(started.tell, lost, lambda: reproduced(started), NOTHING)
    lost = "what the command wrote is not recorded"
    found = attempt(started.tell, lost, lambda: find_outcome(started, vouched), None)
    return found or _unknown(started)


def _unknown(started: Started) -> Outcome:
    """Return an outcome without outputs: what the snapshot has of them is no result of this run."""
    declared, entries = started.declared, started.snapshot.entries
    return Outcome(
        written=(),
        existed=frozenset(),
        absent=tuple(sorted(path for path in entries if declared.is_fresh_or_absent(path))),
        pointers=(),
        changed_meanwhile=(),
        left_out=(),
    )


def find_outcome(started: Started, reproduced: Reproduced = NOTHING) -> Outcome:
    """Compare the work tree with what the command found, by stat signature and not by content.

    Metrics and plots that `dvc.lock` confirms count as written, though DVC skipped their stage.
    """
    project, snapshot, watched = started.project, started.snapshot, started.watched
    top, tell = project.repository.top, started.tell
    seen = look_again(started)
    before, now = seen.before, seen.now
    started = replace(started, declared=started.declared.also(seen.pipeline))
    touched = [
        path for path, found in now.items() if before.get(path) != found and is_regular(found)
    ]
    replaced = {path for path in before if path in now and stat.S_ISDIR(now[path][4])}
    replaced = {path for path in replaced if not _was_folder(before[path])}
    gone = [path for path in before if path not in now or path in replaced]
    changed_data = [one for one in watched if _is_changed(started, one)]
    by_git = _done_by_git(started, touched, gone)
    touched = [path for path in touched if path not in by_git]
    gone = [path for path in gone if path not in by_git]
    changed_data = [one for one in changed_data if one.file not in by_git]
    changed_data += (made := _made(started, touched))
    touched = sorted({*touched, *(path for path in reproduced.confirmed if path in now)})
    touched = [path for path in touched if path not in {one.file for one in made}]
    behind = [one.pointer.path for one in (*watched, *made)]
    touched = [path for path in touched if not any(is_below(data, path) for data in behind)]
    sorted_out = _sorted_out(
        started.declared,
        touched=[path for path in touched if not _is_housekeeping(path)],
        gone=gone,
        before=before,
        entries=set(snapshot.entries),
        written_data=[one for one in changed_data if (top / one.pointer.path).exists()],
        special=(*seen.new_files.special, *seen.new_files.secret),
        earlier=attempt(
            tell,
            "what earlier runs wrote is not known",
            lambda: earlier_outputs(project, set(touched).difference(snapshot.tracked)),
            set(),
        ),
    )
    return replace(
        _in_place_of_files(_without_alike(started, sorted_out), replaced),
        folders=seen.new_files.folders,
        ignored_models=_ignored_models(started, seen, behind),
        reproduced=reproduced,
        pipeline=seen.pipeline,
    )


def _done_by_git(
    started: Started, touched: Collection[str], gone: Collection[str]
) -> Collection[str]:
    """Return what git did to the work tree, if HEAD moved while the command ran."""
    project, snapshot = started.project, started.snapshot
    if not HeadState.of(project.repository).moved_since(snapshot.head):
        return ()
    return attempt(
        started.tell,
        "files in git that changed are not recorded: HEAD moved",
        lambda: done_by_git(project.repository, touched, gone, started.scratch),
        {*snapshot.tracked, *gone},
    )


def _made(started: Started, touched: Iterable[str]) -> list[WatchedPointer]:
    """Return the pointers that the command made itself, with their data, as DVCLive does."""
    project = started.project
    known = {one.file for one in started.watched}
    files = [path for path in touched if is_pointer_file(path) and path not in known]
    lost = "pointers that the command made are recorded as files alone"
    unseen = started.plan.unseen(started.declared.held_out)
    made = attempt(
        started.tell, lost, lambda: written_pointers(project, files, started.tell, unseen), ()
    )
    return [one for one in made if (project.repository.top / one.pointer.path).exists()]


def _was_folder(found: Signature) -> bool:
    return stat.S_ISDIR(found[4])


def _is_changed(started: Started, one: WatchedPointer) -> bool:
    """Return whether data behind a pointer is not as it was; what cannot be read may well be."""
    path = one.pointer.path
    place = started.project.repository.top / path
    lost = f"whether '{path}' was written is not known"
    now = attempt(started.tell, lost, lambda: data_signature(place), one.signature)
    return now != one.signature


def _without_alike(started: Started, found: Outcome) -> Outcome:
    """Return an outcome that calls no file changed which only was written again."""
    edited = found.changed_meanwhile
    if not edited:
        return found
    lost = "files that were written as they were are named as changed"
    repository, entries = started.project.repository, started.snapshot.entries
    same = attempt(started.tell, lost, lambda: alike(repository, edited, entries), set())
    return replace(found, changed_meanwhile=tuple(path for path in edited if path not in same))


def _in_place_of_files(found: Outcome, replaced: Collection[str]) -> Outcome:
    """Return an outcome whose tree has folders with outputs where files were."""
    taken = {path for path in replaced if any(is_below(path, inside) for inside in found.written)}
    if not taken:
        return found
    return replace(
        found,
        absent=tuple(sorted(taken.union(found.absent))),
        changed_meanwhile=tuple(path for path in found.changed_meanwhile if path not in taken),
    )


def _ignored_models(started: Started, seen: Seen, behind: Iterable[str]) -> tuple[str, ...]:
    """Return the models that were written, and that git ignores for no pointer's sake."""
    before, now = started.ignored.models, seen.ignored.models
    changed = [path for path, found in now.items() if before.get(path) != found]
    pointed = list(behind)
    return tuple(
        path for path in sorted(changed) if not any(is_below(data, path) for data in pointed)
    )


def _is_housekeeping(path: str) -> bool:
    return path.endswith(".gitignore") or ".dvc" in path.split("/")[:-1]


def _sorted_out(
    declared: Declared,
    *,
    touched: list[str],
    gone: list[str],
    before: dict[str, Signature],
    entries: set[str],
    written_data: list[WatchedPointer],
    special: Iterable[str],
    earlier: Collection[str],
) -> Outcome:
    out = {path for path in (*special, *touched) if path in special or is_secret_path(path)}
    written = [
        path
        for path in touched
        if path not in out
        and (path not in before or path in earlier or _may_be_rewritten(declared, path))
    ]
    unwritten = entries.difference(written)
    absent = {path for path in unwritten if declared.is_fresh_or_absent(path)}
    absent |= {path for path in gone if path in entries and declared.is_output(path)}
    edited = [path for path in (*touched, *gone) if path in before and path in entries]
    return Outcome(
        written=tuple(sorted(written)),
        existed=frozenset(before).intersection(written),
        absent=tuple(sorted(absent)),
        pointers=tuple(written_data),
        changed_meanwhile=tuple(sorted(set(edited).difference(written, absent))),
        left_out=tuple(sorted(out.difference(before))),
    )


def _may_be_rewritten(declared: Declared, path: str) -> bool:
    return (
        declared.is_output(path) or path.endswith(".dvc") or path.rpartition("/")[2] == "dvc.lock"
    )
