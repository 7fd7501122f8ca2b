"""A copy of the work tree that is filled again, against what it is to hold, file by file."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitexp.execution.start.isolation import linked_work_tree
from gitexp.execution.work_tree.filled import fill
from gitexp.execution.work_tree.snapshot import take_snapshot
from gitexp.git.trees import LINK_MODE, SUBMODULE_MODE, Entry, object_oid
from gitexp.project import Project
from gitexp.store.own import own_folder

from tests.execution.plainly import Step, do, edits, make, staging
from tests.workshop import git

rounds = st.lists(
    st.tuples(
        st.lists(st.one_of(edits, staging), max_size=3),
        st.lists(edits, max_size=3),
    ),
    min_size=2,
    max_size=3,
)


def _held(top: Path) -> dict[str, Entry]:
    """Return all files of a work tree by their contents."""
    found = {}
    for place, folders, names in os.walk(top):
        links = [name for name in folders if Path(place, name).is_symlink()]
        for file in (Path(place, name) for name in (*names, *links) if name != ".git"):
            path = file.relative_to(top).as_posix()
            if file.is_symlink():
                target = os.fsencode(file.readlink())
                found[path] = Entry(LINK_MODE, object_oid("blob", target))
            else:
                mode = "100755" if file.stat().st_mode & 0o100 else "100644"
                found[path] = Entry(mode, object_oid("blob", file.read_bytes()))
    return found


def _staged(top: Path) -> list[str]:
    """Return what an index holds, but for submodules, and files that are only to be added."""
    nothing = object_oid("blob", b"")
    listed = git("ls-files", "-s", cwd=top).splitlines()
    return [one for one in listed if nothing not in one and not one.startswith(SUBMODULE_MODE)]


@settings(
    max_examples=6,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rounds)
def test_a_copy_holds_what_it_is_filled_with(
    tmp_path: Path, several: list[tuple[list[Step], list[Step]]]
) -> None:
    top = tmp_path / f"{time.monotonic_ns()}"
    make(top, "")
    scratch = tmp_path / f"{top.name}.scratch"
    with Project.open(top) as project:
        own_folder(project.repository).made()
        for steps, in_copy in several:
            do(top, steps)
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
            snapshot = take_snapshot(project, scratch, ())
            snapshot.index.forget_asked()
            baseline = git("rev-parse", "HEAD", cwd=top).strip()
            place = top.with_suffix(".copy")
            with linked_work_tree(project.repository, place, baseline) as repository:
                fill(repository, snapshot, scratch)

                expected = {
                    path: entry
                    for path, entry in snapshot.entries.items()
                    if path not in snapshot.skipped and entry.mode != SUBMODULE_MODE
                }
                assert _held(place) == expected
                assert _staged(place) == _staged(top)
                copy = Project(repository, project.folder, project.directory, home=project)
                (scratch / "copy").mkdir()
                again = take_snapshot(copy, scratch / "copy", ())
                again.index.forget_asked()
                assert dict(again.entries) == dict(snapshot.entries)
                do(place, in_copy)
