"""Which run of a sweep an agent takes next."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gitexp.model.record import Exit
from gitexp.model.sweep_point import SweepPoint
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.store.processes import Place
from gitexp.sweep.call import Call
from gitexp.sweep.chooser import Chooser
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.point import Spot
from gitexp.sweep.reading import KnownReader
from gitexp.sweep.sampling.samplers import sampler_of
from gitexp.sweep.space import Axis, Choices, Space
from gitexp.sweep.sweep import Sweep
from gitexp.sweep.take import Mine, Over, Taker, Wait
from gitexp.sweep.watching import end_commands

from tests.sweep.workshop import record_point
from tests.workshop import DEADLINE

SWEEP = Sweep(
    command=("python", "train.py"),
    space=Space((Axis("rate", Choices((0.1, 0.2, 0.3))),)),
    inputs="v2:aa",
    seeds=(1, 2),
    repeat_key="seed",
    name="scan",
)
LOST: dict[str, Any] = {"status": "interrupted", "exit": Exit(None, reason="lost")}
STOPPED: dict[str, Any] = {"status": "interrupted", "exit": Exit(None, reason="signal")}


@pytest.fixture
def project(work_tree: Path) -> Iterator[Project]:
    """The project of the work tree."""
    with Project.open(work_tree) as opened:
        yield opened


def taker(project: Project, **options: Any) -> Taker:
    """Return what takes runs for an agent, which has looked at nothing yet."""
    call = Call(SweepOptions(**{"points": 3, **options}))
    return Taker(project, SWEEP, call, Chooser(SWEEP, sampler_of(SWEEP)), lambda _: None)


def spots(*taken: Mine | Wait | Over) -> list[tuple[int, int, str, int]]:
    """Return which runs were taken: number, repeat, name and attempt."""
    return [
        (*one.spot, one.entry.name, one.claim.attempt) for one in taken if isinstance(one, Mine)
    ]


def elsewhere(journal: Journal, entry: Entry) -> None:
    """Make an entry that of a process on another host."""
    journal.write(replace(entry, owner=replace(entry.owner, host="node2", boot="other")))


def gone() -> Place:
    """Return a process that has ended."""
    with subprocess.Popen(["sleep", "600"]) as process:
        place = Place.of(process.pid)
        process.kill()
    return place


def put(project: Project, scratch: Path, number: int, repeat: int = 1, **facts: Any) -> None:
    """Put a run on the branch."""
    point = SweepPoint(number, repeat, 1, {"rate": number}, "scan", 0)
    record_point(project.repository, scratch, SWEEP, point, **facts)


def test_each_run_is_taken_once_by_whoever_comes_in_the_order_of_the_points(
    project: Project,
) -> None:
    one, other = taker(project), taker(project)

    taken = spots(one.take(), other.take(), other.take(), one.take(), one.take(), other.take())

    assert taken == [
        (0, 1, "scan-0", 1),
        (0, 2, "scan-0-r2", 1),
        (1, 1, "scan-1", 1),
        (1, 2, "scan-1-r2", 1),
        (2, 1, "scan-2", 1),
        (2, 2, "scan-2-r2", 1),
    ]
    assert one.take() == Over()


def test_what_is_settled_is_passed_over_and_what_was_lost_or_stopped_is_taken_again(
    project: Project, tmp_path: Path
) -> None:
    put(project, tmp_path, 0)
    put(project, tmp_path, 0, 2, status="failed", exit=Exit(1))
    put(project, tmp_path, 1, name="scan-1", **STOPPED)
    for _ in range(3):
        put(project, tmp_path, 1, 2, **LOST)  # it is given up
    put(project, tmp_path, 2, **LOST)

    found = taker(project)

    assert spots(found.take(), found.take(), found.take()) == [
        (1, 1, "scan-1-a2", 2),
        (2, 1, "scan-2-a2", 2),
        (2, 2, "scan-2-r2", 1),
    ]
    assert found.take() == Over()


def test_a_run_whose_agent_is_gone_is_free_once_its_command_is(project: Project) -> None:
    journal = Journal(project.repository)
    lost = taker(project, points=1).take()
    assert isinstance(lost, Mine)
    with subprocess.Popen(["sleep", "600"]) as command:
        entry = replace(lost.entry, owner=gone(), child=Place.of(command.pid))
        journal.write(entry)
        found = taker(project, points=1)
        assert spots(found.take()) == [(0, 2, "scan-0-r2", 1)]
        assert found.take() == Wait()
        command.kill()

    assert spots(found.take()) == [(0, 1, "scan-0", 1)]


def test_a_run_of_another_host_is_free_when_that_was_silent_for_as_long_as_the_lease(
    project: Project,
) -> None:
    journal = Journal(project.repository)
    theirs = taker(project, points=1).take()
    assert isinstance(theirs, Mine)
    elsewhere(journal, theirs.entry)
    found = taker(project, points=1)

    assert spots(found.take()) == [(0, 2, "scan-0-r2", 1)]
    assert found.take() == Over()  # that host sees to its own
    folder = project.repository.common_dir / "gitexp" / "journal"
    os.utime(folder / f"{theirs.entry.id}.claim", (1e9, 1e9))
    assert spots(found.take()) == [(0, 1, "scan-0", 1)]


def test_what_is_let_go_of_is_there_for_the_next_one(project: Project) -> None:
    found = taker(project)
    mine = found.take()
    assert isinstance(mine, Mine)

    found.let_go(mine)

    runs = project.repository.common_dir / "gitexp" / "runs"
    assert list(runs.iterdir()) == []
    assert mine.known.under_way == {}
    again = found.take()
    assert isinstance(again, Mine)
    assert again.spot == Spot(0)
    (runs / again.entry.id).rmdir()  # as another process may, which clears what it takes for old
    found.let_go(again)
    assert found.reader.read().under_way == {}


def test_a_command_that_a_killed_agent_could_not_note_is_killed_as_well(project: Project) -> None:
    mine = taker(project).take()
    assert isinstance(mine, Mine)
    marked = {**os.environ, "GITEXP_RUN_ID": mine.entry.id}
    with subprocess.Popen(["sleep", "600"], env=marked) as command:
        end_commands(KnownReader(project, SWEEP), {os.getpid()})

        assert command.wait(DEADLINE) == -signal.SIGKILL
