"""What a command overwrites, kept under a ref of its own, and the way back."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

from msgspec import Struct

from gitexp.data.dvc_file import dvc_file_bytes, dvc_lock_bytes
from gitexp.data.pointers import stage_folders
from gitexp.git.commits import write_blobs, write_commit
from gitexp.git.index import PrivateIndex
from gitexp.git.refs import ABSENT, Move, RefMoved, move
from gitexp.git.trees import Entry
from gitexp.handover.apply_plan import ApplyPlan
from gitexp.pointers.door import DataDoor
from gitexp.project import Project
from gitexp.store.own import IDENTITY, RECOVERY

_ATTEMPTS = 100


class Recovery(Struct, frozen=True):
    """What was kept."""

    ref: str
    targets: tuple[str, ...]
    """What to give to `dvc checkout`, because the data is in the DVC cache."""

    def undo(self, directory: str) -> str:
        """Return the command that puts all of it back, to be called in a folder from the top."""
        restore = f"git restore --overlay --source={self.ref} -- :/"
        if not self.targets:
            return restore
        targets = shlex.join(os.path.relpath(path, directory or ".") for path in self.targets)
        return f"{restore} && dvc checkout --force {targets}"


def keep(project: Project, plan: ApplyPlan, scratch: Path) -> Recovery | None:
    """Keep what a plan overwrites; return None if it overwrites nothing.

    Data goes into the DVC cache, and a pointer to it into the commit.
    """
    repository = project.repository
    found = _unless_tracked(plan)
    pointers = _store(project, found)
    if not plan.overwritten and not pointers:
        return None
    oids = write_blobs(repository, list(pointers.values()), scratch)
    index = PrivateIndex(repository, scratch / "recovery.index")
    index.put(plan.overwritten)
    index.put({path: Entry("100644", oid) for path, oid in zip(pointers, oids, strict=True)})
    message = f"What applying run {plan.run} overwrote in the work tree\n"
    oid, _ = write_commit(
        repository, tree=index.write_tree(), parents=(), message=message, identity=IDENTITY
    )
    targets = (file if file.endswith(".dvc") else path for path, file in found.items())
    return Recovery(_name(project, oid), tuple(dict.fromkeys(targets)))


def _unless_tracked(plan: ApplyPlan) -> dict[str, str]:
    """Return the data that is overwritten, with the files that point to it."""
    files = {one.pointer.path: one.file for one in plan.data.todo}
    return {path: files[path] for path in plan.data.present if path not in plan.removed}


def _store(project: Project, found: Mapping[str, str]) -> dict[str, bytes]:
    """Put data into the cache; return the `.dvc` and `dvc.lock` files that point to it."""
    files: dict[str, bytes] = {}
    if not found:
        return files
    with DataDoor(project) as door:
        for path, file in found.items():
            before = files.get(file) or _content(project, file)
            pointer = door.store(path)
            if file.endswith(".dvc"):
                files[file] = dvc_file_bytes(pointer, before, file)
            else:
                pipeline = str(PurePosixPath(file).with_name("dvc.yaml"))
                folders = stage_folders(_content(project, pipeline) or b"", pipeline)
                files[file] = dvc_lock_bytes(pointer, before or b"{}", file, folders)
    return files


def _content(project: Project, path: str) -> bytes | None:
    file = project.repository.top / path
    return file.read_bytes() if file.is_file() else None


def _name(project: Project, oid: str) -> str:
    """Point a new ref at the commit, named for the time."""
    moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    for number in range(_ATTEMPTS):
        ref = f"{RECOVERY}{moment}{f'-{number + 1}' if number else ''}"
        try:
            move(
                project.repository,
                [Move(ref, new=oid, old=ABSENT)],
                reason="gitexp: keep what is overwritten",
            )
        except RefMoved:
            continue
        return ref
    raise RefMoved(f"'{RECOVERY}{moment}' already exists")
