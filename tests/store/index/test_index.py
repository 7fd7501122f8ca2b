"""The search index: derived from git, and never the reason of an error."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from msgspec.structs import replace

from gitexp.comparison.query.expression import Column
from gitexp.git.repository import Repository
from gitexp.model.record import DataPointer
from gitexp.store.branch import root_commit
from gitexp.store.facts import append
from gitexp.store.index.file import Tips, connect, delete, deletions
from gitexp.store.index.index import RunIndex
from gitexp.store.index.selection import Selection, Sort
from gitexp.store.join import join
from gitexp.store.reading import CatchUp, run_of

from tests.store.workshop import OpenStore, RecordRun
from tests.workshop import Git


class Names(Protocol):
    """Open the index, ask for all names, newest first, and close it."""

    def __call__(self, project: str | None = None) -> list[str]: ...


@pytest.fixture
def place(repository: Repository) -> Path:
    """Say where the index lies."""
    folder = repository.common_dir / "gitexp"
    folder.mkdir()
    return folder / "index.sqlite"


@pytest.fixture
def names(repository: Repository, place: Path) -> Names:
    """Open the index, ask for all names, newest first, and close it."""

    def ask(project: str | None = None) -> list[str]:
        index = RunIndex.open(
            place, repository, lambda: Tips(repository.objects.commit("experiments"))
        )
        found = [run.name for run in index.runs(project)]
        index.close()
        return found

    return ask


def test_runs_come_newest_first_by_the_time_they_ended(
    repository: Repository, record_run: RecordRun, names: Names
) -> None:
    for name, second in (("a", 3), ("b", 1), ("c", 2)):
        record_run(repository, name, ended=f"2026-01-02T03:04:0{second}.000Z")

    assert names() == ["a", "c", "b"]


def test_runs_that_ended_at_once_come_in_one_order_whichever_was_met_first(
    repository: Repository, record_run: RecordRun, names: Names, place: Path
) -> None:
    ended = "2026-01-02T03:04:05.000Z"
    for name in "bcad":
        record_run(repository, name, id=f"{name}" * 10, ended=ended)
        names()
    last = RunIndex.open(place, repository, lambda: Tips(repository.objects.commit("experiments")))
    on_baseline = [run.name for run in last.last_on("b" * 40, "", limit=2)]
    last.close()

    grown = names()
    place.unlink()

    assert names() == grown == ["d", "c", "b", "a"]
    assert on_baseline == ["d", "c"]


def test_an_index_follows_the_branch_forwards_back_and_away(
    repository: Repository, record_run: RecordRun, names: Names, git: Git
) -> None:
    assert names() == []
    first = record_run(repository, "first")
    assert names() == ["first"]
    record_run(repository, "second")
    assert names() == ["second", "first"]
    git("update-ref", "refs/heads/experiments", first.oid)
    record_run(repository, "other")
    assert names() == ["other", "first"]
    git("update-ref", "-d", "refs/heads/experiments")
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "--quiet", "--prune=now")
    assert names() == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"junk, and no database\n" * 100),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes()[:100] + os.urandom(8000)),
        lambda path: path.with_name("index.sqlite-wal").write_bytes(os.urandom(5000)),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: (path.unlink(), path.symlink_to(path)),
        lambda path: execute(path, "DROP TABLE runs"),
        lambda path: execute(path, "DROP TABLE seen"),
        lambda path: execute(path, "PRAGMA user_version = 77"),
        lambda path: execute(path, "UPDATE seen SET oid = 'nonsense'"),
        lambda path: execute(path, "ALTER TABLE runs RENAME COLUMN oid TO commit_oid"),
    ],
    ids="gone junk empty short end bytes wal folder loop runs seen version tip column".split(),
)
def test_a_damaged_index_is_made_anew(
    repository: Repository,
    record_run: RecordRun,
    names: Names,
    place: Path,
    damage: Callable[[Path], object],
) -> None:
    record_run(repository, "first")
    names()
    record_run(repository, "second")

    damage(place)

    assert names() == ["second", "first"]
    assert names() == ["second", "first"]


def test_an_oid_that_is_damaged_has_the_index_made_anew(
    repository: Repository, record_run: RecordRun, names: Names, place: Path
) -> None:
    record_run(repository, "first")
    names()
    execute(place, "UPDATE runs SET oid = oid || '1'")

    index = RunIndex.open(place, repository, lambda: Tips(repository.objects.commit("experiments")))
    found = index.select_many(Selection(None))

    assert [(run.name, run.oid) for run in found] == [
        ("first", repository.objects.commit("experiments"))
    ]
    index.close()


def test_an_index_whose_last_byte_is_gone_is_not_read(
    repository: Repository, record_run: RecordRun, names: Names, place: Path
) -> None:
    """SQLite would read a zero in its place, and the run in that page would be another."""
    record_run(repository, "first")
    names()
    place.write_bytes(place.read_bytes()[:-1])

    with pytest.raises(sqlite3.DatabaseError, match="ends within a page"):
        connect(str(place), patience=0.1)


def execute(path: Path, statement: str) -> None:
    """Change a database behind the index's back."""
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_an_index_that_is_damaged_while_it_is_open_answers_all_the_same(
    repository: Repository, record_run: RecordRun, names: Names, place: Path
) -> None:
    tip = record_run(repository, "first", outputs=("out.txt",)).oid
    names()
    index = RunIndex.open(place, repository, lambda: Tips(tip))
    head = place.read_bytes()[:4096]
    place.write_bytes(head + b"\xff" * (place.stat().st_size - len(head)))

    run = run_of(repository, tip)
    [last] = index.last_on("b" * 40, "", limit=1)
    outputs = index.outputs("", ["out.txt"])
    named = [one.name for one in index.named("first", None)]
    assert run is not None
    index.add(run, parent="d" * 40)
    index.close()

    assert (last.name, set(outputs), named) == ("first", {"out.txt"}, ["first"])
    assert names() == ["first"]


