"""What is known of a sweep, read from runs and from the journal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.message import trailers
from gitexp.model.names import named_after
from gitexp.model.record import Exit
from gitexp.model.sweep_point import SweepPoint
from gitexp.project import Project
from gitexp.store.facts import append as append_facts
from gitexp.store.journal import Claim, Entry, Journal
from gitexp.store.processes import Place
from gitexp.sweep.definition import find_sweep, folder_of, read_definition
from gitexp.sweep.known import MOST_ATTEMPTS
from gitexp.sweep.point import Spot
from gitexp.sweep.reading import KnownReader
from gitexp.sweep.space import Axis, Choices, Space
from gitexp.sweep.sweep import Objective, Sweep, to_json

from tests.sweep.workshop import record_point
from tests.workshop import Git, Gitexp

SWEEP = Sweep(
    command=("python", "train.py"),
    space=Space((Axis("rate", Choices((0.1, 0.2, 0.3))),)),
    inputs="v2:aa",
    objectives=(Objective("loss", "min"),),
    name="scan",
)
LOST = {"status": "interrupted", "exit": Exit(None, reason="lost")}
STOPPED = {"status": "interrupted", "exit": Exit(None, reason="signal")}
FAILED = {"status": "failed", "exit": Exit(1)}


@pytest.fixture
def project(work_tree: Path) -> Iterator[Project]:
    """The project of the work tree."""
    with Project.open(work_tree) as opened:
        yield opened


def point(number: int, repeat: int = 1, attempt: int = 1) -> SweepPoint:
    return SweepPoint(number, repeat, attempt, {"rate": number}, "scan", 0)


def test_runs_are_read_once_and_the_counting_one_is_the_same_in_every_order(
    project: Project, tmp_path: Path
) -> None:
    def put(which: SweepPoint, **facts: object) -> str:
        return record_point(project.repository, tmp_path, SWEEP, which, **facts).id

    reader = KnownReader(project, SWEEP)
    assert reader.read().settled == {}
    late = put(point(0), ended="2026-03-01T00:00:00.000Z", metrics={"m.json": {"loss": 2}})
    early = put(point(0), ended="2026-02-01T00:00:00.000Z", metrics={"m.json": {"loss": 1}})
    put(point(1), **FAILED)
    put(point(2), **STOPPED)
    for _ in range(MOST_ATTEMPTS):
        put(point(3), **LOST)
    known = reader.read()
    again = put(point(1, attempt=2))
    later = reader.read()

    assert {spot: one.run_id for spot, one in known.settled.items() if spot != Spot(1)} == {
        Spot(0): early
    }
    assert known.settled[Spot(0)].objectives == (1.0,)
    assert known.settled[Spot(0)].values == {"rate": 0}
    assert [one.run_id for one in known.further] == [late]
    assert known.settled[Spot(1)].status == "failed"
    assert [known.is_open(Spot(number)) for number in range(5)] == [False, False, True, False, True]
    assert known.is_given_up(Spot(3))
    assert later.settled[Spot(1)].run_id == again
    assert later == KnownReader(project, SWEEP).read()


def test_a_removed_run_makes_its_point_open_again(project: Project, tmp_path: Path) -> None:
    run = record_point(project.repository, tmp_path, SWEEP, point(0))
    reader = KnownReader(project, SWEEP)
    assert not reader.read().is_open(Spot(0))
    stored = project.runs.index.named(run.id, None)[0]
    append_facts(project.repository, [(stored, "rm", None)])

    assert reader.read().is_open(Spot(0))


def test_a_claim_in_the_journal_takes_its_spot(project: Project) -> None:
    place = Place.of(os.getpid())
    claim = Claim(SWEEP.id, 2, 1, 1, {"rate": 0.3})
    top = str(project.repository.top)
    entry = Entry("a" * 10, "scan-2", top, project.folder, project.directory, "", place)
    journal = Journal(project.repository)
    journal.write(replace(entry, claim=claim))
    journal.write(replace(entry, id="b" * 10, claim=replace(claim, sweep="c" * 10, number=1)))

    known = KnownReader(project, SWEEP).read()

    assert [*known.under_way] == [Spot(2)]
    assert known.under_way[Spot(2)].values == {"rate": 0.3}
    assert [known.is_open(Spot(number)) for number in (1, 2)] == [True, False]


def test_a_run_that_is_recorded_is_not_under_way_though_its_entry_is_still_there(
    project: Project, tmp_path: Path
) -> None:
    """Its agent was stopped between the two: a call that waited for it would leave its files."""
    run = record_point(project.repository, tmp_path, SWEEP, point(2))
    top, place = str(project.repository.top), Place.of(os.getpid())
    entry = Entry(run.id, run.name, top, project.folder, project.directory, "", place)
    Journal(project.repository).write(replace(entry, claim=Claim(SWEEP.id, 2)))
    again = replace(entry, id="0" * 10, claim=Claim(SWEEP.id, 2, attempt=2))
    reader = KnownReader(project, SWEEP)

    recorded = reader.read()
    Journal(project.repository).write(again)

    assert ([*recorded.settled], recorded.under_way) == ([Spot(2)], {})
    assert reader.read().under_way[Spot(2)].run_id == again.id


def test_an_entry_of_a_newer_gitexp_still_takes_its_place(project: Project) -> None:
    journal = Journal(project.repository)
    journal.write(
        Entry(
            "a" * 10,
            "one",
            str(project.repository.top),
            project.folder,
            project.directory,
            "",
            Place.of(os.getpid()),
        )
    )
    [file] = (project.repository.common_dir / "gitexp" / "journal").glob("*.json")
    file.write_text(file.read_text().replace('"id"', '"colour": {"a": 1}, "id"', 1))

    assert [entry.name for entry in journal.entries()] == ["one"]


def test_a_sweep_is_found_by_name_id_and_latest_and_its_definition_in_any_clone(
    project: Project, tmp_path: Path
) -> None:
    with pytest.raises(GitexpError, match="no sweep so far"):
        find_sweep(project, "latest")
    record_point(project.repository, tmp_path, SWEEP, point(0))
    project.runs.look_again()
    begun = replace(SWEEP, seed=1, name="next")
    folder_of(project, begun.id).mkdir(parents=True)
    (folder_of(project, begun.id) / "sweep.json").write_bytes(to_json(begun))

    for text in ("scan", SWEEP.id, SWEEP.id[:4], "latest"):
        assert find_sweep(project, text) == SWEEP
    assert read_definition(project, begun.id) == begun
    assert read_definition(project, "../" * 3 + "x") is None
    with pytest.raises(GitexpError, match="no sweep 'nix'"):
        find_sweep(project, "nix")


def test_a_definition_that_lies_about_its_id_is_none(project: Project, tmp_path: Path) -> None:
    other = replace(SWEEP, command=("rm",))
    record_point(project.repository, tmp_path, other, point(0), of=SWEEP.id)
    project.runs.look_again()

    with pytest.raises(GitexpError, match="the definition of sweep 'scan' cannot be found"):
        find_sweep(project, "scan")


def test_a_definition_of_somebody_else_is_read_with_a_name_and_a_message_that_do_no_harm(
    project: Project, tmp_path: Path
) -> None:
    theirs = replace(SWEEP, name="x\x1b[31m\nGitexp-Sweep: zz", message="see\x1b[31m\n\tthis")
    record_point(project.repository, tmp_path, theirs, point(0))
    project.runs.look_again()

    found = find_sweep(project, SWEEP.id)

    assert (found.name, found.message) == (named_after(SWEEP.id), "see\\x1b[31m\n\tthis")


def test_a_definition_that_leads_out_of_the_project_is_refused(
    project: Project, tmp_path: Path
) -> None:
    theirs = replace(SWEEP, directory="../elsewhere")
    record_point(project.repository, tmp_path, theirs, point(0), of=theirs.id)
    project.runs.look_again()

    with pytest.raises(GitexpError, match=r"its directory '\.\./elsewhere' is not in the project"):
        find_sweep(project, theirs.id)


def test_a_run_says_its_sweep_in_trailer_list_and_show(
    project: Project, tmp_path: Path, gitexp: Gitexp, git: Git
) -> None:
    runs = [record_point(project.repository, tmp_path, SWEEP, point(at)) for at in range(3)]
    record_point(project.repository, tmp_path, replace(SWEEP, seed=2, name="else"), point(0))

    message = git("log", "-1", "--format=%B", "--grep", f"Gitexp-Run: {runs[2].id}", "experiments")
    assert trailers(message)["Gitexp-Sweep"] == f"{SWEEP.id}/2"
    assert f"point 2 of scan ({SWEEP.id})" in gitexp("show", runs[2].id).out
    for where, expected in (
        ("sweep = scan and point < 2", {0, 1}),
        (f"sweep = {SWEEP.id} and point in (1, 2) and repeat = 1", {1, 2}),
        ("sweep != 'else'", {0, 1, 2}),
        ("sweep like 'sc%' and not (point = 1)", {0, 2}),
    ):
        listed = gitexp("ls", "--where", where, "--keep", "^$", "--csv").out
        found = {at for at, run in enumerate(runs) if run.name in listed}
        assert found == expected
        assert "\nelse-" not in listed
