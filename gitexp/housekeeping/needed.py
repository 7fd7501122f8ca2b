"""The data that something in a repository needs: a run, a branch, a tag, a work tree.

When in doubt, it is needed: any hash in the text of a pointer file counts, whatever it names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.failing import GitCommandFailed
from gitexp.git.hidden_refs import check_refs_are_seen
from gitexp.git.refs import list_refs
from gitexp.git.repository import Repository
from gitexp.model.record import RunRecord
from gitexp.model.record_json import UnreadableRecord, from_json
from gitexp.project import Project
from gitexp.store.own import NOTES, own_folder
from gitexp.store.stored_run import StoredRun

_HASH = re.compile(rb"\b[0-9a-f]{32}(?:\.dir)?\b")
_POINTERS = (":(top,glob)**/*.dvc", ":(top,glob)**/dvc.lock")


def hashes_of(run: StoredRun, read: Callable[[bytes], RunRecord] = from_json) -> set[str]:
    """Return the hashes that the record of a run names; of one that cannot be read, any in it.

    `read` is what reads the records of many.
    """
    try:
        return {pointer.md5 for pointer in run.record_by(read).pointers}
    except UnreadableRecord:
        return _hashes_in(run.content)


def hashes_elsewhere(project: Project, skipped: Iterable[str] = ()) -> frozenset[str]:
    """Return the hashes that are needed besides those of the runs on the experiments branch.

    That is all history of all other refs (except those to be skipped), all that is stashed,
    and what lies in each work tree and its index. This includes runs of colleagues that were
    only fetched. Raises GitexpError if there are refs that git cannot look at.
    """
    repository, config = project.repository, project.config
    mine, theirs = f"refs/heads/{config.branch}", f"refs/remotes/*/{config.branch_on_remotes}"
    check_refs_are_seen(repository)
    own = {mine, NOTES, *skipped}
    others = [*(f"--exclude={place}" for place in (theirs, *own)), "--all", *_stashes(repository)]
    fetched = [f"--glob={theirs}", f"^{mine}"]
    refs = list_refs(repository)
    came = {ref.name for ref in refs if fnmatchcase(ref.name, theirs)}
    found: set[str] = set()
    for ends, named in (
        (others, [ref.oid for ref in refs if ref.name not in own and ref.name not in came]),
        (fetched, [ref.oid for ref in refs if ref.name in came]),
    ):
        for content in _pointer_files(repository, ends, named):
            found |= _hashes_in(content)
    for place in _work_trees(repository):
        found |= _hashes_in_work_tree(place)
    return frozenset(found)


def _pointer_files(
    repository: Repository, ends: Iterable[str], named: Iterable[str]
) -> Iterator[bytes]:
    """Yield the pointer files in the history of ends, and of commits that are named besides.

    These are the ends again, by another process: git passes over refs that it cannot look at.
    """
    options = ("--objects", "--full-history", "--no-object-names", "--stdin")
    what = (*options, *ends, "--", *_POINTERS)
    stdin = "".join(f"{oid}\n" for oid in named).encode()
    try:
        listed = repository.line("rev-list", "--missing=allow-promisor", *what, stdin=stdin).split()
    except GitCommandFailed:
        if not repository.is_partial:
            raise
        listed = _fetched(repository, *what, stdin=stdin)
    for found in repository.objects.read_many(listed):
        if found is not None and found.kind == "blob":
            yield found.content


def _fetched(repository: Repository, *what: str, stdin: bytes) -> list[str]:
    """Return what is listed in a clone without trees, which git then has to fetch."""
    try:
        return repository.line("rev-list", *what, stdin=stdin).split()
    except GitCommandFailed as error:
        raise GitexpError(
            "this clone lacks a part of history, which may need data, and git cannot fetch it",
            hint="Check whether `git fetch` works; `git fetch --refetch --filter=blob:none` "
            "fetches all that is needed at once.",
        ) from error


def _stashes(repository: Repository) -> list[str]:
    """Return all that was stashed; a ref has only the last of it."""
    if repository.objects.commit("refs/stash") is None:
        return []
    return repository.line("rev-list", "--walk-reflogs", "refs/stash").split()


def _work_trees(repository: Repository) -> list[Path]:
    """Return the work trees that are there; a bare repository is listed as well, and is none."""
    listed = repository.line("worktree", "list", "--porcelain").split("\n\n")
    trees = (lines for lines in map(str.splitlines, listed) if "bare" not in lines)
    places = [lines[0].removeprefix("worktree ") for lines in trees if lines]
    copies = own_folder(repository).path  # what is in those came from elsewhere
    return [path for path in map(Path, places) if path.is_dir() and not path.is_relative_to(copies)]


def _hashes_in_work_tree(place: Path) -> set[str]:
    """Return what the pointer files of a work tree say: as they are, and as they are staged."""
    found: set[str] = set()
    with Repository.open(place) as repository:
        listed = repository.git("ls-files", "-z", "--cached", "--others", "--", *_POINTERS)
        for name in map(os.fsdecode, listed.split(b"\0")[:-1]):
            path = repository.top / name
            found |= _hashes_in(path.read_bytes() if path.is_file() else b"")
            found |= _hashes_in(repository.objects.blob(f":{name}") or b"")
    return found


def _hashes_in(content: bytes) -> set[str]:
    return {match.decode() for match in _HASH.findall(content)}
