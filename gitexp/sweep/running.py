"""One call of a sweep, from its plan to the last point."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitexp.errors import ExitCode
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.store.frozen import is_noted_over
from gitexp.sweep.begin import Begun
from gitexp.sweep.covered import note_definition
from gitexp.sweep.freeze import read_frozen
from gitexp.sweep.keeping import keep_covered, keep_files, let_go
from gitexp.sweep.known import MOST_ATTEMPTS, Known
from gitexp.sweep.lacking import numbers_in
from gitexp.sweep.local import agent_calls
from gitexp.sweep.mattered import what_mattered
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.plan import Plan
from gitexp.sweep.process import once
from gitexp.sweep.progress import Progress
from gitexp.sweep.reading import KnownReader
from gitexp.sweep.sampling.library import note_of_version
from gitexp.sweep.sweep import to_json
from gitexp.sweep.watching import Watch, watched

Tell = Callable[[str], None]


class Ended(Struct, frozen=True):
    """What came of a call."""

    progress: Progress
    code: int
    """The exit code."""


def run_sweep(
    project: Project, found: Begun, options: SweepOptions, tell: Tell, watch: Watch
) -> Ended:
    """Run what a plan has to do; `watch` is shown now and then how far that is."""
    plan, sweep, tell = found.plan, found.plan.sweep, once(tell)
    if options.points is not None and options.points > plan.points:
        tell(f"note: the space has {counted(plan.points, 'point')}, and no other is left to try")
    if not plan.to_do and not plan.under_way:
        return _nothing_to_do(project, plan)
    gc.enable()  # it may take days
    was_there = read_frozen(project.repository, sweep.id) is not None
    keep_files(project, found, options, tell)
    note = note_of_version(sweep.made_with, len({one.spot.number for one in plan.settled}))
    if note is not None:
        tell(note)
    calls = agent_calls(
        replace(options, points=plan.points, jobs=1 if options.engine else options.jobs),
        os.environ,
        covers=options.again is None and (found.base is None or plan.undecided > 0),
    )
    reader = KnownReader(project, sweep, lease=options.lease, counts=calls[0].counts)
    if was_there:
        _say_how_it_goes_on(plan, reader, tell)
    seen = watched(project, plan, reader, calls, tell, watch)
    code = ExitCode.INTERRUPTED if seen.is_interrupted else _code(seen.progress, seen.codes)
    progress = with_metrics(project, seen.progress)
    progress = replace(
        progress,
        importance=what_mattered(sweep, progress.known),
        is_ended=not progress.is_done and is_noted_over(project.repository, sweep.id),
    )
    let_go(project, plan, progress)
    return Ended(progress, code)


def _nothing_to_do(project: Project, plan: Plan) -> Ended:
    settled = {one.spot: one for one in (*plan.covered, *plan.settled)}
    lost = dict.fromkeys(plan.given_up, MOST_ATTEMPTS)
    progress = Progress(plan.sweep, plan.points, Known(settled, {}, lost))
    keep_covered(project, plan.sweep, plan.covered)
    if plan.covered and not plan.settled:  # no run of it holds what it is
        note_definition(project.repository, plan.sweep.id, to_json(plan.sweep))
    let_go(project, plan, progress)  # a call may have been killed between its end and this
    return Ended(with_metrics(project, progress), _code(progress, []))


def with_metrics(project: Project, progress: Progress) -> Progress:
    """Return how far a sweep is with the metrics that there are, if one is wanted that is not."""
    if not progress.lacking or project.runs.tip is None:
        return progress
    done = next(one for one in progress.known.settled.values() if one.status == "done")
    runs = project.runs.index.named(done.run_id, project=None)
    return replace(progress, metrics=numbers_in(runs[0].record)) if runs else progress


def _say_how_it_goes_on(plan: Plan, reader: KnownReader, tell: Tell) -> None:
    """Say that a sweep is under way already."""
    known, name = reader.read(), plan.sweep.name or plan.sweep.id
    if known.under_way:
        who = next(iter(known.under_way.values())).who
        tell(f"note: '{name}' is running already ({who}): this helps it")
    else:
        tell(f"note: '{name}' goes on, on the files that it began with")


def _code(progress: Progress, codes: Sequence[int]) -> int:
    if not progress.is_done and any(code not in (0, None) for code in codes):
        return next(code if code > 0 else ExitCode.ERROR for code in codes if code)
    any_done = any(one.status == "done" for one in progress.settled)
    is_well = any_done and progress.is_done and not progress.lacking
    is_well = is_well and not progress.stopped_by_failures
    return ExitCode.OK if is_well else ExitCode.NO
