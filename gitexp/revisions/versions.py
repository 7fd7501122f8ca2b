"""The versions of data that the pointers of a project name, where a remote is cloud-versioned."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from gitexp.data.dvc_settings import read_settings
from gitexp.data.pipelines import LOCK_NAME, PIPELINE_NAME
from gitexp.data.pointers import stage_folders
from gitexp.data.versions import Versions
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository

_FILES = (":(top,glob)**/*.dvc", f":(top,glob)**/{LOCK_NAME}")

Read = Callable[[str], bytes | None]


def known_versions(repository: Repository, root: Path, revs: Iterable[str]) -> Versions:
    """Return the versions that pointers of a DVC project name, in the work tree, HEAD and revs.

    Nothing is looked for if no remote of it is cloud-versioned.
    """
    found = Versions()
    if not read_settings(root).versioned:
        return found
    start = "" if root == repository.top else f"{repository.relative(root)}/"
    here = repository.attempt("grep", "-lz", "--untracked", "-e", "version_id", "--", *_FILES)
    _add(found, start, _listed(here.stdout), _reader(repository.top))
    for rev in dict.fromkeys(("HEAD", *revs)):
        told = repository.attempt("grep", "-lz", "-e", "version_id", rev, "--", *_FILES)
        paths = (path.removeprefix(f"{rev}:") for path in _listed(told.stdout))
        _add(found, start, paths, partial(_blob, repository, rev))
    return found


def _listed(told: bytes) -> Iterator[str]:
    return map(os.fsdecode, told.split(b"\0")[:-1])


def _blob(repository: Repository, rev: str, path: str) -> bytes | None:
    return repository.objects.blob(f"{rev}:{path}")


def _reader(top: Path) -> Read:
    def read(path: str) -> bytes | None:
        try:
            return (top / path).read_bytes()
        except OSError:
            return None

    return read


def _add(found: Versions, start: str, paths: Iterable[str], read: Read) -> None:
    for path in paths:
        content = read(path) if path.startswith(start) else None
        if content is None:
            continue
        folders = {}
        if path.endswith(LOCK_NAME):
            with contextlib.suppress(GitexpError):
                pipeline = f"{path.removesuffix(LOCK_NAME)}{PIPELINE_NAME}"
                folders = stage_folders(read(pipeline) or b"", pipeline)
        found.add(content, path.removeprefix(start), folders)
