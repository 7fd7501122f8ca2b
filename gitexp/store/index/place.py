"""Where the search index may lie: in the git directory, in the user's cache folder, in memory.

SQLite needs a folder to write in, locks that work, and memory that all its processes share:
on a network file system the second may be missing, and between hosts the third always is.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from gitexp.git.repository import Repository
from gitexp.model.lean_digests import lean_digest
from gitexp.store.index.file import IN_MEMORY
from gitexp.store.own import INDEX_PROBE, own_folder

_NETWORK = (
    *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "gfs", "gfs2", "glusterfs", "gpfs"),
    *("lustre", "nfs", "nfs4", "ocfs2", "orangefs", "panfs", "pvfs2", "smb3", "smbfs", "wekafs"),
)
"""File systems that several hosts may have mounted at once."""


def index_places(repository: Repository, *, may_write: bool = True) -> Iterator[Path]:
    """Yield where the index of a repository can be kept, the best place first.

    With `may_write` false only folders that are there already are considered. Memory is
    always the last one.
    """
    own = own_folder(repository)
    if (may_write or own.path.is_dir()) and takes_index(own.path):
        yield own.index
    if may_write:
        folder, name = _in_cache(repository)
        if takes_index(folder, shared=False):
            yield folder / name
    yield IN_MEMORY


def takes_index(folder: Path, *, shared: bool = True) -> bool:
    """Return whether SQLite can keep a database in a folder, which is made if need be.

    `shared` says that other hosts use the database as well, if the file system lets them.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / INDEX_PROBE).open("a") as probe:
            if shared and file_system(folder) in _NETWORK:
                return False
            fcntl.lockf(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in (errno.EAGAIN, errno.EACCES) and os.access(folder, os.W_OK)
    return True


def file_system(folder: Path) -> str:
    """Return the type of the file system that a folder is on; '' if unknown."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text(errors="replace").splitlines():
            if f" {number} " in line and line.split()[2] == number:
                return line.partition(" - ")[2].split()[0]
    return ""


def _in_cache(repository: Repository) -> tuple[Path, str]:
    """Return folder and name of a repository's index in the user's cache.

    Named for the host as well: a home folder may be on a network file system itself. The
    inode tells a repository from another one that was made later in its place.
    """
    from platformdirs import user_cache_path  # noqa: PLC0415 - 5 ms, where it is needed

    place = repository.common_dir
    key = "\0".join((os.uname().nodename, str(place), str(place.stat().st_ino)))
    digest = lean_digest("sha256", os.fsencode(key)).hexdigest()[:20]
    return user_cache_path("gitexp") / "indexes", f"{digest}.sqlite"
