"""Where cloud-versioned remotes keep data: under its own path, in versions that pointers name."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from gitexp.data.manifests import folder_manifest
from gitexp.data.plain_yaml import load_plain
from gitexp.errors import GitexpError


class Version(Struct, frozen=True):
    """One version of a file on a remote."""

    remote: str | None
    """None if the pointer does not name it: any remote may have it."""
    path: str
    """Relative to the DVC project, and so to the remote's folder."""
    id: str


class Versions(Struct):
    """The versions that pointers name."""

    files: dict[str, list[Version]] = field(default_factory=dict)
    """By the hash of the file."""
    folders: dict[str, dict[str, str]] = field(default_factory=dict)
    """The hashes of the files in a folder by their path in it, by the hash of the folder."""

    def add(self, content: bytes, path: str, folders: Mapping[str, str | None]) -> None:
        """Take what a `.dvc` or `dvc.lock` file says, which lies at a path in the DVC project.

        `folders` are those of the stages of a `dvc.lock`. What DVC did not write is passed over.
        """
        try:
            document = load_plain(content, path)
        except GitexpError:
            return
        for place, out in _outs(document, path, folders):
            listed = out.get("files")
            if not isinstance(listed, list):
                self._add_file(place, out)
                continue
            inside = [one for one in listed if isinstance(one, dict) and one.get("relpath")]
            for one in inside:
                self._add_file(posixpath.join(place, str(one["relpath"])), one)
            if all(one.get("md5") for one in inside):
                found = {str(one["relpath"]): str(one["md5"]) for one in inside}
                name = hashlib.md5(folder_manifest(found), usedforsecurity=False).hexdigest()
                self.folders[f"{name}.dir"] = found

    def of(self, md5: str, remote: str) -> Iterator[Version]:
        """Yield the versions of a file on a remote."""
        return (one for one in self.files.get(md5, ()) if one.remote in (None, remote))

    def has(self, md5: str, remote: str) -> bool:
        """Return whether a remote has a version of all that a hash stands for."""
        names = self.folders.get(md5, {"": md5}).values()
        return all(any(self.of(name, remote)) for name in names)

    def _add_file(self, place: str, entry: Mapping[str, Any]) -> None:
        md5, path = entry.get("md5"), posixpath.normpath(place)
        if not isinstance(md5, str) or path.startswith(("../", "/")):
            return
        cloud = entry.get("cloud")
        told = {None: entry, **(cloud if isinstance(cloud, dict) else {})}
        for remote, one in told.items():
            if isinstance(one, dict) and (version := one.get("version_id")):
                self.files.setdefault(md5, []).append(Version(remote, path, str(version)))


def _outs(
    document: object, path: str, folders: Mapping[str, str | None]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the outputs of a pointer file, each with its path in the DVC project."""
    if not isinstance(document, dict):
        return
    home, stages = posixpath.dirname(path), document.get("stages")
    parts = (
        [(document.get("wdir"), document)]
        if not isinstance(stages, dict)
        else [
            (folders.get(str(n), folders.get(str(n).partition("@")[0])), s)
            for n, s in stages.items()
        ]
    )
    for folder, part in parts:
        outs = part.get("outs") if isinstance(part, dict) else None
        for out in outs if isinstance(outs, list) else ():
            if isinstance(out, dict) and isinstance(out.get("path"), str):
                yield posixpath.join(home, str(folder or ""), out["path"]), out
