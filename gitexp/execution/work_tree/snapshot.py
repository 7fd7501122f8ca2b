"""The project as it is when the command starts, kept by git before it starts."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.work_tree.files import Signature, is_nested_repository, signatures
from gitexp.execution.work_tree.head import HeadState
from gitexp.execution.work_tree.settled import Settled
from gitexp.execution.work_tree.untracked import Untracked, check_bulk, list_untracked
from gitexp.git.index import Listing, PrivateIndex, check_merged
from gitexp.git.links import follow_on_disk
from gitexp.git.repository import Repository
from gitexp.git.trees import LINK_MODE, SUBMODULE_MODE, Entry, is_below, object_oid, tree_oid
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.revisions.links import above, why_away

_SMALL = 1_000_000
"""Bytes up to which a file is read here."""
_FEW = 2000
"""Files up to which a tree's oid is worked out faster here (4 ms) than by processes of git."""


class Snapshot(Struct, frozen=True):
    """What a command found. Paths are relative to the top of the repository."""

    index: PrivateIndex
    entries: Mapping[str, Entry]
    tracked: Mapping[str, Entry]
    """What the user's index held; of a snapshot read back, as it was recorded."""
    signatures: Mapping[str, Signature]
    """Of every file that was looked at, recorded or not."""
    untracked: Untracked
    refused: tuple[str, ...]
    """What git could not add."""
    head: HeadState
    tree: str
    """Empty until it is written, unless it is that of HEAD."""
    skipped: frozenset[str] = frozenset()
    """Tracked files that a sparse checkout left out of the work tree."""
    changed: tuple[str, ...] | None = None
    """The paths that are new or differ from HEAD's; None if nobody has looked yet."""
    edited: Mapping[str, Entry] = {}
    """Entries that the index has otherwise: files that gitexp wrote after it was made."""

    @property
    def repositories(self) -> list[str]:
        """The repositories inside this one: submodules, and those that git does not track."""
        modules = (path for path, one in self.entries.items() if one.mode == SUBMODULE_MODE)
        return [*dict.fromkeys((*self.untracked.nested, *modules))]


class Leave(Protocol):
    """Tells which untracked files a run has nothing to do with."""

    @property
    def settled(self) -> tuple[Settled, ...]:
        """Folders of which that is known without a look at them."""
        ...

    def drops(self, places: Iterable[str]) -> bool:
        """Have what is near the places looked at after all; return whether any was settled."""
        ...

    def __call__(self, untracked: Untracked, /) -> Collection[str]:
        """Return those of the files."""
        ...


class _Nothing:
    settled: tuple[Settled, ...] = ()

    def drops(self, _: Iterable[str]) -> bool:
        """Return that all is looked at."""
        return False

    def __call__(self, _: Untracked, /) -> Collection[str]:
        """Take the work tree whole."""
        return ()


NOTHING_LEFT: Leave = _Nothing()


def take_snapshot(
    project: Project,
    scratch: Path,
    rewritten: Iterable[str],
    leave: Leave = NOTHING_LEFT,
) -> Snapshot:
    """Write the work tree as a tree, through an index of our own.

    `rewritten` names the files that gitexp itself wrote a moment ago, which are always hashed
    again; `leave` tells which untracked files the run has nothing to do with. The signatures are
    taken first: an edit that comes between is then seen as one, not taken for what the command
    found.
    """
    repository = project.repository
    index = PrivateIndex.copied(repository, scratch / "snapshot.index")
    head = HeadState.of(repository)
    listing = index.listing()
    check_merged(listing.unmerged)
    known = listing.entries
    found = signatures(repository.top, known)
    overlooked = list(_unsure(index, listing, found))
    untracked = list_untracked(
        *(index, project.recorded_folders(), project.config.max_file_size),
        settled=leave.settled,
        tracked=known,
    )
    untracked = untracked.without(leave(untracked))
    check_bulk(project, untracked)
    unsure = [path for path in overlooked if not _is_as_known(repository, path, known[path])]
    unsure += [path for path in rewritten if path in known]
    is_clean = not unsure and _is_told(listing, found)
    refused: list[str] = []
    if not is_clean:
        index.put({path: known[path] for path in unsure})
        refused = index.add_tracked()
        index.put(_hidden_submodules(repository, known))
    params = _params(project, known)  # even if git ignores them
    asked = [path for path in params if not is_clean or path not in known]
    present = [path for path in asked if (repository.top / path).is_file()]
    new = dict.fromkeys([*untracked.taken, *untracked.nested, *rewritten, *present])
    refused += index.add(new)
    untracked = _with_ignored(repository, untracked, {*present}.difference(known))
    ours = [path for path in known if ".gitexp" in path.split("/")[:-1]]
    index.remove(ours)
    entries = known if is_clean and not new and not ours else index.entries()
    return Snapshot(
        index=index,
        entries=entries,
        tracked=known,
        signatures={**found, **untracked.signatures},
        untracked=untracked,
        refused=tuple(sorted(set(refused))),
        head=head,
        tree=_committed(repository, head, entries),
        skipped=listing.skipped.difference(found),
    )


