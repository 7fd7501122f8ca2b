"""The data of a project on its way from the caches and remotes of its DVC projects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

from gitexp.data.checkout import DataSource
from gitexp.data.pointers import Pointer, SafePlace
from gitexp.pointers.roots import new_root_of
from gitexp.project import Project
from gitexp.revisions.versions import known_versions


class ProjectData:
    """The caches and remotes of a project; paths of pointers are from the top of the repository.

    A pointer is looked for where the DVC project around its path keeps data.
    """

    def __init__(
        self,
        project: Project,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._project = project
        self._warn = warn
        self._revs: list[str] = []
        self._parts: dict[Path, DataSource] = {}
        self._open = ExitStack()

    def look_in(self, rev: str) -> None:
        """Take versions of data on a cloud-versioned remote from the pointers of a commit, too."""
        self._revs.append(rev)

    def is_sound(self, pointer: Pointer, *, only_look: bool = False) -> bool:
        """Return whether the cache has the data whole, and each object is what its name says."""
        return self._of(pointer).is_sound(pointer, only_look=only_look)

    def is_sound_list(self, pointer: Pointer) -> bool:
        """Return whether the cache has a file, or the list of a folder's files, undamaged."""
        return self._of(pointer).is_sound_list(pointer)

    def members(self, pointer: Pointer) -> Mapping[str, str]:
        """Return the hashes of the files in a folder by their path in it; raises DataMissing."""
        return self._of(pointer).members(pointer)

    def object_of(self, pointer: Pointer, md5: str) -> Path:
        """Return where the cache keeps a file of that hash, or would keep it."""
        return self._of(pointer).object(pointer, md5)

    def place(self, pointer: Pointer, path: SafePlace) -> None:
        """Put data from the cache into the work tree exactly as `dvc checkout` would."""
        self._of(pointer).place(pointer, path)

    def copy(self, pointer: Pointer, md5: str, target: Path) -> None:
        """Copy one file of the cache to a new path, writable, without bytes if it can."""
        self._of(pointer).copy(pointer, md5, target)

    def fetch_missing(self, pointers: Iterable[Pointer], *, whole: bool = True) -> str | None:
        """Ask the remotes for what the caches lack; return why that failed, if it did.

        What is damaged in a cache counts as missing. Of a folder that is not wanted `whole`, only
        the list of its files comes.
        """
        wanted: dict[DataSource, list[Pointer]] = defaultdict(list)
        for one in pointers:
            if not self.is_sound(one):
                wanted[self._of(one)].append(one)
        reason = None
        for source, some in wanted.items():
            root = source.project.root
            if (root / ".dvc").is_dir():
                versions = known_versions(self._project.repository, root, self._revs)
                reason = reason or source.fetch(some, versions, whole=whole)
            else:
                reason = (
                    reason or "no `.dvc/config` is checked out here, which would name its remote"
                )
        return reason

    def _of(self, pointer: Pointer) -> DataSource:
        root = new_root_of(self._project, pointer.path)
        if root not in self._parts:
            self._parts[root] = self._open.enter_context(DataSource(root, self._warn))
        return self._parts[root]

    def __enter__(self) -> ProjectData:
        """Return the data itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the databases of known hashes."""
        self._open.close()
