"""What is said of runs under way, of runs that were cut off, and of what is left of them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from gitexp.doctor.journal import examine_journal
from gitexp.git.repository import Repository
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.store.left import Left, remember
from gitexp.store.own import own_folder
from gitexp.store.processes import Place

from tests.doctor.workshop import Examine
from tests.workshop import Git


def look(project: Project) -> Any:
    return examine_journal(project.repository)


@pytest.fixture
def enter(work_tree: Path) -> Callable[[Place], Entry]:
    """Write an entry of a process into the journal."""

    def write(owner: Place) -> Entry:
        here = TopPath("")
        since = "2026-01-02T03:04:05+00:00"
        entry = Entry("abc", "otter", str(work_tree), here, here, since, owner, owner)
        with Repository.open(work_tree) as repository:
            Journal(repository).write(entry)
        return entry

    return write


def test_with_nothing_under_way_all_is_fine(examine: Examine) -> None:
    assert examine(look, fine=True) == [
        ("ok", "journal", "no run is under way or was cut off"),
        ("ok", "copies", "no work tree of `--temp` is kept"),
    ]


def test_a_run_here_is_fine(examine: Examine, enter: Callable[[Place], Entry]) -> None:
    enter(Place.of(os.getpid()))

    assert examine(look, fine=True)[0] == (
        "ok",
        "journal",
        f"run 'otter' is running here since 2026-01-02 03:04 (process {os.getpid()}, gitexp)",
    )


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"host": "node7", "machine": "x", "boot": "y"}, "node7"),
        ({"namespace": "pid:[1]"}, f"{os.uname().nodename}, in another container"),
    ],
    ids=["machine", "container"],
)
def test_a_run_elsewhere_is_running_there_as_far_as_is_known(
    examine: Examine, enter: Callable[[Place], Entry], change: dict[str, Any], where: str
) -> None:
    enter(replace(Place.of(os.getpid()), **change))

    said = f"run 'otter' is running on {where} since 2026-01-02 03:04"
    assert examine(look) == [("note", "journal", f"{said}; nothing more can be seen from here")]


def test_a_run_that_was_cut_off_and_is_not_recorded_is_wrong(
    examine: Examine, enter: Callable[[Place], Entry]
) -> None:
    enter(replace(Place.of(os.getpid()), started="1"))

    assert examine(look) == [
        (
            "wrong",
            "journal",
            "run 'otter' (since 2026-01-02 03:04) was cut off and is not recorded",
        )
    ]


def test_what_a_run_has_left_running_is_named_until_it_is_gone(
    work_tree: Path, examine: Examine
) -> None:
    with Repository.open(work_tree) as repository:
        own_folder(repository).made()
        with subprocess.Popen(["sleep", "600"]) as process:
            remember(repository, Left("abc", "otter", str(work_tree), (Place.of(process.pid),)))
            alive = examine(look)
            process.kill()
        gone = examine(look)

    what = "run 'otter' has left 1 process running, which may write into the next run"
    assert alive == [("note", "leftovers", what)]
    assert gone == []


def test_what_no_run_accounts_for_is_named(work_tree: Path, examine: Examine, git: Git) -> None:
    root = work_tree / ".git" / "gitexp"
    (root / "journal").mkdir(exist_ok=True)
    (root / "journal" / "bad.json").write_text("{")
    (root / "runs" / "old").mkdir(parents=True)
    (root / "tmpabc").mkdir()
    git("update-ref", "refs/gitexp/running/lost", "HEAD")
    gone = replace(Place.of(ended_process()), started="1")
    elsewhere = replace(gone, host="node7", machine="", boot="")
    for name, owner in (("a", gone), ("b", elsewhere), ("c", Place.of(os.getpid()))):
        (root / f"{name}.owner").write_text(json.dumps(asdict(owner)))

    held = f"is held by process {gone.pid} on"
    assert examine(look) == [
        (
            "wrong",
            "journal",
            f"'{root}/journal/bad.json' is not an entry that this gitexp can read",
        ),
        (
            "note",
            "locks",
            f"'{root}/a.owner' {held} {gone.host}, which is gone: the next that wants it takes it",
        ),
        ("note", "locks", f"'{root}/b.owner' {held} node7"),
        (
            "note",
            "leftovers",
            "'refs/gitexp/running/lost' keeps the code of a run that the journal does not know",
        ),
        ("note", "leftovers", f"'{root}/runs/old' was left by a gitexp that was killed"),
        ("note", "leftovers", f"'{root}/tmpabc' was left by a gitexp that was killed"),
    ]


def ended_process() -> int:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    return process.pid
