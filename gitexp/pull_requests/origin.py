"""The remote that has what a clone lacks, and what is got from there."""

from __future__ import annotations

from collections.abc import Callable

from gitexp.errors import GitexpError
from gitexp.git.objects import is_oid
from gitexp.git.remotes import Remote, RemoteFailed, choose_remote
from gitexp.git.repository import Repository
from gitexp.project import Project

Tell = Callable[[str], None]

FIRST_DEPTH = 50
"""How many commits of each side are fetched at first, if a clone is shallow."""


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


def known(repository: Repository, text: str) -> str | None:
    """Return the commit that a rev of this clone means, if it means one."""
    return repository.objects.commit(text) if text and not text.startswith("-") else None


def fetched(origin: Origin, text: str) -> str | None:
    """Return a commit or branch that only the remote has, or None if it has no such thing."""
    if origin.remote is None or text == "HEAD" or not _may_be_a_branch(origin.repository, text):
        return None
    name = origin.remote.name
    place = f"refs/remotes/{name}/{text}"
    by_oid = is_oid(text)
    origin.tell(f"note: fetching {text[:10] if by_oid else text} from '{name}'")
    try:
        refspec = text if by_oid else f"+refs/heads/{text}:{place}"
        origin.fetch(refspec, depth=FIRST_DEPTH)
    except RemoteFailed as failed:
        if not by_oid and not any("couldn't find remote ref" in line for line in failed.said):
            raise
        origin.tell(f"note: {failed}")
    return known(origin.repository, text if by_oid else place) or known(origin.repository, text)


def _may_be_a_branch(repository: Repository, text: str) -> bool:
    asked = repository.attempt("check-ref-format", f"refs/heads/{text}")
    return not text.startswith("-") and asked.returncode == 0
