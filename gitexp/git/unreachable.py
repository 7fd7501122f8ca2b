"""Objects deleted for good once no ref needs them, and only those: git's own pruning takes all.

A user's dropped stash or lost commit is unreachable as well, and stays, with all that it has.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from gitexp.git.hidden_refs import check_refs_are_seen
from gitexp.git.objects import GitObject
from gitexp.git.refs import list_refs
from gitexp.git.repository import Repository
from gitexp.git.trees import parsed_tree

_TICK = 0.002
"""Seconds between two looks at a clock that may be no finer than 4 ms, or a second."""

_DAMAGED = ("missing ", "broken link ")
"""How the lines begin in which `git fsck` names what is not there. Its status says less: a remote
whose main branch was renamed is an error as well.
"""

Links = dict[str, list[str]]
IsOurs = Callable[[bytes], bool]
"""Says from the content of an unreachable commit whether it is gitexp's own."""


def expire_reflog(repository: Repository, refs: Iterable[str]) -> None:
    """Forget where refs were before: what a reflog names is reachable."""
    repository.attempt("reflog", "expire", "--expire=all", "--expire-unreachable=all", *refs)


def delete_unreachable(repository: Repository, tips: Iterable[str], is_ours: IsOurs) -> None:
    """Delete what these objects reach, and nothing else needs.

    Other unreachable commits that need some of it go along if they are ours, and so do trees
    that no commit has. What lies in a pack is unpacked first, which costs a `git repack`;
    a pack that is kept, and a repository that lends its objects, stay as they are. So does
    what somebody asks for meanwhile: a `git add` of the same content writes no new object,
    what a partial clone has fetched, which git never unpacks, and all that is precious.
    Raises GitexpError if there are refs that git cannot look at.
    """
    if is_precious(repository):
        return
    check_refs_are_seen(repository)
    begun = _now(repository)
    doomed = _doomed(repository, tips, is_ours)
    if doomed:
        doomed -= _reached(repository)
    repository.objects.close()  # it has packs open that are about to go
    if any(not _loose(repository, oid).exists() for oid in doomed):
        repository.git("repack", "-A", "-d", "-l", "--quiet")  # what is unreachable becomes loose
    for oid in doomed:
        with contextlib.suppress(FileNotFoundError):
            if _loose(repository, oid).stat().st_mtime_ns < begun:  # git touches what it asks for
                _loose(repository, oid).unlink()


def _now(repository: Repository) -> int:
    """Return a time by the clock of the file system, just after it has changed."""
    folder = repository.common_dir / "objects"
    with tempfile.NamedTemporaryFile(dir=folder, prefix="tmp_obj_", buffering=0) as file:
        before = now = os.fstat(file.fileno()).st_mtime_ns
        while now == before:
            time.sleep(_TICK)
            os.utime(file.fileno())
            now = os.fstat(file.fileno()).st_mtime_ns
    return now


def _doomed(repository: Repository, tips: Iterable[str], is_ours: IsOurs) -> set[str]:
    kinds = _unreachable(repository)
    needs: Links = {}
    needed_by: Links = {}
    ours = set()
    named = [oid for oid, kind in kinds.items() if kind != "blob"]
    for oid, found in zip(named, repository.objects.read_many(named), strict=True):
        if found is None:
            continue
        if found.kind == "commit" and is_ours(found.content):
            ours.add(oid)
        for other in _named_in(found, repository.object_format):
            if other in kinds:  # what is reachable needs only what is reachable
                needs.setdefault(oid, []).append(other)
                needed_by.setdefault(other, []).append(oid)
    gone = _closure([tip for tip in tips if tip in kinds], needs)
    tainted = _closure(gone, needed_by) - gone
    follow = {oid for oid in tainted if oid in ours or kinds[oid] == "tree"}
    kept = (tainted - follow) | (_staged(repository) & kinds.keys())
    return (gone | follow) - _closure(kept, needs)


def is_precious(repository: Repository) -> bool:
    """Return whether git is told to delete no object of the repository: others borrow them."""
    return repository.is_set("extensions.preciousobjects")


