"""The project as it is when the command starts, kept by git before it starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.execution.files import Signature, signatures
from gitexp.execution.head import HeadState
from gitexp.execution.untracked import Untracked, check_bulk, list_untracked
from gitexp.git.index import Listing, PrivateIndex
from gitexp.git.trees import SUBMODULE_MODE, Entry
from gitexp.project import Project


@dataclass(frozen=True)
class Snapshot:
    """What a command found. Paths are relative to the top of the repository."""

    index: PrivateIndex
    entries: Mapping[str, Entry]
    tracked: frozenset[str]
    """What the user's index held."""
    signatures: Mapping[str, Signature]
    """Of every file that was looked at, recorded or not."""
    untracked: Untracked
    refused: tuple[str, ...]
    """What git could not add."""
    head: HeadState
    tree: str = ""


def take_snapshot(project: Project, scratch: Path, rewritten: Iterable[str]) -> Snapshot:
    """Write the work tree as a tree, through an index of our own.

    `rewritten` names the files that gitexp itself wrote a moment ago, which are always
    hashed anew. The signatures are taken first: an edit that comes between is then seen
    as one, not taken for what the command found.
    """
    repository = project.repository
    index = PrivateIndex.copied(repository, scratch / "snapshot.index")
    head = HeadState.of(repository)
    listing = index.listing()
    check_merged(listing.unmerged)
    tracked = frozenset(listing.entries)
    found = signatures(repository.top, tracked)
    unsure = _unsure(index, listing, found)
    untracked = list_untracked(index, project.recorded_folders(), project.config.max_file_size)
    check_bulk(untracked)
    index.put({path: listing.entries[path] for path in (*unsure, *rewritten) if path in tracked})
    refused = index.add_tracked()
    params = [project.path(name) for name in project.params_files]  # also where git ignores them
    present = [path for path in params if (repository.top / path).is_file()]
    new = [*untracked.taken, *untracked.nested, *rewritten, *present]
    refused += index.add(dict.fromkeys(new))
    index.remove(path for path in tracked if ".gitexp" in path.split("/")[:-1])
    entries = index.entries()
    return Snapshot(
        index=index,
        entries=entries,
        tracked=tracked,
        signatures={**found, **untracked.signatures},
        untracked=untracked,
        refused=tuple(sorted(set(refused))),
        head=head,
    )


def _unsure(index: PrivateIndex, listing: Listing, found: Mapping[str, Signature]) -> Iterator[str]:
    """Yield the files whose edits git may overlook, so that they have to be hashed.

    Most builds of git compare times by the second: what was touched in the second of the
    last `git add`, with its old time and size put back, looks unchanged to them.
    """
    second = index.second
    for path, (_, changed, *_) in found.items():
        overlooked = changed >= second or listing.changed.get(path, changed) != changed
        if overlooked and listing.entries[path].mode != SUBMODULE_MODE:
            yield path
    yield from listing.assumed


def with_tree(snapshot: Snapshot) -> Snapshot:
    """Write the snapshot's tree into the object database."""
    return replace(snapshot, tree=snapshot.index.write_tree())


def check_merged(unmerged: Sequence[str]) -> None:
    """Raise GitexpError where a merge left conflicts."""
    if unmerged:
        raise GitexpError(
            f"'{unmerged[0]}' has conflicts that are not resolved",
            hint="Resolve them and `git add` the files, or `git merge --abort`.",
        )