def test_a_run_is_added_where_its_parent_was_seen_and_else_found_later(
    repository: Repository, record_run: RecordRun, place: Path, names: Names
) -> None:
    first = record_run(repository, "first")
    index = RunIndex.open(place, repository, lambda: Tips(first.oid))
    second = record_run(repository, "second")
    third = record_run(repository, "third")
    run = run_of(repository, third.oid)
    assert run is not None

    index.add(run, parent=third.parent)
    before = [one.name for one in index.runs(None)]
    seen = run_of(repository, second.oid)
    assert seen is not None
    index.add(seen, parent=second.parent)
    index.add(seen, parent=second.parent)
    after = [one.name for one in index.runs(None)]
    index.close()

    assert before == ["first"]
    assert after == ["second", "first"]
    assert names() == ["third", "second", "first"]


def test_names_ids_and_their_beginnings_are_found_in_their_project(
    repository: Repository, record_run: RecordRun, place: Path
) -> None:
    record_run(repository, "brave-otter", id="7fk2m9q4ab", project="app")
    tip = record_run(repository, "brave_otter", id="8fk2m9q4ab").oid
    index = RunIndex.open(place, repository, lambda: Tips(tip))

    def found(runs: Any) -> list[str]:
        return sorted(run.name for run in runs)

    assert found(index.named("brave-otter", None)) == ["brave-otter"]
    assert found(index.named("8fk2m9q4ab", "")) == ["brave_otter"]
    assert found(index.named("brave-otter", "")) == []
    assert found(index.beginning("brave", None)) == ["brave-otter", "brave_otter"]
    assert found(index.beginning("brave_", None)) == ["brave_otter"]
    assert found(index.beginning("7f", "app")) == ["brave-otter"]
    assert found(index.beginning("%", None)) == []
    assert index.names("app") == ["brave-otter"]
    index.close()


def test_beginnings_are_those_of_removed_runs_or_of_the_others(
    repository: Repository, record_run: RecordRun, open_store: OpenStore
) -> None:
    for name in ("brave-one", "brave-two", "calm"):
        record_run(repository, name, id=f"{name[0]}{name[-1]}" * 5)
    store = open_store()
    append(repository, [(run, "rm", None) for run in store.index.named("brave-one", None)])
    index = open_store().index

    assert [run.name for run in index.beginning("brave", None, removed=True)] == ["brave-one"]
    assert [run.name for run in index.beginning("bebe", "", removed=True)] == ["brave-one"]
    assert [run.name for run in index.beginning("brave", None)] == ["brave-two"]
    assert index.removed_names("br", "") == index.removed_names("", None) == ["brave-one"]
    assert index.removed_names("c", "") == index.removed_names("", "app") == []


