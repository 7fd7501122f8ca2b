"""The runs and metrics that a command is to draw: from its words, or from `--where`."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gitexp.cli.options import tell
from gitexp.cli.selection import matching_runs
from gitexp.errors import GitexpError
from gitexp.gallery.asked import Subject, subject, subject_of, told_apart
from gitexp.gallery.repeats import newest_groups, with_repeats
from gitexp.project import Project
from gitexp.store.index.selection import Selection
from gitexp.store.selectors import NoRuns
from gitexp.store.stored_run import StoredRun

_LOOKED_AT = 500
"""How many runs of a query are sorted into groups, the newest."""


class Drawn(Struct, frozen=True):
    """What is drawn."""

    subjects: tuple[Subject, ...]
    names: tuple[str, ...]
    """The metrics."""


def subjects_in(
    project: Project,
    words: Sequence[str],
    where: str | None,
    *,
    most: int,
    every: bool,
    grouped: bool = False,
) -> Drawn:
    """Return what is asked for: without any run the latest, or if `every`, all that ended well.

    Runs of a query and all runs come oldest first, at most `most` of the newest. If `grouped`,
    repeats count as one: those of a run that is named come with it, those of a query are all in it.
    """
    subjects, names = told_apart(project, words)
    for one in subjects:
        if one.log is not None:
            tell(f"note: '{one.label}' is under way: what it has logged so far is drawn")
    if where is not None:
        subjects += _matching(project, where, most, grouped=grouped)
        if not subjects:
            raise GitexpError("no run matches", hint="`gitexp ls` lists all runs.")
    elif not subjects and every:
        wanted = Selection(project.runs.project, limit=most + 1, readable=True, done=True)
        subjects = _newest(project.runs.index.select(wanted), most)
        if not subjects:
            raise NoRuns
    else:
        subjects = subjects or [subject(project, "latest")]
        subjects = list(with_repeats(project, subjects)) if grouped else subjects
    once = {one.key: one for one in subjects}
    return Drawn(tuple(once.values()), tuple(names))


def _matching(project: Project, where: str, most: int, *, grouped: bool) -> list[Subject]:
    if not grouped:
        return _newest(matching_runs(project, where, most + 1), most)
    looked_at = max(_LOOKED_AT, most + 1)
    runs = matching_runs(project, where, looked_at)
    kept = newest_groups(project, runs, most)
    if len(kept) < len(runs) or len(runs) == looked_at:
        tell(f"note: the {most:,} newest groups of the runs are drawn (-N)")
    return [subject_of(run) for run in kept][::-1]


def _newest(runs: Sequence[StoredRun], most: int) -> list[Subject]:
    if len(runs) > most:
        tell(f"note: the {most:,} newest of the runs are drawn (-N)")
    return [subject_of(run) for run in runs[:most]][::-1]
