"""What a run can be relied on for: verified, evaluated, reviewed, signed.

The first two are late facts, written by `gitexp verify` and `gitexp evaluate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gitexp.data.pipelines import LOCK_NAME
from gitexp.git.notes import NotesTree
from gitexp.git.remotes import remote_names
from gitexp.git.signatures import signatures_of
from gitexp.model.facts import events_in
from gitexp.model.message import FROM_RUN_TRAILER, RUN_TRAILER
from gitexp.model.paths import ProjectPath
from gitexp.model.promotion import Requirement
from gitexp.model.verification import Verified, verification_of
from gitexp.project import Project
from gitexp.store.own import NOTES
from gitexp.store.stored_run import StoredRun

_SEARCHED = 100
"""How many commits of the default branch are compared with a run."""


def verifications_of(project: Project, run: StoredRun) -> tuple[Verified, ...]:
    """Return all that verifications of a run said, the last one last; its facts have that alone."""
    repository = project.repository
    tree = NotesTree(repository, NOTES, repository.objects.commit(NOTES))
    told = (event for commit in run.facts.notes for event in events_in(tree.read(commit)))
    events = {event.id: event for event in told if event.run == run.id and event.op == "verify"}
    said = sorted(events.values(), key=lambda event: (event.time, event.id))
    answers = ((verification_of(one.value), one) for one in said)
    return tuple(
        Verified(answer, one.by, one.time) for answer, one in answers if answer is not None
    )


def lacks(project: Project, run: StoredRun, require: Iterable[Requirement]) -> Iterator[str]:
    """Yield what is demanded of a run and not so, as phrases with the way out."""
    for one in require:
        if one == "verified":
            yield from _unverified(run)
        elif one == "evaluated" and not run.facts.held_out:
            yield f"it is not evaluated on held-out data: `gitexp evaluate {run.name}`"
        elif one == "reviewed":
            yield from _unreviewed(project, run)
        elif one == "signed":
            yield from _unsigned(project, run)


def _unverified(run: StoredRun) -> Iterator[str]:
    verified = run.facts.verified
    if verified is None:
        yield f"it is not verified: `gitexp verify {run.name}`"
    elif not (answer := verified.answer).is_reproduced:
        yield f"it is not verified: the last verification says '{answer.words}'"


def _unsigned(project: Project, run: StoredRun) -> Iterator[str]:
    [found] = signatures_of(project.repository, [run.oid]).values()
    if found.state == "none":
        yield f"it is not signed: `git tag -s NAME {run.oid[:10]}` signs it"
    elif not found.is_good:
        yield f"its signature is {found.words}: `gitexp verify-signatures {run.name}`"


def _unreviewed(project: Project, run: StoredRun) -> Iterator[str]:
    branch = default_branch(project)
    if branch is None:
        yield "it is not reviewed: nothing says which branch is the default one"
    elif not is_merged(project, run, branch):
        name = branch.removeprefix("refs/").removeprefix("heads/").removeprefix("remotes/")
        yield (
            f"it is not reviewed: '{name}' does not have it; `gitexp branch {run.name} NAME` makes"
            " a branch for a pull request"
        )


def default_branch(project: Project) -> str | None:
    """Return the ref of the branch that reviewed changes are merged into.

    If there are remotes, it is one of theirs: what only lies here was not reviewed by anybody.
    """
    repository = project.repository
    names = dict.fromkeys((repository.config.get("init.defaultbranch", "main"), "main", "master"))
    places = [
        f"refs/remotes/{remote}/{name}"
        for remote in sorted(remote_names(repository), key=lambda one: (one != "origin", one))
        for name in ("HEAD", *names)
    ] or [f"refs/heads/{name}" for name in names]
    return next((place for place in places if repository.objects.commit(place)), None)


def is_merged(project: Project, run: StoredRun, branch: str) -> bool:
    """Return whether a branch has a run: by the trailer of a commit, or by what the run wrote.

    The latter is so if one of its commits held metrics, params and the pointers that the run
    wrote, byte by byte.
    """
    repository = project.repository
    for trailer in (FROM_RUN_TRAILER, RUN_TRAILER):
        if repository.git(
            "log", "-1", "--format=%H", f"--grep=^{trailer}: {run.id}$", branch, "--"
        ).strip():
            return True
    wrote = _written(project, run)
    if not wrote:
        return False
    first = next(iter(wrote))
    commits = repository.line(
        "log",
        f"--max-count={_SEARCHED}",
        "--format=%H",
        f"--find-object={wrote[first]}",
        branch,
        "--",
    ).split()
    return any(_holds(project, commit, wrote) for commit in commits)


def _written(project: Project, run: StoredRun) -> dict[str, str]:
    """Return the blobs of a run's values and of the pointers that it wrote, by their path."""
    record = run.record
    outputs = [one.path for one in record.pointers if one.role == "output"]
    pointers = {f"{path}.dvc": _blob(project, run.oid, f"{path}.dvc") for path in outputs}
    if None in pointers.values():
        pointers[LOCK_NAME] = _blob(project, run.oid, LOCK_NAME)
    values = {name: _blob(project, run.oid, name) for name in (*record.metrics, *record.params)}
    return {name: oid for name, oid in (pointers | values).items() if oid is not None}


def _blob(project: Project, commit: str, name: str) -> str | None:
    found = project.repository.objects.read(f"{commit}:{project.path(ProjectPath(name))}")
    return found.oid if found is not None and found.kind == "blob" else None


def _holds(project: Project, commit: str, wrote: Mapping[str, str]) -> bool:
    return all(_blob(project, commit, path) == oid for path, oid in wrote.items())
