"""Runs with those that repeat them: what is drawn as one curve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gitexp.gallery.asked import Subject, subject_of
from gitexp.inputs.alike import Likeness
from gitexp.inputs.repeats import repeats_of
from gitexp.project import Project
from gitexp.store.stored_run import StoredRun


def with_repeats(project: Project, subjects: Iterable[Subject]) -> Iterator[Subject]:
    """Yield what is drawn, and after each run those that repeat it and ended well."""
    for one in subjects:
        yield one
        if one.run is not None:
            others = repeats_of(project, one.run).others()
            yield from (subject_of(run) for run in others if run.record.status == "done")


def newest_groups(project: Project, runs: Sequence[StoredRun], most: int) -> list[StoredRun]:
    """Return of runs, the newest first, those of the first groups."""
    keys = Likeness(project).alike.keys(runs)
    kept = set(list(dict.fromkeys(keys))[:most])
    return [run for run, key in zip(runs, keys, strict=True) if key in kept]