def test_outputs_of_earlier_runs_are_known_and_inputs_are_none(
    repository: Repository, record_run: RecordRun, place: Path
) -> None:
    odd = os.fsdecode(b"caf\xe9.txt")
    tip = record_run(
        repository,
        "one",
        outputs=("out.txt", odd, "model.pt"),
        pointers=(
            DataPointer("data.csv", "0" * 32),
            DataPointer("model.pt", "1" * 32, role="output"),
        ),
    ).oid
    index = RunIndex.open(place, repository, lambda: Tips(tip))
    asked = ["out.txt", odd, "data.csv.dvc", "model.pt.dvc", "other.txt"]

    assert index.outputs("", asked).keys() == {"out.txt", odd, "model.pt.dvc"}
    assert index.outputs("app", asked) == {}
    assert {run.name for run in index.last_writers("", asked).values()} == {"one"}
    index.close()


def test_the_last_run_on_a_baseline_is_the_one_that_ended_last(
    repository: Repository, record_run: RecordRun, place: Path
) -> None:
    record_run(repository, "late", ended="2026-01-02T03:04:09.000Z")
    record_run(repository, "early")
    tip = record_run(repository, "other", baseline="d" * 40).oid
    index = RunIndex.open(place, repository, lambda: Tips(tip))

    last = index.last_on("b" * 40, "", limit=9)

    assert [run.name for run in last] == ["late", "early"]
    assert [run.name for run in index.last_on("b" * 40, "", limit=1)] == ["late"]
    assert index.last_on("e" * 40, "", limit=1) == []
    assert index.last_on("b" * 40, "app", limit=1) == []
    index.close()


def test_runs_of_an_unknown_format_are_listed_too(
    repository: Repository, record_run: RecordRun, names: Names
) -> None:
    record_run(
        repository,
        "future",
        content=lambda record: f'{{"version": 99, "id": "{record.id}"}}'.encode(),
    )
    record_run(repository, "now")

    assert sorted(names()) == ["future", "now"]


def test_a_limit_does_not_count_runs_that_are_left_out(
    repository: Repository, record_run: RecordRun, open_store: OpenStore
) -> None:
    record_run(repository, "now")
    for version in (97, 98):
        record_run(
            repository,
            f"future-{version}",
            content=lambda record, version=version: (
                f'{{"version": {version}, "id": "{record.id}"}}'.encode()
            ),
        )
    index = open_store().index
    of_last = Selection("", sort=Sort(Column("attribute", "name"), descending=False), limit=1)

    assert [run.name for run in index.select(of_last)] == ["future-97"]
    assert [run.name for run in index.select(replace(of_last, readable=True))] == ["now"]


def test_two_runs_with_one_id_are_one(
    repository: Repository, record_run: RecordRun, names: Names
) -> None:
    record_run(repository, "one", id="same")
    record_run(repository, "copy", id="same")

    assert names() == ["one"]


def test_which_commit_of_a_run_counts_does_not_depend_on_what_was_seen_first(
    repository: Repository, record_run: RecordRun, names: Names, place: Path, git: Git
) -> None:
    """Clones that have imported the same experiments, under names that were free, are joined."""
    first = record_run(repository, "ours", id="same").oid
    git("update-ref", "refs/heads/other", root_commit(repository))
    second = record_run(repository, "theirs", "other", id="same").oid
    for one, other in ((first, second), (second, first)):
        git("update-ref", "refs/heads/experiments", one)
        names()

        git("update-ref", "refs/heads/experiments", join(repository, one, other))
        followed = names()

        delete(place, deletions(place))
        assert followed == names()


