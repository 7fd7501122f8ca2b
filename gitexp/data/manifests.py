"""Manifests: what DVC keeps in its cache for a folder, its files with their hashes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.refused_names import is_refused

_MD5 = lazy_pattern(r"[0-9a-f]{32}")
_OF_TOOLS = frozenset({".dvc", ".hg"})
"""Folders that DVC never takes for data, as it never takes `.git`."""


def folder_manifest(digests: Mapping[str, str]) -> bytes:
    """Return what DVC keeps in its cache for a folder of files by relative path.

    >>> folder_manifest({"b": "1", "a": "2"})
    b'[{"md5": "2", "relpath": "a"}, {"md5": "1", "relpath": "b"}]'
    """
    return json.dumps(
        [{"md5": digests[path], "relpath": path} for path in sorted(digests)]
    ).encode()


def folder_members(manifest: bytes) -> dict[str, str]:
    """Return the hashes of a folder's files by their path in it; raises ValueError.

    A manifest may come from anybody: a path that leads out of the folder or into a repository
    of its own, or a hash that leads out of the cache, would have another file written or read.

    >>> folder_members(b'[{"md5": "3b5d5c3712955042212316173ccf37be", "relpath": "a/b"}]')
    {'a/b': '3b5d5c3712955042212316173ccf37be'}
    """
    listed = json.loads(manifest)
    try:
        found = {str(one["relpath"]): str(one["md5"]) for one in listed}
    except (KeyError, TypeError) as error:
        raise ValueError("not a list of files") from error
    for path, md5 in found.items():
        if not _MD5.fullmatch(md5) or is_refused(path) or _is_of_tools(path):
            raise ValueError(f"'{path}' is not a file in a folder")
    return found


def _is_of_tools(path: str) -> bool:
    has_hidden = path.startswith(".") or "/." in path  # few have, of what may be a million
    return has_hidden and not _OF_TOOLS.isdisjoint(path.lower().split("/"))