def stored(repository: Repository, oids: Iterable[str]) -> list[str]:
    """Return those of the objects that are here; a partial clone would fetch one to look at it."""
    return [one.oid for one in _read_here(repository, oids)]


def stored_that_may_go(repository: Repository, oids: Iterable[str], is_ours: IsOurs) -> list[str]:
    """Return those of the objects that are here, but for commits and tags that are not ours."""
    return [
        one.oid
        for one in _read_here(repository, oids)
        if one.kind in ("blob", "tree") or (one.kind == "commit" and is_ours(one.content))
    ]


def _read_here(repository: Repository, oids: Iterable[str]) -> Iterator[GitObject]:
    asked = list(oids)
    if repository.is_partial:
        here = _stored_here(repository) if asked else {}
        asked = [oid for oid in asked if oid in here]
    yield from filter(None, repository.objects.read_many(asked))


def _stored_here(repository: Repository) -> dict[str, str]:
    """Return the kind of each object that need not be fetched."""
    options = ("--batch-all-objects", "--batch-check=%(objectname) %(objecttype)")
    listed = repository.git("cat-file", *options, "--buffer", "--unordered").decode()
    return dict(line.split(" ", 1) for line in listed.splitlines())


def _named_in(found: GitObject, object_format: str) -> Iterator[str]:
    """Yield the objects that an object names."""
    if found.kind == "tree":
        yield from (entry.oid for entry in parsed_tree(found.content, object_format).values())
    else:
        for line in found.content.partition(b"\n\n")[0].split(b"\n"):
            key, _, value = line.partition(b" ")
            if key in (b"tree", b"parent", b"object"):
                yield value.decode()


def _closure(ends: Iterable[str], links: Links) -> set[str]:
    """Return all that links lead to, the ends included."""
    found = set(ends)
    todo = list(found)
    while todo:
        new = [oid for oid in links.get(todo.pop(), ()) if oid not in found]
        found.update(new)
        todo += new
    return found


def _staged(repository: Repository) -> set[str]:
    """Return what the indexes of all work trees hold: before git 2.41 fsck looks at one alone."""
    places = [repository.common_dir, *(repository.common_dir / "worktrees").glob("*")]
    found: set[str] = set()
    for index in (place / "index" for place in places):
        if index.is_file():
            listed = repository.git("ls-files", "--stage", "-z", index=index).split(b"\0")[:-1]
            found.update(line.split(b" ", 2)[1].decode() for line in listed)
    return found


def _unreachable(repository: Repository) -> dict[str, str]:
    """Return the kind of each object that no ref, reflog, index or work tree needs.

    `git fsck` says it exactly; `git rev-list --objects A --not B` may list what B has. Nothing
    is returned for a damaged repository: if a link is missing, more seems unreachable than is.
    In a partial clone, where links may be missing, `git fsck` names what is needed as well.
    """
    if repository.is_partial:
        here = _stored_here(repository)
        return {oid: here[oid] for oid in here.keys() - _reached(repository)}
    command = ("fsck", "--unreachable", "--connectivity-only", "--no-progress")
    said = repository.attempt(*command).stdout.decode(errors="replace").splitlines()
    if any(line.startswith(_DAMAGED) for line in said):
        return {}
    words = (line.split() for line in said if line.startswith("unreachable "))
    return {oid: kind for _, kind, oid in words}


def _reached(repository: Repository) -> set[str]:
    """Return what refs, reflogs and indexes need, by another process than the one that judged.

    Git passes over a folder of refs that it cannot look at, and says nothing: a disk that failed
    once would have the branch itself deleted. Its refs are named here by yet another process.
    """
    missing = ["--missing=allow-any"] if repository.is_partial else []
    ends = ("--all", "--reflog", "--indexed-objects", "--stdin")
    named = "".join(f"{ref.oid}\n" for ref in list_refs(repository))
    command = ("rev-list", "--objects", "--no-object-names", *missing, *ends)
    return set(repository.line(*command, stdin=named.encode()).split())


def _loose(repository: Repository, oid: str) -> Path:
    return repository.common_dir / "objects" / oid[:2] / oid[2:]
