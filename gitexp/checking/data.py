"""Where the data behind pointers is: in the DVC cache, on a remote, or nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from gitexp.data.dvc_project import find_root
from gitexp.data.pointers import LEGACY_HASH, Pointer
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.model.paths import TopPath
from gitexp.project import Project

if TYPE_CHECKING:
    from gitexp.data.checkout import DataSource


class DataPlaces(Struct, frozen=True):
    """What was found out about the data behind some pointers; paths are the project's."""

    here: tuple[str, ...] = ()
    """In the cache."""
    remote: tuple[str, ...] = ()
    """Not in the cache, but on a remote."""
    nowhere: tuple[str, ...] = ()
    """Neither; if no remote was asked, only not in the cache."""
    problem: str | None = None
    """Why a remote that was to be asked did not answer."""

    def __or__(self, other: DataPlaces) -> DataPlaces:
        """Return what both say."""
        return DataPlaces(
            self.here + other.here,
            self.remote + other.remote,
            self.nowhere + other.nowhere,
            self.problem or other.problem,
        )


def find_data(project: Project, pointers: Iterable[Pointer], *, ask_remote: bool) -> DataPlaces:
    """Look for the data of pointers, whose paths are from the top of the repository."""
    top = project.repository.top
    by_root: dict[Path | None, dict[str, Pointer]] = {}
    for one in pointers:
        if "://" not in one.path:
            root = find_root((top / one.path).parent, top)
            by_root.setdefault(root, {})[project.name(TopPath(one.path))] = one
    found = DataPlaces()
    for root, named in by_root.items():
        found |= (
            DataPlaces(nowhere=tuple(named))
            if root is None
            else _found(project.repository, root, named, ask_remote)
        )
    return found


def _found(
    repository: Repository, root: Path, named: Mapping[str, Pointer], ask_remote: bool
) -> DataPlaces:
    """Look for the data of one DVC project."""
    from gitexp.data.checkout import DataSource  # noqa: PLC0415 - 30 ms, where there are pointers

    with DataSource(root) as source:
        here = tuple(name for name, one in named.items() if source.holds(one))
        absent = {name: one for name, one in named.items() if name not in here}
        if not absent or not ask_remote:
            return DataPlaces(here, nowhere=tuple(absent))
        wanted = {name: _hashes(source, one) for name, one in absent.items()}
        return _on_remote(repository, source, here, wanted)


def _hashes(source: DataSource, pointer: Pointer) -> frozenset[str]:
    """Return what has to be on the remote: of a folder whose list is here, each file too."""
    if not pointer.is_folder or pointer.hash_name == LEGACY_HASH:
        return frozenset({pointer.md5})
    try:
        return frozenset({pointer.md5, *source.members(pointer).values()})
    except GitexpError:
        return frozenset({pointer.md5})


def _on_remote(
    repository: Repository,
    source: DataSource,
    here: tuple[str, ...],
    wanted: Mapping[str, frozenset[str]],
) -> DataPlaces:
    from gitexp.data.remote import DataRemote  # noqa: PLC0415 - 6 ms, with --remote alone; DVC, another 200 ms
    from gitexp.revisions.versions import known_versions  # noqa: PLC0415 - 3 ms, with it

    root = source.project.root
    try:
        with DataRemote(root, versions=known_versions(repository, root, ())) as remote:
            lacking = remote.lacking(frozenset().union(*wanted.values()))
    except GitexpError as error:
        return DataPlaces(here, nowhere=tuple(wanted), problem=str(error).splitlines()[0])
    nowhere = tuple(name for name, hashes in wanted.items() if hashes & lacking)
    return DataPlaces(here, tuple(name for name in wanted if name not in nowhere), nowhere)
