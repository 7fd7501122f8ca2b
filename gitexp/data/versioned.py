"""Data of cloud-versioned remotes, which pointers name by its version, on its way to the cache."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gitexp.data.chunks import hash_file
from gitexp.data.dvc_project import open_project
from gitexp.data.manifests import folder_manifest
from gitexp.data.objects import Objects
from gitexp.data.versions import Version, Versions


def is_versioned(remote: Any) -> bool:
    """Return whether a remote of DVC's keeps files by their paths, in the storage's versions."""
    return bool(remote.worktree or remote.fs.version_aware)


def fetch_versions(
    root: Path, remote: Any, wanted: Iterable[str], versions: Versions, *, whole: bool
) -> tuple[int, frozenset[str]]:
    """Copy data to the cache; return how many files came, and what did not.

    Of a folder that is not wanted `whole`, only the list of its files comes.
    """
    project = open_project(root, fetches=True)
    objects = Objects(project.cache, shared=project.shared)
    count, lost = 0, set[str]()
    for name in wanted:
        members = versions.folders.get(name)
        if not versions.has(name, remote.name):
            lost.add(name)
            continue
        files = {name} if members is None else set(members.values()) if whole else set[str]()
        came = {md5 for md5 in files if _here(objects, md5)}
        for md5 in sorted(files - came):
            if _fetch(objects, remote, md5, versions.of(md5, remote.name)):
                came.add(md5)
                count += 1
        if files - came:
            lost.add(name)
        elif members is not None:
            objects.put_bytes(folder_manifest(members), name)
    objects.sync_folders()
    return count, frozenset(lost)


def kept_versions(remote: Any, hashes: Iterable[str], versions: Versions) -> Iterator[str]:
    """Yield the hashes of which a remote still has each file in a version that is known."""
    for name in hashes:
        files = versions.folders.get(name, {"": name}).values()
        known = [[_place(remote, one) for one in versions.of(md5, remote.name)] for md5 in files]
        if all(places and any(map(remote.fs.exists, places)) for places in known):
            yield name


def _here(objects: Objects, md5: str) -> bool:
    return objects.path(md5).exists()


def _fetch(objects: Objects, remote: Any, md5: str, known: Iterable[Version]) -> bool:
    """Copy one file from the first version that is what its hash says."""
    for version in known:
        with tempfile.TemporaryDirectory(prefix="gitexp-") as folder, objects.batch(1) as batch:
            copy = Path(folder, "file")
            try:
                remote.fs.get_file(_place(remote, version), os.fspath(copy))
            except FileNotFoundError:
                continue
            if hash_file(copy) == md5:
                batch.add(copy)
                return True
    return False


def _place(remote: Any, version: Version) -> str:
    path = remote.fs.join(remote.path, *version.path.split("/"))
    return str(remote.fs.version_path(path, version.id))
