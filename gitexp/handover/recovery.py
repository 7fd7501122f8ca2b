"""What a command overwrites, kept under a ref of its own, and the way back."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from gitexp.data.dvc_file import dvc_file_bytes
from gitexp.execution.inputs_data import DataDoor
from gitexp.git.commits import write_blobs, write_commit
from gitexp.git.index import PrivateIndex
from gitexp.git.refs import ABSENT, Move, RefMoved, move
from gitexp.git.trees import Entry
from gitexp.handover.apply_plan import ApplyPlan
from gitexp.project import Project

PREFIX = "refs/gitexp/recovery/"
_ATTEMPTS = 100


@dataclass(frozen=True)
class Recovery:
    """What was kept."""

    ref: str
    pointers: tuple[str, ...]
    """The `.dvc` files of data that was put into the DVC cache."""

    def undo(self, directory: str) -> str:
        """Return the command that puts all of it back, to be called in a folder from the top."""
        restore = f"git restore --overlay --source={self.ref} -- :/"
        if not self.pointers:
            return restore
        files = shlex.join(os.path.relpath(path, directory or ".") for path in self.pointers)
        return f"{restore} && dvc checkout --force {files}"


def keep(project: Project, plan: ApplyPlan, scratch: Path) -> Recovery | None:
    """Keep what a plan overwrites; return None where it overwrites nothing.

    Data goes into the DVC cache, and a pointer to it into the commit.
    """
    repository = project.repository
    pointers = _store(project, plan)
    if not plan.overwritten and not pointers:
        return None
    oids = write_blobs(repository, list(pointers.values()), scratch)
    index = PrivateIndex(repository, scratch / "recovery.index")
    index.put(plan.overwritten)
    index.put({path: Entry("100644", oid) for path, oid in zip(pointers, oids, strict=True)})
    message = f"What applying run {plan.run} overwrote in the work tree\n"
    oid, _ = write_commit(repository, tree=index.write_tree(), parents=(), message=message)
    ref = _name(project, oid)
    return Recovery(ref, tuple(pointers))


def _store(project: Project, plan: ApplyPlan) -> dict[str, bytes]:
    """Put data that would be overwritten into the cache; return its `.dvc` files."""
    sources = {one.pointer.path: one.file for one in plan.data.todo}
    found = [
        path
        for path in plan.data.present
        if sources[path].endswith(".dvc") and path not in plan.removed
    ]
    if not found:
        return {}
    files: dict[str, bytes] = {}
    with DataDoor(project) as door:
        for path in found:
            file = sources[path]
            place = project.repository.top / file
            before = files.get(file) or (place.read_bytes() if place.is_file() else None)
            files[file] = dvc_file_bytes(door.store(path), before, file)
    return files


def _name(project: Project, oid: str) -> str:
    """Point a new ref at the commit, named for the time."""
    moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    for number in range(_ATTEMPTS):
        ref = f"{PREFIX}{moment}{f'-{number + 1}' if number else ''}"
        try:
            move(
                project.repository,
                [Move(ref, new=oid, old=ABSENT)],
                reason="gitexp: keep what is overwritten",
            )
        except RefMoved:
            continue
        return ref
    raise RefMoved(f"'{PREFIX}{moment}' exists already")
