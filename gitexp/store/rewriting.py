"""The branch written again without what was purged: the same commits, whoever writes them.

Each new commit follows from the old one, its new parents and the purges alone, so that every
clone that carries out the same purges comes to the same branch without talking to others.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.git.commit_objects import CommitObject
from gitexp.git.edited import TreeEditor
from gitexp.git.packs import write_objects
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry, object_oid
from gitexp.model.message import PROJECT_TRAILER, RUN_TRAILER, trailers, unquoted_path
from gitexp.model.purge import Purge, without_path
from gitexp.model.record import parse_time
from gitexp.model.record_json import UnreadableRecord, from_json, to_json
from gitexp.store.branch import JOIN_MESSAGE
from gitexp.store.stored_run import RECORD_NAME

_MOST_NAMED = 1000
"""How many files of a folder are kept by name, so that no run brings one back."""

POINTER = ".dvc"
"""The ending of the file that holds a pointer to a purged path."""


class Rewritten(Struct, frozen=True):
    """A branch without what was purged."""

    tip: str
    dropped: frozenset[str] = frozenset()
    """The ids of runs that are gone."""
    stripped: frozenset[str] = frozenset()
    """The ids of runs that lost a path."""
    commits: dict[str, str] = field(default_factory=dict)
    """The new oid of each commit that has one; for a run that is gone, that of its parent."""
    dead: frozenset[str] = frozenset()
    """The oids of the commits that are gone and of what stood at the paths."""
    unsigned: frozenset[str] = frozenset()
    """The ids of runs that stay and were signed, which their new commits are not."""
    mirrors: tuple[str, ...] = ()
    """The oids of commits that showed the old runs to DVC, and that no ref names any more."""


def rewrite(
    repository: Repository,
    tip: str,
    since: str | None,
    purges: Sequence[Purge],
    *,
    write: bool = True,
) -> Rewritten:
    """Return the branch without what the purges name; the same tip if none of that is there.

    Commits that `since` reaches are known to be clean. The objects are written, if that is
    wanted; no ref moves. Raises GitexpError if a shallow clone lacks a part of the branch.
    """
    if not purges:
        return Rewritten(tip)
    ends = [tip, *([f"^{since}"] if since else [])]
    oids = repository.line("rev-list", "--topo-order", "--reverse", *ends).split()
    _check_whole(repository, oids)
    rewriter = _Rewriter(repository, purges)
    for oid, found in zip(oids, repository.objects.read_many(oids), strict=True):
        if found is not None:
            rewriter.take(oid, CommitObject.parse(found.content))
    if write:
        rewriter.write()
    return replace(rewriter.result, tip=rewriter.result.commits.get(tip, tip))


def _check_whole(repository: Repository, oids: Sequence[str]) -> None:
    """Raise GitexpError if git hides the parents of a commit: its copy would show them."""
    shallow = repository.common_dir / "shallow"
    if shallow.exists() and not set(oids).isdisjoint(shallow.read_text().split()):
        raise GitexpError(
            "the history of the runs is cut off in this clone, so nothing can be purged",
            hint="`gitexp pull` makes it whole.",
        )


class _Rewriter:
    def __init__(self, repository: Repository, purges: Sequence[Purge]) -> None:
        self._repository = repository
        self._purges = purges
        self._editor = TreeEditor(repository, drops_folders=True)
        self._blobs: dict[str, bytes] = {}
        self._new: dict[str, CommitObject] = {}
        self._commits: dict[str, str] = {}
        self._dropped: set[str] = set()
        self._stripped: set[str] = set()
        self._dead: set[str] = set()
        self._unsigned: set[str] = set()

    @property
    def result(self) -> Rewritten:
        return Rewritten(
            "",
            frozenset(self._dropped),
            frozenset(self._stripped),
            self._commits,
            frozenset(self._dead),
            frozenset(self._unsigned),
        )

    def take(self, oid: str, commit: CommitObject) -> None:
        """Decide what becomes of a commit whose parents were taken before."""
        known = trailers(os.fsdecode(commit.message))
        run = known.get(RUN_TRAILER)
        parents = tuple(dict.fromkeys(self._commits.get(one, one) for one in commit.parents))
        if any(run in purge.runs for purge in self._purges) and parents and run is not None:
            self._dropped.add(run)
            self._dead.add(oid)
            self._commits[oid] = parents[0]
            return
        if commit.message == JOIN_MESSAGE.encode():
            self._take_join(oid, commit, tuple(sorted(parents)))
            return
        project = unquoted_path(known.get(PROJECT_TRAILER, ""))
        tree = self._stripped_tree(commit, run, project)
        self._put(oid, commit, replace(commit, tree=tree, parents=parents))
        if oid in self._commits and commit.was_signed and run is not None:
            self._unsigned.add(run)

    def _take_join(self, oid: str, commit: CommitObject, parents: tuple[str, ...]) -> None:
        """Join what the parents have become; the tree of a join is that of the newer one."""
        if len(parents) == 1:
            self._commits[oid] = parents[0]
        elif parents != commit.parents:
            became = {one: self._new.get(one) or self._read(one) for one in parents}
            newer = max(parents, key=lambda one: (became[one].committed, one))
            self._put(oid, commit, replace(commit, tree=became[newer].tree, parents=parents))

    def _read(self, oid: str) -> CommitObject:
        found = self._repository.objects.read(oid)
        return CommitObject.parse(found.content if found is not None else b"")

    def _put(self, oid: str, old: CommitObject, new: CommitObject) -> None:
        if (new.tree, new.parents) != (old.tree, old.parents):
            self._commits[oid] = new_oid = new.oid(self._repository.object_format)
            self._new[new_oid] = new

    def _stripped_tree(self, commit: CommitObject, run: str | None, project: str) -> str:
        found = {
            place: entry
            for purge in self._purges
            for path in purge.paths
            for place in (path, f"{path}{POINTER}")
            if (entry := self._editor.find(commit.tree, place)) is not None
            and (entry.oid in purge.dead or commit.committed <= _moment(purge))
        }
        if not found:
            return commit.tree
        for entry in found.values():
            inside = list(islice(self._editor.files(entry), _MOST_NAMED + 1))
            self._dead |= {entry.oid, *(inside if len(inside) <= _MOST_NAMED else ())}
        if run is not None:
            self._stripped.add(run)
        edits: dict[str, Entry | None] = dict.fromkeys(found)
        record = f"{project}/{RECORD_NAME}" if project else RECORD_NAME
        edits |= self._record(commit.tree, record, found)
        return self._editor.edit(commit.tree, edits)

    def _record(self, tree: str, place: str, paths: Iterable[str]) -> dict[str, Entry | None]:
        """Return the record without the paths; one that cannot be read stays as it is."""
        entry = self._editor.find(tree, place)
        content = self._repository.objects.blob(entry.oid) if entry is not None else None
        if entry is None or content is None:
            return {}
        try:
            record = from_json(content)
        except UnreadableRecord:
            return {}
        for path in paths:
            record = without_path(record, path.removesuffix(POINTER))
        changed = to_json(record)
        oid = object_oid("blob", changed, self._repository.object_format)
        self._blobs[oid] = changed
        return {place: Entry(entry.mode, oid)}

    def write(self) -> None:
        """Write what was made, in one pack."""
        made = [("blob", content) for content in self._blobs.values()]
        made += [("tree", content) for content in self._editor.made.values()]
        made += [("commit", commit.content) for commit in self._new.values()]
        write_objects(self._repository, made if self._new else [])


def _moment(purge: Purge) -> float:
    return parse_time(purge.time).timestamp()
