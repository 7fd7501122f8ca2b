"""The two ends of a change, from wherever they can be had: a clone may hold very little of them."""

from __future__ import annotations

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.objects import is_oid
from gitexp.git.repository import Repository
from gitexp.project import Project
from gitexp.pull_requests.bases import base_of, meant
from gitexp.pull_requests.forks import fork_of
from gitexp.pull_requests.origin import Origin, Tell, fetched, known
from gitexp.revisions.revision import WORKSPACE
from gitexp.store.selectors import find_run
from gitexp.store.stored_run import StoredRun


class Ends(Struct, frozen=True):
    """The commits that a review compares."""

    fork: str
    """The merge base."""
    head: str
    head_label: str
    run: StoredRun | None = None
    """The run that the head is, if it is one."""
    base: str = ""
    """Where the base is now, which may have moved since the merge base."""


class Wanted(Struct, frozen=True):
    """What is to be compared, as git revs; a base may be the name of a branch of the remote."""

    base: str | None = None
    """None for the remote's default branch."""
    head: str = "HEAD"
    head_label: str | None = None
    anew: bool = False
    """Whether the base is fetched even if it is known, as a clone of CI may be stale."""
    may_be_gone: bool = False
    """Whether the default branch will do, as what a push replaced may be gone."""


def find_ends(project: Project, wanted: Wanted, tell: Tell) -> Ends:
    """Return the merge base and the head; fetch what is not here, and say so."""
    for text in (wanted.base, wanted.head):
        _see_that_it_may_be_a_commit(project, text or "HEAD")
    origin = Origin(project, tell)
    base = base_of(origin, wanted.base, anew=wanted.anew, may_be_gone=wanted.may_be_gone)
    run = _run(project, wanted)
    if run is not None:  # a run has a history of its own; the code's is that of its baseline
        head, tip = run.oid, run.record.baseline
        if not is_oid(tip):  # a record may come from anybody
            raise GitexpError(
                f"run '{run.name}' does not say which commit it started on",
                hint=f"Review a branch of it: `gitexp branch {run.id} BRANCH`.",
            )
    else:
        head = tip = _head(origin, wanted.head)
    fork = fork_of(origin, base, tip)
    if fork is None:
        raise GitexpError(
            f"'{wanted.base or base[:10]}' and '{wanted.head}' have no common ancestor"
        )
    label = wanted.head_label or _label(project.repository, wanted.head)
    return Ends(fork, head, run.name if run is not None else label, run, base)


def _see_that_it_may_be_a_commit(project: Project, text: str) -> None:
    """Refuse words for which no remote needs to be asked."""
    old, dots, new = text.partition("...") if "..." in text else text.partition("..")
    if dots:
        hint = f"Give two words: `gitexp review {old or 'BASE'} {new or 'HEAD'}`."
        raise GitexpError(f"'{text}' is a range of commits", hint=hint)
    if text == WORKSPACE and known(project.repository, text) is None:
        raise GitexpError(
            "a review compares commits, and the work tree is not one",
            hint="Commit first; `gitexp diff BASE workspace` compares it as it is.",
        )


def _run(project: Project, wanted: Wanted) -> StoredRun | None:
    """Return the run that the head is, if it is one; a pull request's never is."""
    if wanted.head == "HEAD" or wanted.anew:
        return None
    if project.runs.tip is None and known(project.repository, wanted.head) is not None:
        return None
    if project.runs.is_part:  # nothing is the only one, or the newest, of a part
        return project.runs.of_commit(wanted.head)
    return find_run(project.runs, wanted.head)


def is_a_rev(project: Project, wanted: Wanted) -> bool:
    """Return whether the head is a rev that is here, or one that CI names; else it may be a run."""
    is_head = wanted.head == "HEAD" or wanted.anew
    return is_head or known(project.repository, wanted.head) is not None


def _head(origin: Origin, text: str) -> str:
    found = known(origin.repository, text) or fetched(origin, text)
    if found is None and text == "HEAD":
        raise GitexpError(
            "there is no commit yet", hint="A review compares commits: make one first."
        )
    if found is None:
        hint = f"{meant(origin.repository, text)}`gitexp ls` lists all runs."
        raise GitexpError(f"no run or rev '{text}'", hint=hint)
    return found


def _label(repository: Repository, text: str) -> str:
    if text == "HEAD":
        named = repository.attempt("symbolic-ref", "--quiet", "--short", "HEAD")
        if named.returncode == 0:
            return named.stdout.decode(errors="replace").strip()
    return text[:10] if is_oid(text) else text
