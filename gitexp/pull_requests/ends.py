"""The two ends of a change, from wherever they can be had: a clone may hold very little of them."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.diffs import merge_base
from gitexp.git.objects import is_oid
from gitexp.git.refs import list_refs
from gitexp.git.remotes import EVERYTHING, Remote, RemoteFailed, choose_remote
from gitexp.git.repository import Repository
from gitexp.project import Project
from gitexp.revisions.revision import WORKSPACE
from gitexp.store.reading import StoredRun
from gitexp.store.selectors import find_run

Tell = Callable[[str], None]

_REMOTES = "refs/remotes"
_FIRST_DEPTH = 50
"""How many commits of each side are fetched at first, if a clone is shallow."""
_DEEPER = 8


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


class Origin:
    """The remote that has what a clone lacks; there may be none."""

    def __init__(self, project: Project, tell: Tell) -> None:
        self.repository: Repository = project.repository
        self.tell = tell
        self.remote: Remote | None = None
        self._lack: GitexpError | None = None
        try:
            name = choose_remote(self.repository, project.config.branch)
        except GitexpError as lack:
            self._lack = lack
        else:
            self.remote = Remote(self.repository, name)

    def fetch(self, *refspecs: str, depth: int | None = None) -> None:
        """Fetch; if a clone is shallow, no more than is asked for."""
        if self.remote is None:
            raise self._lack or GitexpError("this repository has no remote")
        self.remote.fetch(*refspecs, depth=depth if self.repository.is_shallow else None)


def find_ends(project: Project, wanted: Wanted, tell: Tell) -> Ends:
    """Return the merge base and the head; fetch what is not here, and say so."""
    for text in (wanted.base, wanted.head):
        _see_that_it_may_be_a_commit(project, text or "HEAD")
    origin = Origin(project, tell)
    base = _base(origin, wanted)
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
    fork = _fork(origin, base, tip)
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
    if text == WORKSPACE and _known(project.repository, text) is None:
        raise GitexpError(
            "a review compares commits, and the work tree is not one",
            hint="Commit first; `gitexp diff BASE workspace` compares it as it is.",
        )


def _run(project: Project, wanted: Wanted) -> StoredRun | None:
    """Return the run that the head is, if it is one; a pull request's never is."""
    if wanted.head == "HEAD" or wanted.anew:
        return None
    if project.runs.tip is None and _known(project.repository, wanted.head) is not None:
        return None
    if project.runs.is_part:  # nothing is the only one, or the newest, of a part
        return project.runs.of_commit(wanted.head)
    return find_run(project.runs, wanted.head)


def is_a_rev(project: Project, wanted: Wanted) -> bool:
    """Return whether the head is a rev that is here, or one that CI names; else it may be a run."""
    is_head = wanted.head == "HEAD" or wanted.anew
    return is_head or _known(project.repository, wanted.head) is not None


def _head(origin: Origin, text: str) -> str:
    found = _known(origin.repository, text) or _fetched(origin, text)
    if found is None and text == "HEAD":
        raise GitexpError(
            "there is no commit yet", hint="A review compares commits: make one first."
        )
    if found is None:
        hint = f"{_meant(origin.repository, text)}`gitexp ls` lists all runs."
        raise GitexpError(f"no run or rev '{text}'", hint=hint)
    return found


def _known(repository: Repository, text: str) -> str | None:
    return repository.objects.commit(text) if text and not text.startswith("-") else None


def _base(origin: Origin, wanted: Wanted) -> str:
    repository = origin.repository
    if wanted.base is None:
        return _default_branch(origin)
    if wanted.anew:
        found = _fetched(origin, wanted.base)
    else:
        place = f"refs/remotes/{origin.remote.name}/{wanted.base}" if origin.remote else ""
        found = (
            _known(repository, wanted.base)
            or _known(repository, place)
            or _fetched(origin, wanted.base)
        )
    if found is None:
        raise GitexpError(
            f"no rev '{wanted.base}' to compare with",
            hint=f"{_meant(repository, wanted.base)}Name the branch that the change is for:"
            " `gitexp review BASE`.",
        )
    return found


