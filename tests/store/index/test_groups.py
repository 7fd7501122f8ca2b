"""What tells repeats, as the index keeps it: worked out once, whatever becomes of the index."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import pytest

from gitexp.comparison.query.expression import Column
from gitexp.git.repository import Repository
from gitexp.store.index.groups import Alike
from gitexp.store.index.place import index_places
from gitexp.store.index.selection import Selection
from gitexp.store.runs import RunStore
from gitexp.store.stored_run import StoredRun

from tests.store.workshop import OpenStore, RecordRun


class Counted:
    """Looks are the messages of runs, keys their names' first letters; it counts the questions."""

    def __init__(self, settings: str = "one") -> None:
        self.looks: list[str] = []
        self.keys: list[str] = []
        self.alike = Alike("", settings, self._look, self._keys)

    def _look(self, run: StoredRun) -> str:
        self.looks.append(run.name)
        return run.record.message

    def _keys(self, runs: Sequence[StoredRun]) -> list[str]:
        self.keys += [run.name for run in runs]
        return [run.name[0] for run in runs]


@pytest.fixture
def four(repository: Repository, record_run: RecordRun) -> None:
    """Four runs of which three look alike, one of them failed, and one of another project."""
    record_run(repository, "a1", message="x")
    record_run(repository, "b1", message="y", metrics={"m.json": {"loss": 2}})
    record_run(repository, "a2", message="x", metrics={"m.json": {"loss": 1.5}})
    record_run(repository, "a3", message="x", status="failed")
    record_run(repository, "c1", message="x", project="app")


def names(store: RunStore, counted: Counted, look: str = "x") -> list[tuple[str, str | None]]:
    found = store.index.alike(counted.alike, look, limit=9)
    return [(run.name, key) for run, key in found]


@pytest.mark.usefixtures("four")
def test_runs_that_look_alike_and_ended_well_are_found_newest_first(open_store: OpenStore) -> None:
    counted = Counted()

    assert names(open_store(), counted) == [("a2", None), ("a1", None)]
    assert names(open_store(), counted, "y") == [("b1", None)]
    assert sorted(counted.looks) == ["a1", "a2", "a3", "b1"]


@pytest.mark.usefixtures("four")
def test_only_runs_that_are_new_are_looked_at(
    open_store: OpenStore, repository: Repository, record_run: RecordRun
) -> None:
    names(open_store(), Counted())
    record_run(repository, "a4", message="x")
    counted = Counted()

    found = names(open_store(), counted)

    assert [name for name, _ in found] == ["a4", "a2", "a1"]
    assert counted.looks == ["a4"]


@pytest.mark.usefixtures("four")
def test_keys_are_kept_for_the_settings_that_they_follow_from(open_store: OpenStore) -> None:
    store, counted, others = open_store(), Counted(), Counted("two")
    runs = store.index.alike(counted.alike, "x", limit=9)
    store.index.keep_keys(counted.alike, [(run.id, f"key of {run.name}") for run, _ in runs])

    assert names(open_store(), counted) == [("a2", "key of a2"), ("a1", "key of a1")]
    assert names(open_store(), others) == [("a2", None), ("a1", None)]


@pytest.mark.usefixtures("four")
def test_old_settings_make_room_for_new_ones(open_store: OpenStore, repository: Repository) -> None:
    for number in range(9):
        assert names(open_store(), Counted(f"settings {number}"))

    place = next(index_places(repository, may_write=True))
    with sqlite3.connect(place) as connection:
        [[kept]] = connection.execute("SELECT count(DISTINCT settings) FROM groups")
    connection.close()

    assert kept <= 4


@pytest.mark.usefixtures("four")
def test_members_have_their_values_and_those_of_other_projects_are_left_out(
    open_store: OpenStore,
) -> None:
    store = open_store()
    found = store.index.members(Selection(""), Counted().alike, Column("metrics", "loss"))

    assert [(one.done, one.look, one.value) for one in found] == [
        (False, "x", None),
        (True, "x", 1.5),
        (True, "y", 2),
        (True, "x", None),
    ]
    assert store.index.has_repeats(Counted().alike)
    assert not store.index.has_repeats(Alike("", "three", lambda run: run.id, lambda _: []))


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize("damage", ["DROP TABLE groups", "DELETE FROM groups"])
def test_an_index_that_lost_them_gives_the_same_answer(
    open_store: OpenStore, repository: Repository, damage: str
) -> None:
    store = open_store()
    expected = names(store, Counted())
    with sqlite3.connect(next(index_places(repository, may_write=True))) as connection:
        connection.execute(damage)
    connection.close()

    assert names(store, Counted()) == expected
    assert names(open_store(), Counted()) == expected


@pytest.mark.usefixtures("four")
def test_an_index_that_others_write_to_gives_the_same_answer(
    open_store: OpenStore, repository: Repository
) -> None:
    store = open_store()
    store.index.names("")
    store.index._connection.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(next(index_places(repository, may_write=True)), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        found = names(store, Counted())
        members = store.index.members(Selection(""), Counted().alike)
    finally:
        other.close()

    assert found == [("a2", None), ("a1", None)]
    assert [one.look for one in members] == ["x", "x", "y", "x"]
