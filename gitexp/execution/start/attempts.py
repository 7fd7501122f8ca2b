"""A job that its scheduler started again: its run goes on under a name of its own."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.stages import Plan
from gitexp.execution.start.taken import OTHER_NAME, check_not_taken
from gitexp.git.refs import Ref, list_refs
from gitexp.model.names import check_name
from gitexp.model.record import Job, attempt_text
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.store.stored_run import StoredRun

_COUNTING = frozenset({"slurm", "aws-batch"})
"""The schedulers that say how often they have started a job; others say at best that they have."""
_MOST = 1000
"""Attempts of one job, before something is taken to be wrong."""


class Attempt(Struct, frozen=True):
    """Under which name a run is recorded, and as which attempt of its job."""

    name: str
    job: Job | None
    earlier: str | None = None
    """The name of the attempt before, if there was one."""


def attempt_of(
    project: Project, name: str, job: Job | None, refs: list[Ref], *, or_free: bool = False
) -> Attempt:
    """Return what a run of a given name is; raises GitexpError if the name is another's.

    A name that an earlier attempt of the same job has taken gets the next free number,
    as in `first-2`; with `or_free`, so does every name that is taken. `refs` has the branches
    and tags of that name.
    """
    earlier = _attempts(project, name, job)
    if job is None or not earlier:
        try:
            check_not_taken(project, name, refs, hint=OTHER_NAME)
        except GitexpError:
            if not or_free:
                raise
            return Attempt(_free(project, name, 2), job)
        return Attempt(name, job)
    last = earlier[-1]
    found = replace(job, attempt=len(earlier) + 1, earlier=last.id)
    return Attempt(_free(project, name, len(earlier) + 1), found, last.name)


def _attempts(project: Project, name: str, job: Job | None) -> list[StoredRun]:
    """Return the earlier attempts of a job at a name, oldest first; none if it goes on with none.

    All that have the name must be of this job, and the last of them from before its restart.
    """
    if job is None or job.restarts == 0:
        return []
    attempts = project.runs.index.named(name, project=None)
    if not all(_is_of(run, job) for run in attempts):
        return []
    for number in range(2, _MOST):
        there = project.runs.index.named(f"{name}-{number}", project=None)
        if not there:
            break
        known = {run.id for run in attempts}
        attempts += [run for run in there if _earlier_of(run, job) in known]
    return attempts if attempts and _is_before(attempts[-1], job) else []


def _is_of(run: StoredRun, job: Job) -> bool:
    return run.problem is None and job.is_same(run.record.job)


def _earlier_of(run: StoredRun, job: Job) -> str | None:
    """Return the id of the attempt that a run of the job went on from."""
    return run.record.job.earlier if _is_of(run, job) and run.record.job else None


def _is_before(run: StoredRun, job: Job) -> bool:
    """Return whether a run of a job is from before its scheduler started it again.

    Where the scheduler does not count, a run that was interrupted is taken to be.
    """
    before = run.record.job.restarts if run.record.job else None
    if before is not None and job.restarts is not None and before < job.restarts:
        return True
    return job.scheduler not in _COUNTING and run.record.status == "interrupted"


def _free(project: Project, name: str, number: int) -> str:
    """Return the name with a number, from `number` on, that nothing else goes by.

    It is the first one where no number was left out; of a thousand, a dozen are looked at.
    """
    taken = {entry.name for entry in Journal(project.repository).entries()}
    refs = list_refs(project.repository, f"refs/heads/{name}-*", f"refs/tags/{name}-*")
    taken.update(ref.name.split("/", 2)[2] for ref in refs)

    def is_free(one: int) -> bool:
        wanted = f"{name}-{one}"
        return wanted not in taken and not project.runs.index.named(wanted, project=None)

    last, free = number - 1, number
    while not is_free(free):
        last, free = free, 2 * free
    while free - last > 1:
        middle = (last + free) // 2
        last, free = (last, middle) if is_free(middle) else (middle, free)
    check_name(f"{name}-{free}")
    return f"{name}-{free}"


def cut_off_before(project: Project, job: Job | None) -> list[Entry]:
    """Return the attempts of this job that were killed where they cannot be seen from here.

    A scheduler starts a job again only when it has ended: where it counts, that is its word
    for it, as `gitexp doctor --recover` takes a person's.
    """
    if job is None or not job.restarts:
        return []
    entries = Journal(project.repository).entries()
    return [entry for entry in entries if _is_over_by_its_word(entry, job)]


def _is_over_by_its_word(entry: Entry, job: Job) -> bool:
    before = entry.job
    if before is None or not job.is_same(before) or job.scheduler not in _COUNTING:
        return False
    if (before.restarts or 0) >= (job.restarts or 0):
        return False
    return not entry.is_over and entry.living is None and not entry.lives_unnoted


def note_of(plan: Plan) -> str | None:
    """Return what is said of a run that goes on under a name of its own."""
    job, asked = plan.request.job, plan.request.name
    if plan.earlier is None or job is None:
        return None
    return (
        f"note: '{asked}' was an earlier attempt of this job: this run is '{plan.name}', "
        f"{attempt_text(job)}"
    )
