"""What `dvc.lock` says of the data that stages read: dependencies and datasets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from gitexp.data.pipelines import PIPELINE_NAME
from gitexp.data.plain_yaml import load_plain
from gitexp.data.pointers import Pointer, parse_dvc_lock, stage_folders

DATASET = "ds://"
"""How `dvc.yaml` names a dataset among the dependencies of a stage."""


def locked_inputs(lock_path: str, read: Callable[[str], bytes | None]) -> Iterator[Pointer]:
    """Yield the dependencies of stages that no stage writes, and the datasets.

    A dependency may be code in git: `dvc.lock` has a hash of that, too. A dataset has no bytes of
    its own here; what stands for them is a hash of all that `dvc.lock` says of it.

    Raises GitexpError for a lock file that is not what DVC writes.
    """
    content = read(lock_path) or b""
    pipeline = f"{lock_path.rpartition('/')[0]}/{PIPELINE_NAME}".lstrip("/")
    folders = stage_folders(read(pipeline) or b"", pipeline)
    listed = parse_dvc_lock(content, lock_path, folders)
    written = {one.path for one, role in listed if role == "out"}
    for one, role in listed:
        if role == "dep" and "://" not in one.path and not _is_written(one.path, written):
            yield one
    yield from _datasets(load_plain(content, lock_path))


def _is_written(path: str, outs: set[str]) -> bool:
    return any(
        path == out or path.startswith(f"{out}/") or out.startswith(f"{path}/") for out in outs
    )


def _datasets(lock: object) -> Iterator[Pointer]:
    listed: Any = lock.get("datasets") if isinstance(lock, dict) else None
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            import hashlib  # noqa: PLC0415 - 2 ms, for OpenSSL comes along

            said = json.dumps(one, sort_keys=True).encode()
            md5 = hashlib.md5(said, usedforsecurity=False).hexdigest()
            yield Pointer(f"{DATASET}{one['name']}", md5)
