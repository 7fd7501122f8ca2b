"""Runs under way, and who is known to be gone."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from gitexp.git.repository import Repository
from gitexp.model.paths import TopPath
from gitexp.store.journal import Claim, Entry, Journal, is_any_under_way
from gitexp.store.onto_disk import OntoDisk
from gitexp.store.processes import Place

from tests.workshop import Git


@pytest.fixture
def journal(repository: Repository) -> Journal:
    """The journal of the repository."""
    return Journal(repository)


@pytest.fixture
def entry(work_tree: Path) -> Entry:
    """A run of this very process."""
    return Entry(
        id="abc",
        name="brave-otter",
        work_tree=str(work_tree),
        folder=TopPath(""),
        directory=TopPath(""),
        since="2026-01-02T03:04:05+00:00",
        owner=Place.of(os.getpid()),
    )


def ended_process() -> int:
    """Return the pid of a process that is gone."""
    with subprocess.Popen(["true"]) as process:
        process.wait()
    return process.pid


def test_an_entry_that_is_begun_counts_at_once_and_is_on_the_disk_when_that_was_waited_for(
    repository: Repository, journal: Journal, entry: Entry
) -> None:
    journal.begin(entry)
    during = Journal(repository).entries()
    journal.wait_for_disk()
    journal.wait_for_disk()

    assert during == journal.entries() == [entry]


def test_a_disk_that_does_not_take_it_is_said_when_it_matters() -> None:
    going = OntoDisk(Path(os.devnull))  # which no disk takes
    with pytest.raises(OSError, match="Invalid argument"):
        going.wait()


def test_an_entry_is_there_from_write_to_remove(
    repository: Repository, journal: Journal, entry: Entry
) -> None:
    before = (journal.entries(), is_any_under_way(repository))
    journal.write(entry)
    during = (Journal(repository).entries(), is_any_under_way(repository))
    journal.remove(entry)
    journal.remove(entry)

    assert before == ([], False)
    assert during == ([entry], True)
    assert (journal.entries(), is_any_under_way(repository)) == ([], False)


def test_linked_work_trees_share_the_journal(
    journal: Journal, entry: Entry, tmp_path: Path, git: Git
) -> None:
    git("worktree", "add", "--quiet", tmp_path / "linked")
    journal.write(entry)

    with Repository.open(tmp_path / "linked") as linked:
        assert Journal(linked).entries() == [entry]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"id": 1}', '"x"', "null"])
def test_a_file_that_is_no_whole_entry_is_passed_over(
    repository: Repository, journal: Journal, entry: Entry, content: str
) -> None:
    journal.write(entry)
    (repository.common_dir / "gitexp" / "journal" / "half.json").write_text(content)
    (repository.common_dir / "gitexp" / "journal" / "abc.123").write_text("being written")

    assert journal.entries() == [entry]


def test_a_run_is_over_when_gitexp_and_its_command_are_gone(journal: Journal, entry: Entry) -> None:
    gone = Place(*_fields(entry.owner, pid=ended_process()))

    assert not entry.is_over
    assert replace(entry, owner=gone).is_over
    assert not replace(entry, owner=gone, child=entry.owner).is_over
    assert replace(entry, owner=gone, child=gone).is_over
    assert not replace(entry, child=gone).is_over
    assert journal.entries() == []


def _fields(place: Place, **other: Any) -> tuple[Any, ...]:
    values = {**asdict(place), "started": "1", **other}
    names = ("host", "machine", "boot", "namespace", "pid", "started")
    return tuple(values[name] for name in names)


def test_another_process_under_the_same_number_is_another_process(entry: Entry) -> None:
    assert not entry.owner.is_gone
    assert replace(entry.owner, started="12345").is_gone


def test_after_a_restart_of_the_machine_every_process_has_ended(entry: Entry) -> None:
    """A machine is known by its name and its id; without an id, nothing is known."""
    before = replace(entry.owner, boot="the one before")

    assert before.is_gone == bool(entry.owner.machine)
    assert not replace(before, machine="another").is_gone


@pytest.mark.parametrize("field", ["host", "namespace"])
def test_of_another_machine_nothing_is_known(entry: Entry, field: str) -> None:
    gone = replace(entry.owner, pid=ended_process())
    elsewhere: Place = replace(gone, **{field: "another"})

    assert gone.is_gone
    assert not elsewhere.is_gone


def test_a_process_that_nobody_waited_for_has_ended(entry: Entry) -> None:
    process = subprocess.Popen(["sleep", "0"])
    place = Place.of(process.pid)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    assert place.is_gone
    process.wait()
    assert not entry.owner.is_gone


def test_the_command_is_noted_and_read_back(journal: Journal, entry: Entry) -> None:
    journal.write(entry)
    with subprocess.Popen(["sleep", "600"]) as process:
        noted = journal.note_child(entry, process.pid)
        found = journal.entries()
        assert noted.child is not None
        running = not noted.child.is_gone
        process.kill()

    assert found == [noted]
    assert running
    assert noted.child.is_gone


def test_a_claim_is_for_one_and_ends_with_its_holder(
    repository: Repository, journal: Journal, entry: Entry
) -> None:
    journal.write(entry)

    with journal.claimed(entry) as mine, Journal(repository).claimed(entry) as theirs:
        assert (mine, theirs) == (True, False)
    with journal.claimed(entry) as again:
        assert again
        journal.remove(entry)
    with journal.claimed(entry) as late:
        assert not late


def test_who_runs_is_told_by_the_process_that_lives(entry: Entry) -> None:
    host, gone = entry.owner.host, replace(entry.owner, started="long ago")
    with subprocess.Popen(["sleep", "600"]) as child:
        noted = replace(entry, child=Place.of(child.pid))
        child.kill()

    assert entry.who == noted.who == f"process {os.getpid()} on {host}"
    assert replace(noted, owner=gone).who == f"its command alone, process {child.pid} on {host}"
    assert replace(entry, owner=gone).who == f"its command alone, on {host}"


def test_a_claim_lies_beside_the_entry_so_that_an_older_gitexp_reads_that_all_the_same(
    repository: Repository, journal: Journal, entry: Entry
) -> None:
    claimed = replace(entry, claim=Claim("5cg9y2cq4x", 17, values={"lr": 0.1}))
    before = {"id", "name", "work_tree", "folder", "directory", "since", "owner", "child", "job"}

    journal.write(claimed)

    folder = repository.common_dir / "gitexp" / "journal"
    assert set(json.loads((folder / "abc.json").read_bytes())) == before
    assert journal.entries() == [claimed]
    journal.remove(entry)
    assert list(folder.iterdir()) == []


def test_what_a_newer_gitexp_adds_to_an_entry_does_not_hide_it(
    repository: Repository, journal: Journal, entry: Entry
) -> None:
    journal.write(entry)
    path = repository.common_dir / "gitexp" / "journal" / "abc.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "engine": "dask"}))

    assert journal.entries() == [entry]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null"])
def test_an_entry_whose_claim_a_power_cut_has_torn_is_still_a_run(
    repository: Repository, journal: Journal, entry: Entry, content: str
) -> None:
    journal.write(replace(entry, claim=Claim("5cg9y2cq4x", 17)))
    (repository.common_dir / "gitexp" / "journal" / "abc.claim").write_text(content)

    assert journal.entries() == [entry]


def test_a_claim_is_as_old_as_its_last_sign_of_life(journal: Journal, entry: Entry) -> None:
    claimed = replace(entry, claim=Claim("5cg9y2cq4x", 17))
    journal.write(claimed)
    file = journal.scratch("abc").parent.parent / "journal" / "abc.claim"
    os.utime(file, (1e9, 1e9))

    assert journal.silence(claimed) > 1e8
    journal.touch("abc")
    assert journal.silence(claimed) < 1e6


def test_what_a_power_cut_left_empty_is_cleared(repository: Repository, journal: Journal) -> None:
    folder = repository.common_dir / "gitexp" / "journal"
    folder.mkdir(parents=True)
    (folder / "abc.json").touch()

    journal.clear_beginnings()

    assert list(folder.iterdir()) == []
