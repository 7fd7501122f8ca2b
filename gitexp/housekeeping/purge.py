"""`gitexp purge`: a run, or a path of all runs, taken out of history for good.

For the leaked secret and the file that was far too large. Everything else of the branch stays,
with new commit ids from the first commit on that has to change.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable

from gitexp.errors import GitexpError
from gitexp.housekeeping.gc import check_idle, free_data, ids
from gitexp.housekeeping.needed import hashes_elsewhere, hashes_of
from gitexp.housekeeping.purge_plan import PurgePlan, purged_data
from gitexp.housekeeping.waste import RunWaste, logs_of, stores_of
from gitexp.project import Project
from gitexp.sharing.purged import purge_here
from gitexp.store.journal import Journal
from gitexp.store.locks import locked
from gitexp.store.mirror import mirrored
from gitexp.store.own import NOTES
from gitexp.store.purges import adopt_older, announce, forget_dead, obeyed_among, purges_at
from gitexp.store.reading import runs_between

Tell = Callable[[str], None]


def carry_out(project: Project, plan: PurgePlan, tell: Tell) -> list[str]:
    """Purge, here; other clones do the same when they next pull or push.

    What is not done when this is cut off is done by the next push or pull. Returns the oids
    of purged content that is still needed by other refs of this clone. Raises GitexpError
    if something has changed since it was planned.
    """
    repository = project.repository
    _check_as_planned(project, plan)
    gone = ids([*plan.dropped, *plan.stripped])
    shown = [ref.name for ref in mirrored(repository, gone)]
    elsewhere = hashes_elsewhere(project, shown)
    names = [run.name for run in plan.dropped] + sorted(plan.purge.paths)
    adopt_older(repository)
    unsigned = announce(repository, plan.purge, message=f"Purge {', '.join(names)}\n")
    if unsigned is not None:
        tell(f"warning: the purge is not signed: {unsigned}")
    known = purges_at(repository, repository.objects.commit(NOTES))
    purges = obeyed_among(repository, known)
    found = purge_here(project, purges, tell)
    with locked(repository):  # no run starts meanwhile
        if not Journal(repository).entries():  # nobody can tell what such a run needs
            free_data(_free_now(project, plan, elsewhere))
    for log in logs_of(project, [*plan.dropped, *plan.stripped]):
        log.unlink(missing_ok=True)
    for store in stores_of(project, [*plan.dropped, *plan.stripped]):
        shutil.rmtree(store, ignore_errors=True)
    return forget_dead(
        repository, project.config, purges, [plan.tip, *(found.mirrors if found else ())]
    )


def _check_as_planned(project: Project, plan: PurgePlan) -> None:
    """Raise GitexpError if a run has come, or is coming, since the purge was planned."""
    check_idle(project)
    tip = project.repository.objects.commit(f"refs/heads/{project.config.branch}")
    if tip != plan.tip:
        raise GitexpError(
            "a run has been recorded since", hint="Look again at what `gitexp purge` would take."
        )


def _free_now(project: Project, plan: PurgePlan, needed: frozenset[str]) -> tuple[RunWaste, ...]:
    """Return the data that can go by now: what has been needed since then stays."""
    tip = project.repository.objects.commit(f"refs/heads/{project.config.branch}")
    runs = list(runs_between(project.repository, None, tip)) if tip is not None else []
    needed |= frozenset().union(*map(hashes_of, runs))
    return purged_data(project, plan.dropped, plan.stripped, plan.purge.paths, needed)
