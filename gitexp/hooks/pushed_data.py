"""The data of what is pushed, sent before the commits that point to it."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from gitexp.data.dvc_project import find_root
from gitexp.data.pointers import Pointer, pointers_of
from gitexp.errors import GitexpError
from gitexp.git.additions import added_files
from gitexp.git.repository import Repository
from gitexp.hooks.entry import progress_line, tell
from gitexp.model.numbers import counted
from gitexp.review.words import named
from gitexp.revisions.by_name import is_pointer

if TYPE_CHECKING:
    from gitexp.data.remote import DataRemote
    from gitexp.data.transfer import Moved


class _Wanted(Struct, frozen=True):
    """The data of one DVC project that is to be sent."""

    paths: dict[str, str] = field(default_factory=dict)
    """By hash, the path of one pointer to it."""
    commits: dict[str, set[str]] = field(default_factory=dict)
    """By commit, the hashes of the pointers that came with it."""
    at_tips: set[str] = field(default_factory=set)
    """The hashes that one of the tips points to."""


def send_data(repository: Repository, new: Sequence[str], tips: Collection[str]) -> Iterator[str]:
    """Send the data of pointers that came with new commits; yield what data cannot be had.

    What only a commit before the tips has lost is merely reported: nobody can fix it.
    """
    by_root: dict[Path | None, _Wanted] = defaultdict(_Wanted)
    at_tips: dict[str, set[str]] = {}
    for commit, file, pointer in _new_pointers(repository, new):
        root = find_root((repository.top / file).parent, repository.top)
        wanted = by_root[root]
        wanted.paths[pointer.md5] = pointer.path
        wanted.commits.setdefault(commit, set()).add(pointer.md5)
        if file not in at_tips:
            at_tips[file] = {one.md5 for tip in tips for one in _pointers(repository, tip, file)}
        wanted.at_tips.update(at_tips[file] & {pointer.md5})
    for root, wanted in by_root.items():
        if root is None:
            names = _quoted(wanted.paths.values())
            tell(f"warning: the data of {names} stays here: DVC is not set up")
            continue
        try:
            yield from _send(repository, root, wanted)
        except GitexpError as error:
            yield f"the data cannot be sent: {error}"


def _send(repository: Repository, root: Path, wanted: _Wanted) -> Iterator[str]:
    from gitexp.data.remote import DataRemote  # noqa: PLC0415 - 6 ms, and DVC 200 ms, where data is pushed
    from gitexp.revisions.versions import known_versions  # noqa: PLC0415 - 3 ms, with it

    count, gone = 0, set[str]()
    versions = known_versions(repository, root, wanted.commits)
    with progress_line() as progress, DataRemote(root, progress, versions) as remote:
        for name, hashes in _by_remote(repository, remote, wanted).items():
            moved = _copied(remote, name, wanted, hashes)
            count, gone = count + moved.count, gone | moved.lost
        if gone:
            with contextlib.suppress(GitexpError):  # another remote may have it
                gone &= remote.lacking(gone)
    if count:
        tell(f"sent {counted(count, 'file')} of data")
    where = "neither here nor on the DVC remote"
    if earlier := gone - wanted.at_tips:
        names = _quoted(wanted.paths[md5] for md5 in earlier)
        tell(f"warning: the data of {names}, in a version before the last, is {where}")
    if last := gone & wanted.at_tips:
        yield f"the data of {_quoted(wanted.paths[md5] for md5 in last)} is {where}"


def _copied(remote: DataRemote, name: str | None, wanted: _Wanted, hashes: set[str]) -> Moved:
    from gitexp.data.remote import NoDataRemote  # noqa: PLC0415 - 6 ms with the one below, as above
    from gitexp.data.transfer import Moved  # noqa: PLC0415

    try:
        hashes -= remote.versioned(hashes, name)
        moved = remote.push(hashes, name) if hashes else Moved()
    except NoDataRemote as error:
        names = _quoted(wanted.paths[md5] for md5 in hashes)
        tell(f"warning: the data of {names} stays here: {error}")
        if error.hint:
            tell(f"hint: {error.hint}")
        return Moved()
    return Moved(moved.count, moved.lost & hashes)


def _by_remote(
    repository: Repository, remote: DataRemote, wanted: _Wanted
) -> Mapping[str | None, set[str]]:
    """Return the hashes by where DVC keeps them: the default remote, or an output's own."""
    from gitexp.sharing.data import saying_where  # noqa: PLC0415 - 8 ms, as above

    found: dict[str | None, set[str]] = defaultdict(set)
    speaking = saying_where(repository, list(wanted.commits))
    for commit, hashes in wanted.commits.items():
        own: Mapping[str, frozenset[str | None]] = {}
        if commit in speaking:
            with contextlib.suppress(GitexpError):  # a pipeline that DVC cannot read
                own = remote.own_remotes(commit)
        for md5 in hashes:
            for name in own.get(md5, frozenset({None})):
                found[name].add(md5)
    return found


def _new_pointers(repository: Repository, new: Sequence[str]) -> Iterator[tuple[str, str, Pointer]]:
    """Yield each pointer that a commit brings, with the commit and the file it stands in."""
    for commit, file in added_files(repository, new):
        if is_pointer(file):
            for one in _pointers(repository, commit, file):
                if repository.objects.read(f"{commit}:{one.path}") is None:  # else git sends it
                    yield commit, file, one


def _pointers(repository: Repository, commit: str, file: str) -> list[Pointer]:
    with contextlib.suppress(GitexpError):  # of before the tip: nobody can fix it
        found = pointers_of(file, lambda path: repository.objects.blob(f"{commit}:{path}"))
        return [one for one in found if "://" not in one.path]
    return []


def _quoted(paths: Iterable[str]) -> str:
    return named([f"'{path}'" for path in sorted(set(paths))])
