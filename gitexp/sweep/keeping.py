"""What the runs of a sweep begin with: kept from its first call on, let go of after the last."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gitexp.execution.start.standing import Frozen
from gitexp.project import Project
from gitexp.settings.config import CONFIG_NAME
from gitexp.store.frozen import note_over, thaw
from gitexp.store.locks import locked
from gitexp.sweep.begin import Begun
from gitexp.sweep.covered import CoveredReader, forget_covered, note_covered
from gitexp.sweep.definition import remember_wanted
from gitexp.sweep.found_again import begin_again
from gitexp.sweep.freeze import begin_here, freeze
from gitexp.sweep.known import Settled
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.plan import Plan
from gitexp.sweep.progress import Progress
from gitexp.sweep.reading import KnownReader
from gitexp.sweep.sweep import Sweep

Tell = Callable[[str], None]


def keep_files(project: Project, found: Begun, options: SweepOptions, tell: Tell) -> None:
    """Keep the files that the runs begin with: those that are here, or those of a run before."""
    sweep = found.plan.sweep
    covered = found.plan.covered
    if found.base is not None:
        begin = begin_here(project, found.base.started.snapshot)
        if options.again is not None and not found.plan.under_way:
            covered += tuple(one for one in found.plan.settled if one.covered)
            thaw(project.repository, sweep.id)  # `metrics:` may be mended; what decides is the same
            forget_covered(project.repository, sweep.id)
    else:
        begin = begin_again(project, sweep, tell)
    frozen = freeze(project, sweep, options.copied, begin)
    if found.base is None and options.again is not None:
        _say_which_settings(project, frozen, tell)
    note_over(project.repository, sweep.id, is_over=False)
    with locked(project.repository):  # agents of another call may be at it
        remember_wanted(project, sweep)
        keep_covered(project, sweep, covered)


def keep_covered(project: Project, sweep: Sweep, covered: Iterable[Settled]) -> None:
    """Write down which points of a sweep need no run, as far as that is new."""
    known = CoveredReader(project.repository, sweep.id).read()
    new = [one for one in covered if known.get(one.spot) != one]
    note_covered(project.repository, sweep.id, new)


def _say_which_settings(project: Project, frozen: Frozen, tell: Tell) -> None:
    """Say it if a person may expect that points are run again by what `gitexp.yaml` says now."""
    entry = frozen.snapshot.entries.get(project.path(CONFIG_NAME))
    kept = project.repository.objects.blob(entry.oid) if entry is not None else None
    place = project.root / CONFIG_NAME
    if (place.read_bytes() if place.is_file() else None) != kept:
        tell(
            "note: gitexp.yaml has changed since; points are run again with the settings that the "
            "sweep began with, but with those of now if you give its words instead of `--resume`"
        )


def let_go(project: Project, plan: Plan, progress: Progress) -> None:
    """Let go of what runs begin with if none is to come, or note that none may come."""
    if not progress.is_done or progress.known.under_way:
        return
    if plan.sweep.sampler == "grid" and plan.points == plan.size:
        thaw(project.repository, plan.sweep.id)  # no further point will ever be asked for
    else:
        note_over(project.repository, plan.sweep.id, is_over=True)


def note_if_over(project: Project, plan: Plan) -> None:
    """Note after an agent that none may come: no call may ever look at a sweep of agents alone.

    Its files stay until `gitexp gc`, as other agents may just be starting.
    """
    known = KnownReader(project, plan.sweep).read()
    if Progress(plan.sweep, plan.points, known).is_done and not known.under_way:
        note_over(project.repository, plan.sweep.id, is_over=True)
