"""Getting the tags of models that a remote has, as `git fetch` gets the tags of what it gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.remotes import Remote, RemoteFailed
from gitexp.git.repository import Repository
from gitexp.project import Project
from gitexp.registry.grammar import parse_tag
from gitexp.store.tags_left import remember_tags

TAGS = "refs/tags/"
_PEELED = "^{}"
"""What `git ls-remote` puts behind the name of an annotated tag to say what it names."""

_ALONE = {"GIT_ALLOW_PROTOCOL": "none"}
"""A partial clone is asked for what it has, and fetches nothing to answer."""


class FetchedTags(Struct, frozen=True):
    """What became of the tags of models that a remote has."""

    new: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """Those that are another tag here, which stays."""


def fetch_tags(project: Project, remote: Remote, there: Mapping[str, str]) -> FetchedTags:
    """Fetch the tags of models that are not here; none that is here is moved.

    `there` are refs of the remote. A tag comes if the commit that it names is in a branch here,
    or in the remote's branches as this clone knows them: what was purged is in none.
    """
    repository = project.repository
    models = {ref: oid for ref, oid in sorted(there.items()) if _is_of_model(ref, there)}
    here = dict(zip(models, repository.objects.read_many(models), strict=True))
    others = [ref for ref, tag in here.items() if tag is not None and tag.oid != models[ref]]
    absent = {ref: there[ref + _PEELED] for ref, tag in here.items() if tag is None}
    own = f"{remote.name}/{project.config.branch_on_remotes}"
    known = _in_branches(repository, list(dict.fromkeys(absent.values())), own)
    new = [ref for ref, commit in absent.items() if commit in known]
    if new:
        _fetch(remote, new)
    remember_tags(repository, sent=map(_name, models))
    return FetchedTags(tuple(map(_name, new)), tuple(map(_name, others)))


def _is_of_model(ref: str, there: Mapping[str, str]) -> bool:
    """Return whether a ref is an annotated tag in GTO's grammar: others say nothing of models."""
    return ref.startswith(TAGS) and ref + _PEELED in there and parse_tag(_name(ref)) is not None


def _name(ref: str) -> str:
    return ref.removeprefix(TAGS)


def _in_branches(repository: Repository, commits: Sequence[str], own: str) -> frozenset[str]:
    """Return those of the commits that branches have; `own` is the remote's branch of the runs.

    That one may still have what is purged here.
    """
    if not commits:
        return frozenset()
    listed = "".join(f"{oid}\n" for oid in commits).encode()
    only = ("rev-list", "--no-walk=unsorted", "--ignore-missing", "--stdin")
    here = repository.git(*only, stdin=listed, env=_ALONE).decode().split()
    if not here:
        return frozenset()
    beside = ("--not", "--branches", f"--exclude={own}", "--remotes")
    return frozenset(here).difference(_outside(repository, here, beside))


def _outside(repository: Repository, commits: Sequence[str], beside: Sequence[str]) -> set[str]:
    """Return what git finds on its way from commits to branches.

    One whose history is not whole is in no branch: it lingers, and parts of what it stood on
    are gone.
    """
    ended = repository.attempt("rev-list", *commits, *beside, env=_ALONE)
    if ended.returncode == 0:
        return set(ended.stdout.decode().split())
    if len(commits) == 1:
        return set(commits)
    return {oid for one in commits for oid in _outside(repository, [one], beside)}


def _fetch(remote: Remote, refs: Sequence[str]) -> None:
    try:
        remote.fetch(*(f"{ref}:{ref}" for ref in refs))
    except RemoteFailed as failed:
        raise GitexpError(
            f"the runs came, and not all tags of models: {failed}",
            hint=f"`git fetch {remote.name} --tags` says which tags are in the way.",
        ) from failed