@pytest.mark.parametrize("late", ["ours", "theirs"])
def test_a_clone_that_comes_late_may_change_which_commit_of_a_run_counts(
    repository: Repository, record_run: RecordRun, names: Names, place: Path, git: Git, late: str
) -> None:
    """Its run stands on what had not been joined yet, and moves that in the order."""
    for number in range(5):  # the order follows from the oids: about half of these change it
        tips = {}
        for name in ("ours", "theirs"):
            branch = f"{name}-{number}"
            git("update-ref", f"refs/heads/{branch}", root_commit(repository))
            tips[name] = record_run(repository, branch, branch, id="same").oid
        joined = join(repository, tips["ours"], tips["theirs"])
        git("update-ref", "refs/heads/experiments", joined)
        names()
        slept = record_run(repository, "slept", f"{late}-{number}").oid
        git("update-ref", "refs/heads/experiments", join(repository, joined, slept))

        followed = names()

        delete(place, deletions(place))
        assert sorted(followed) == sorted(names())


def test_processes_that_open_a_new_index_at_once_all_get_their_answer(
    repository: Repository, record_run: RecordRun, place: Path
) -> None:
    for number in range(20):
        record_run(repository, f"run-{number}")
    line = (
        "import sys; from pathlib import Path; from gitexp.git.repository import Repository\n"
        "from gitexp.store.index.index import RunIndex; from gitexp.store.index.file import Tips\n"
        "repository = Repository.open(Path())\n"
        "tips = lambda: Tips(repository.objects.commit('experiments'))\n"
        "index = RunIndex.open(Path(sys.argv[1]), repository, tips)\n"
        "print(len(index.runs(None))); index.close(); repository.close()\n"
    )
    command = [sys.executable, "-c", line, str(place)]
    processes = [
        subprocess.Popen(command, cwd=repository.top, stdout=subprocess.PIPE) for _ in range(6)
    ]

    assert [process.communicate()[0] for process in processes] == [b"20\n"] * 6


def test_a_first_run_whose_parent_is_not_the_root_is_not_taken_for_all_there_is(
    repository: Repository, record_run: RecordRun, place: Path, names: Names
) -> None:
    """The branch came by a fetch while the first command ran."""
    index = RunIndex.open(place, repository, lambda: Tips(None))
    first = record_run(repository, "fetched")
    second = record_run(repository, "own")
    run = run_of(repository, second.oid)
    assert run is not None

    index.add(run, parent=first.oid)
    index.close()

    assert sorted(names()) == ["fetched", "own"]


def test_an_index_that_took_the_place_of_a_damaged_one_is_not_deleted_with_it(
    repository: Repository, record_run: RecordRun, names: Names, place: Path
) -> None:
    """What a process does that found the damage, and then was slower than another one."""
    record_run(repository, "first")
    names()
    known = deletions(place)
    place.write_bytes(b"junk, and no database\n" * 100)
    assert names() == ["first"]
    index = RunIndex.open(place, repository, lambda: Tips(repository.objects.commit("experiments")))
    beside = sorted(path.name for path in place.parent.glob("index.sqlite*"))

    delete(place, known)

    assert sorted(path.name for path in place.parent.glob("index.sqlite*")) == beside
    assert "index.sqlite-wal" in beside
    index.close()
    delete(place, deletions(place))
    assert not place.exists()


def test_who_cannot_wait_gets_an_older_state_where_too_many_runs_are_new(
    repository: Repository, record_run: RecordRun, names: Names, place: Path
) -> None:
    def known(most: int) -> list[str]:
        tips = Tips(repository.objects.commit("experiments"))
        index = RunIndex.open(place, repository, lambda: tips, CatchUp(most_new=most))
        found = [run.name for run in index.runs(None)]
        index.close()
        return found

    record_run(repository, "first")
    assert known(most=9) == []
    assert names() == ["first"]
    record_run(repository, "second")
    record_run(repository, "third")

    assert known(most=1) == ["first"]
    assert known(most=2) == names() == ["third", "second", "first"]


def test_who_cannot_wait_does_not_wait_for_one_who_fills_the_index(
    repository: Repository, record_run: RecordRun, names: Names, place: Path
) -> None:
    record_run(repository, "first")
    names()
    tip = record_run(repository, "second").oid
    filling = sqlite3.connect(place, isolation_level=None)
    filling.execute("BEGIN IMMEDIATE")

    index = RunIndex.open(place, repository, lambda: Tips(tip), CatchUp(most_new=100))

    assert index.names(None) == ["first"]
    index.close()
    filling.close()
