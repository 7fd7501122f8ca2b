"""What a command left behind, told apart from what git and the user did meanwhile."""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from gitexp.data.signatures import signature as data_signature
from gitexp.execution.record.net import attempt, twice
from gitexp.execution.record.outcome_links import with_links, with_moved_links
from gitexp.execution.record.pipeline import reproduced
from gitexp.execution.record.seen import Seen, look_again
from gitexp.execution.record.sorted_out import (
    in_place_of_files,
    in_place_of_folders,
    sort_out,
    with_submodules,
    without_alike,
)
from gitexp.execution.stages import NOTHING, Outcome, Reproduced, Started
from gitexp.execution.work_tree.files import Signature, is_regular, unseen
from gitexp.execution.work_tree.head import HeadState, done_by_git
from gitexp.execution.work_tree.watched import WatchedPointer, is_pointer_file, written_pointers
from gitexp.git.trees import is_below
from gitexp.revisions.roles_in_tree import outputs_in
from gitexp.revisions.written_before import earlier_outputs


def outcome_of(started: Started) -> Outcome:
    """Return what a command wrote; nothing, if that cannot be found out."""
    lost = "what dvc.lock says is not recorded"
    vouched = attempt(started.tell, lost, lambda: reproduced(started), NOTHING)
    lost = "what the command wrote is not recorded"
    found = attempt(started.tell, lost, lambda: _seen_twice(started, vouched), None)
    return found or _unknown(started)


def _seen_twice(started: Started, reproduced: Reproduced) -> Outcome:
    return twice(started.tell, lambda tell: find_outcome(replace(started, tell=tell), reproduced))


def _unknown(started: Started) -> Outcome:
    """Return an outcome without outputs: what the snapshot has of them is no result of this run."""
    declared, entries = started.declared, started.snapshot.entries
    models = [one for one in started.watched if declared.is_output(one.pointer.path)]
    absent = set(outputs_in(started.project, declared, entries))
    absent |= {one.file for one in models if one.file.endswith(".dvc")}
    return Outcome(
        written=(),
        existed=frozenset(),
        absent=tuple(sorted(absent)),
        pointers=(),
        changed_meanwhile=(),
        left_out=tuple(sorted(one.pointer.path for one in models)),
        links=started.links,
    )


def find_outcome(started: Started, reproduced: Reproduced = NOTHING) -> Outcome:
    """Compare the work tree with what the command found, by stat signature and not by content.

    Metrics and plots that `dvc.lock` confirms count as written, though DVC skipped their stage.
    """
    project, watched = started.project, started.watched
    top, tell = project.repository.top, started.tell
    seen = look_again(started)
    before, now = seen.before, seen.now
    declared = started.declared.also(seen.pipeline).through(seen.links.inside)
    started = replace(started, declared=declared)
    touched, gone, replaced = _moved(started, before, now)
    changed_data = [one for one in watched if _is_changed(started, one)]
    by_git = _done_by_git(started, touched, gone)
    touched = [path for path in touched if path not in by_git]
    gone = [path for path in gone if path not in by_git]
    changed_data = [one for one in changed_data if one.file not in by_git]
    changed_data += (made := _made(started, touched))
    touched = sorted({*touched, *_confirmed(reproduced.confirmed, now)})
    touched = [path for path in touched if path not in {one.file for one in made}]
    behind = [one.pointer.path for one in (*watched, *made)]
    in_data = [path for path in touched if any(is_below(data, path) for data in behind)]
    touched = [path for path in touched if path not in in_data]
    sorted_out = sort_out(
        started,
        touched=[path for path in touched if not _is_housekeeping(path)],
        gone=gone,
        before=before,
        written_data=[one for one in changed_data if (top / one.pointer.path).exists()],
        special=(*seen.new_files.special, *seen.new_files.secret),
        earlier=attempt(
            tell,
            "what earlier runs wrote is not known",
            lambda: earlier_outputs(project, _may_be_ours(started, touched)),
            set(),
        ),
    )
    sorted_out = without_alike(started, with_moved_links(sorted_out, seen))
    sorted_out = with_submodules(started, in_place_of_files(sorted_out, replaced))
    return replace(
        with_links(started, seen, in_place_of_folders(sorted_out, now, before)),
        folders=seen.new_files.folders,
        ignored_models=_ignored_models(started, seen, behind),
        reproduced=reproduced,
        pipeline=seen.pipeline,
        in_data=tuple(path for path in in_data if started.declared.has_values(path)),
        read=_read(started, now, {*touched, *gone, *(one.file for one in changed_data)}),
    )


def _confirmed(paths: Collection[str], now: Mapping[str, Signature]) -> Iterator[str]:
    """Yield the files that `dvc.lock` vouches for, those in folders too."""
    folders = [path for path in paths if path in now and stat.S_ISDIR(now[path][4])]
    for path in now if folders else paths:
        is_named = path in paths or any(is_below(folder, path) for folder in folders)
        if is_named and path in now and not stat.S_ISDIR(now[path][4]):
            yield path


def _read(
    started: Started, now: Mapping[str, Signature], changed: Collection[str]
) -> tuple[str, ...]:
    """Return what earlier runs left and somebody read; what was written since is an output."""
    lost = "what of earlier runs the command read is not known"
    read = attempt(started.tell, lost, started.read, ())
    return tuple(path for path in read if path in now and path not in changed)


def _moved(
    started: Started, before: Mapping[str, Signature], now: Mapping[str, Signature]
) -> tuple[list[str], list[str], set[str]]:
    """Return the paths that were touched, those that are gone, and files that are folders now."""
    touched = [
        path for path, found in now.items() if before.get(path) != found and is_regular(found)
    ]
    replaced = {path for path in before if path in now and stat.S_ISDIR(now[path][4])}
    replaced = {path for path in replaced if not _was_folder(before[path])}
    gone = [path for path in before if path not in now or path in replaced]
    lost = (path for path in gone if path not in replaced)
    for path, error in unseen(started.project.repository.top, lost).items():
        started.tell(f"warning: whether '{path}' was written is not known: {error.strerror}")
    return touched, gone, replaced


def _may_be_ours(started: Started, touched: Iterable[str]) -> set[str]:
    """Return the paths that are outputs if an earlier run wrote them.

    What git tracks is the user's, but for params: those that scripts save are committed with the
    rest of a run, and the next run saves its own.
    """
    tracked, params = started.snapshot.tracked, started.declared.params_paths
    return {path for path in touched if path in params or path not in tracked}


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
    place = f"{started.project.repository.top}/{path}"
    lost = f"whether '{path}' was written is not known"
    now = attempt(started.tell, lost, lambda: data_signature(place), one.signature)
    return now != one.signature


def _ignored_models(started: Started, seen: Seen, behind: Iterable[str]) -> tuple[str, ...]:
    """Return the models that were written, and that git ignores for no pointer's sake."""
    before, now = started.ignored.models, seen.ignored.models
    changed = [path for path, found in now.items() if before.get(path) != found]
    pointed = list(behind)
    return tuple(
        path for path in sorted(changed) if not any(is_below(data, path) for data in pointed)
    )


def _is_housekeeping(path: str) -> bool:
    return path.endswith((".gitignore", ".dvcignore")) or ".dvc" in path.split("/")[:-1]
