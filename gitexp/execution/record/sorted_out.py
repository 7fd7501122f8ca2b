"""The paths that a command touched, sorted into what it wrote and what others changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec.structs import replace

from gitexp.execution.record.alike import alike
from gitexp.execution.record.net import attempt
from gitexp.execution.stages import Outcome, Started
from gitexp.execution.work_tree.files import Signature
from gitexp.execution.work_tree.head import HeadState
from gitexp.execution.work_tree.submodules import moved_submodules
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.git.trees import is_below
from gitexp.revisions.links import above
from gitexp.revisions.roles import Declared
from gitexp.revisions.roles_in_tree import fresh_or_absent_in
from gitexp.revisions.secret_names import is_secret_path


def sort_out(
    started: Started,
    *,
    touched: list[str],
    gone: list[str],
    before: dict[str, Signature],
    written_data: list[WatchedPointer],
    special: Iterable[str],
    earlier: Collection[str],
) -> Outcome:
    """Return what was written, what is gone, and what was changed by somebody else meanwhile."""
    project, declared, entries = started.project, started.declared, started.snapshot.entries
    out = {path for path in (*special, *touched) if path in special or is_secret_path(path)}
    written = [
        path
        for path in touched
        if path not in out
        and (path not in before or path in earlier or _may_be_rewritten(declared, path))
    ]
    absent = set(fresh_or_absent_in(project, declared, entries)).difference(written)
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


def without_alike(started: Started, found: Outcome) -> Outcome:
    """Return an outcome that calls no file changed which only was written again."""
    edited = found.changed_meanwhile
    if not edited:
        return found
    lost = "files that were written as they were are named as changed"
    repository, entries = started.project.repository, started.snapshot.entries
    same = attempt(started.tell, lost, lambda: alike(repository, edited, entries), set())
    return replace(found, changed_meanwhile=tuple(path for path in edited if path not in same))


def with_submodules(started: Started, found: Outcome) -> Outcome:
    """Return an outcome that names the submodules in which another commit is checked out."""
    repository, snapshot = started.project.repository, started.snapshot
    if HeadState.of(repository).moved_since(snapshot.head):
        return found
    lost = "whether submodules were moved is not known"
    entries = snapshot.entries
    moved = attempt(started.tell, lost, lambda: moved_submodules(repository, entries), set())
    return replace(found, changed_meanwhile=tuple(sorted(moved.union(found.changed_meanwhile))))


def in_place_of_files(found: Outcome, replaced: Collection[str]) -> Outcome:
    """Return an outcome whose tree has folders with outputs where files were."""
    taken = {path for path in replaced if any(is_below(path, inside) for inside in found.written)}
    return _without(found, taken)


def in_place_of_folders(
    found: Outcome, now: Mapping[str, Signature], before: Iterable[str]
) -> Outcome:
    """Return an outcome whose tree has links or files where folders were."""
    new = {path for path in found.written if path in now}
    taken = {path for path in before if path not in now and not new.isdisjoint(above(path))}
    return _without(found, taken)


def _without(found: Outcome, taken: Collection[str]) -> Outcome:
    """Return an outcome whose tree lacks paths in whose place there is something else."""
    if not taken:
        return found
    return replace(
        found,
        absent=tuple(sorted({*taken, *found.absent})),
        changed_meanwhile=tuple(path for path in found.changed_meanwhile if path not in taken),
    )