def _meant(repository: Repository, text: str) -> str:
    """Return the question whether a branch of a similar name was meant, if there is one."""

    refs = (ref.name.split("/", 2)[2] for ref in list_refs(repository, "refs/heads", _REMOTES))
    close = difflib.get_close_matches(text, sorted(set(refs)), n=1)
    return f"Did you mean '{close[0]}'? " if close else ""


def _default_branch(origin: Origin) -> str:
    """Return the tip of the branch that clones of the remote begin with."""
    repository = origin.repository
    names = [repository.config.get("init.defaultbranch", "main"), "main", "master"]
    remote = f"refs/remotes/{origin.remote.name}" if origin.remote else ""
    places = [
        *([f"{remote}/HEAD", *(f"{remote}/{name}" for name in names)] if remote else []),
        *(f"refs/heads/{name}" for name in names),
    ]
    found = next((oid for place in places if (oid := _known(repository, place))), None)
    if found is None and origin.remote is not None:  # cloned with one other branch alone
        found = _asked(origin, origin.remote)
    if found is None:
        raise GitexpError(
            "nothing says what the change is for",
            hint="Name the branch: `gitexp review BASE`.",
        )
    return found


def _asked(origin: Origin, remote: Remote) -> str | None:
    """Return the tip of the branch that the remote itself calls its default."""
    try:
        name = remote.default_branch()
    except RemoteFailed as failed:
        origin.tell(f"note: {failed}")
        return None
    return _fetched(origin, name) if name is not None else None


def _fetched(origin: Origin, text: str) -> str | None:
    """Return a commit or branch that only the remote has, or None if it has no such thing."""
    if origin.remote is None or text == "HEAD" or not _may_be_a_branch(origin.repository, text):
        return None
    name = origin.remote.name
    place = f"refs/remotes/{name}/{text}"
    by_oid = is_oid(text)
    origin.tell(f"note: fetching {text[:10] if by_oid else text} from '{name}'")
    try:
        refspec = text if by_oid else f"+refs/heads/{text}:{place}"
        origin.fetch(refspec, depth=_FIRST_DEPTH)
    except RemoteFailed as failed:
        if not by_oid and not any("couldn't find remote ref" in line for line in failed.said):
            raise
        origin.tell(f"note: {failed}")
    return _known(origin.repository, text if by_oid else place) or _known(origin.repository, text)


def _may_be_a_branch(repository: Repository, text: str) -> bool:
    asked = repository.attempt("check-ref-format", f"refs/heads/{text}")
    return not text.startswith("-") and asked.returncode == 0


def _fork(origin: Origin, base: str, head: str) -> str | None:
    """Return the merge base; in a shallow clone, deepen it until there is one."""
    repository = origin.repository
    depth = _FIRST_DEPTH
    while True:
        found = merge_base(repository, base, head)
        if not repository.is_shallow or (found and not _is_cut(repository, found, base, head)):
            return found
        if origin.remote is None and found is not None:
            return found
        if origin.remote is None:
            raise GitexpError(
                "this clone is shallow and ends before the merge base",
                hint="Fetch the rest with `git fetch --unshallow`.",
            )
        many = "the history" if depth == EVERYTHING else f"{depth} commits"
        origin.tell(
            f"note: this clone is shallow; fetching {many} of both sides from"
            f" '{origin.remote.name}'"
        )
        _deepen(origin, base, head, depth)
        if depth == EVERYTHING:
            return merge_base(repository, base, head)
        depth = depth * _DEEPER if depth < _FIRST_DEPTH * _DEEPER**2 else EVERYTHING


def _is_cut(repository: Repository, fork: str, base: str, head: str) -> bool:
    """Return whether history ends before the merge base anywhere: a better one may lie behind."""
    cuts = set((repository.common_dir / "shallow").read_text().split())
    return not cuts.isdisjoint(repository.line("rev-list", base, head, f"^{fork}").split())


def _deepen(origin: Origin, base: str, head: str, depth: int) -> None:
    try:
        origin.fetch(base, head, depth=depth)
    except RemoteFailed:  # one of them was never pushed, or the remote gives refs alone
        origin.fetch(depth=depth)


def _label(repository: Repository, text: str) -> str:
    if text == "HEAD":
        named = repository.attempt("symbolic-ref", "--quiet", "--short", "HEAD")
        if named.returncode == 0:
            return named.stdout.decode(errors="replace").strip()
    return text[:10] if is_oid(text) else text
