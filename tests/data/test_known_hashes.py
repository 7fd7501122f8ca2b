"""DVC's database of hashes, opened ahead by a thread that has the time."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from dvc_objects.fs import localfs

from gitexp.data.cache import DataCache
from gitexp.data.dvc_project import open_project, state_folder
from gitexp.data.known_hashes import KnownHashes, _opened, open_ahead


def ahead(root: Path) -> bool:
    """Open it in a thread, as a run does while its command is at work."""
    thread = threading.Thread(target=open_ahead, args=(open_project(root),))
    thread.start()
    thread.join()
    return str(state_folder(open_project(root))) in _opened


def stored(root: Path, name: str) -> str:
    (root / name).write_text(name)
    with DataCache(root) as cache:
        return cache.store(name).md5


def known_to_dvc(root: Path, name: str) -> str | None:
    state = KnownHashes(open_project(root)).state
    _, found = state.get(str(root / name), localfs)
    return found.value if found is not None else None


def test_it_is_used_as_if_it_had_been_opened_then(project: Path) -> None:
    """Nobody makes one that is not there, and one that has gone meanwhile costs no result."""
    assert not ahead(project)
    first = stored(project, "one")
    assert ahead(project)
    second = stored(project, "two")
    assert not _opened.keys() & {str(state_folder(open_project(project)))}
    assert (known_to_dvc(project, "one"), known_to_dvc(project, "two")) == (first, second)

    assert ahead(project)
    folder = state_folder(open_project(project))
    assert folder is not None
    shutil.rmtree(folder)
    third = stored(project, "three")
    assert (project / ".dvc/cache/files/md5" / third[:2] / third[2:]).read_text() == "three"
    assert known_to_dvc(project, "three") in (None, third)
