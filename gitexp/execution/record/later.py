"""What was written after a run had ended: no result of it, however late it is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from gitexp.data.pipelines import lock_of
from gitexp.execution.kept.scratch import ENDED, NEXT, OUTCOME
from gitexp.execution.stages import NOTHING, Outcome, Started
from gitexp.execution.work_tree.files import signature, walk
from gitexp.model.numbers import counted
from gitexp.model.paths import TopPath
from gitexp.revisions.pipeline_files import pipeline_files

_SECOND = 1_000_000_000
_SHOWN = 3


def without_later(started: Started, outcome: Outcome) -> Outcome:
    """Return an outcome without what was written since, by a later run or a person; say so.

    The files' own times decide, against that of what gitexp wrote down when the command had
    ended, or when the next run began in this work tree. If nobody noted either, all count.
    """
    limit = end_of(started.scratch)
    if limit is None:
        return outcome
    later = {path for path in outcome.written if _is_later(started, path, limit)}
    pointers = [one for one in outcome.pointers if _is_data_later(started, one.pointer.path, limit)]
    lost = {*later, *(one.pointer.path for one in pointers)}
    if lost:
        started.tell(_note(started, sorted(lost)))
    known = (path for path in later if path in started.snapshot.entries)
    edited = [p for p in outcome.changed_meanwhile if not _is_later(started, p, limit)]
    return replace(
        outcome,
        written=tuple(path for path in outcome.written if path not in later),
        existed=outcome.existed.difference(later),
        absent=tuple(sorted({*outcome.absent, *known})),
        pointers=tuple(one for one in outcome.pointers if one not in pointers),
        changed_meanwhile=tuple(edited),
        left_out=tuple(sorted({*outcome.left_out, *lost})),
        reproduced=NOTHING if _is_lock_later(started, limit) else outcome.reproduced,
    )


def end_of(scratch: Path) -> int | None:
    """Return the moment, in ns, after which nothing is this run's any more."""
    outcome = signature(scratch / OUTCOME)
    found = (outcome or signature(scratch / ENDED), signature(scratch / NEXT))
    times = [one[0] for one in found if one is not None]
    if not times:
        return None
    limit = min(times)
    return limit if limit % _SECOND else limit + _SECOND  # a file system that counts seconds


def _is_later(started: Started, path: str, limit: int) -> bool:
    """Return whether a file was written after a moment, or put in its place.

    A model's time of last change says nothing: linking it to the cache is our own doing.
    """
    found = signature(started.project.repository.top / path)
    if found is None:
        return False
    written, changed, *_ = found
    return written > limit or (changed > limit and not started.declared.is_model(path))


def _is_data_later(started: Started, path: str, limit: int) -> bool:
    top = started.project.repository.top
    inside: Iterable[str] = walk(top, path) if (top / path).is_dir() else (path,)
    found = (signature(top / one) for one in inside)
    return any(one is not None and one[0] > limit for one in found)


def _is_lock_later(started: Started, limit: int) -> bool:
    """Return whether `dvc.lock` speaks of a later run."""
    files = pipeline_files(started.project, started.snapshot.entries)
    return any(_is_later(started, lock_of(path), limit) for path in files)


def _note(started: Started, paths: list[str]) -> str:
    names = [started.project.name(TopPath(path)) for path in paths]
    shown = ", ".join(f"'{name}'" for name in names[:_SHOWN])
    if len(names) > _SHOWN:
        shown += f" and {counted(len(names) - _SHOWN, 'other')}"
    was, are = ("was", "is") if len(names) == 1 else ("were", "are")
    return (
        f"warning: {shown} {was} written after '{started.plan.name}' had ended and {are} left out"
    )