def _params(project: Project, known: Mapping[str, Entry]) -> list[TopPath]:
    """Return the params files and what those that are links lead to, as far as git can hold it.

    A link that leads out of the repository, or into DVC's cache, is taken only if git has it.
    """
    top, folders = project.repository.top, project.recorded_folders()
    paths: list[TopPath] = []
    for path in map(project.path, project.params_files):
        lead = follow_on_disk(top, path)
        is_here = not lead.links or (path in lead.links and why_away(path, lead) is None)
        if path in known or is_here:
            paths.append(path)
        is_ours = any(is_below(folder, lead.path) for folder in folders)
        inner = any(is_nested_repository(top / folder) for folder in above(lead.path))
        if lead.links and why_away(path, lead) is None and is_ours and not inner:
            paths.append(lead.path)
    return list(dict.fromkeys(paths))


def _with_ignored(repository: Repository, untracked: Untracked, params: set[TopPath]) -> Untracked:
    """Return the untracked files with the params files among them that git ignores."""
    ignored = signatures(repository.top, params.difference(untracked.signatures))
    if not ignored:
        return untracked
    return replace(
        untracked,
        signatures={**untracked.signatures, **ignored},
        taken=(*untracked.taken, *sorted(ignored)),
        ignored=tuple(sorted(ignored)),
    )


def _hidden_submodules(repository: Repository, known: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return submodules at the commits they are at, if some may be hidden.

    Git 2.55 leaves those with `ignore = all` out of `git add -u`.
    """
    paths = [path for path, entry in known.items() if entry.mode == SUBMODULE_MODE]
    hides = any(key.endswith((".ignore", ".ignoresubmodules")) for key in repository.config)
    modules = repository.top / ".gitmodules"
    if not paths or not (hides or (modules.is_file() and b"ignore" in modules.read_bytes())):
        return {}
    found: dict[str, Entry] = {}
    for path in paths:
        with contextlib.suppress(GitexpError), Repository.open(repository.top / path) as inner:
            oid = inner.objects.commit("HEAD") if inner.top == repository.top / path else None
            found |= {path: Entry(SUBMODULE_MODE, oid)} if oid is not None else {}
    return found


def _is_as_known(repository: Repository, path: str, entry: Entry) -> bool:
    """Return whether a file is, byte for byte, the one that the index names.

    Then no filter of git's matters. Asked of few files, and of no large one.
    """
    file = repository.top / path
    try:
        found = file.lstat()
        if stat.S_ISLNK(found.st_mode):
            mode, content = LINK_MODE, os.fsencode(file.readlink())
        elif stat.S_ISREG(found.st_mode) and found.st_size <= _SMALL:
            mode, content = _mode(found.st_mode), file.read_bytes()
        else:
            return False
    except OSError:
        return False
    return entry == Entry(mode, object_oid("blob", content, repository.object_format))


def _mode(mode: int) -> str:
    return "100755" if mode & stat.S_IXUSR else "100644"


def _is_told(listing: Listing, found: Mapping[str, Signature]) -> bool:
    """Return whether the times of last change show that every tracked file is as it was.

    Then git need not be asked. They show nothing about submodules, nor about files that are gone,
    unless a sparse checkout leaves those out.
    """
    return all(
        entry.mode != SUBMODULE_MODE
        and (path in listing.changed if path in found else path in listing.skipped)
        for path, entry in listing.entries.items()
    )


def _committed(repository: Repository, head: HeadState, entries: Mapping[str, Entry]) -> str:
    """Return the tree of HEAD if it holds just these entries, so that nothing need be written."""
    tree = repository.objects.read(f"{head.oid}^{{tree}}") if head.oid is not None else None
    if tree is None or len(entries) > _FEW:
        return ""
    return tree.oid if tree_oid(entries, repository.object_format) == tree.oid else ""


def _unsure(index: PrivateIndex, listing: Listing, found: Mapping[str, Signature]) -> Iterator[str]:
    """Yield the files whose edits git may overlook, so that they have to be hashed.

    Most builds of git compare times by the second: what was touched in the second of the
    last `git add`, with its old time and size put back, looks unchanged to them.
    """
    second = index.second
    for path, (_, changed, *_) in found.items():
        overlooked = changed >= second or listing.changed.get(path, changed) != changed
        is_file = listing.entries[path].mode != SUBMODULE_MODE
        if (overlooked and is_file) or path in listing.skipped:
            yield path
    yield from listing.assumed


def with_tree(snapshot: Snapshot) -> Snapshot:
    """Write the snapshot's tree into the object database, unless it is there as HEAD's."""
    if snapshot.tree:
        return snapshot
    return replace(snapshot, tree=snapshot.index.write_tree())
