"""What a change is compared with: a branch or a commit, or the remote's default branch."""

from __future__ import annotations

import difflib

from gitexp.errors import GitexpError
from gitexp.git.refs import list_refs
from gitexp.git.remotes import Remote, RemoteFailed
from gitexp.git.repository import Repository
from gitexp.pull_requests.origin import Origin, fetched, known

_REMOTES = "refs/remotes"


def base_of(origin: Origin, text: str | None, *, anew: bool, may_be_gone: bool) -> str:
    """Return the commit that a base means; raise if there is none, unless it may be gone."""
    repository = origin.repository
    if text is None:
        return _default_branch(origin)
    if anew:
        found = fetched(origin, text)
    else:
        place = f"refs/remotes/{origin.remote.name}/{text}" if origin.remote else ""
        found = known(repository, text) or known(repository, place) or fetched(origin, text)
    if found is None and may_be_gone:
        origin.tell(f"note: {text[:10]} is gone, so this compares with the default branch")
        return _default_branch(origin)
    if found is None:
        raise GitexpError(
            f"no rev '{text}' to compare with",
            hint=f"{meant(repository, text)}Name the branch that the change is for:"
            " `gitexp review BASE`.",
        )
    return found


def meant(repository: Repository, text: str) -> str:
    """Return the question whether a branch of a similar name was meant, if there is one."""
    refs = (ref.name.split("/", 2)[2] for ref in list_refs(repository, "refs/heads", _REMOTES))
    close = difflib.get_close_matches(text, sorted({*refs} - {text}), n=1)
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
    found = next((oid for place in places if (oid := known(repository, place))), None)
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
    return fetched(origin, name) if name is not None else None
