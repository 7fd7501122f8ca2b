"""Who wrote an input: the last run before, of the same project, whatever it is called now."""

from __future__ import annotations

from typing import Any, Protocol

import pytest

from gitexp.git.repository import Repository
from gitexp.model.record import DataPointer
from gitexp.store.facts import append
from gitexp.store.selectors import get_run

from tests.store.workshop import OpenStore, RecordRun


class Writer(Protocol):
    """Return the name of the run that wrote the input 'm.pt' of a run."""

    def __call__(self, name: str, project: str = "") -> str | None: ...


@pytest.fixture
def writer(open_store: OpenStore) -> Writer:
    """Return the name of the run that wrote the input 'm.pt' of a run."""

    def ask(name: str, project: str = "") -> str | None:
        store = open_store(project)
        found = store.index.writers(get_run(store, name).record)
        assert set(found) <= {"m.pt"}
        return found["m.pt"].name if found else None

    return ask


def wrote(md5: str) -> dict[str, Any]:
    return {"pointers": (DataPointer("m.pt", md5, role="output"),)}


def read(md5: str) -> dict[str, Any]:
    return {"pointers": (DataPointer("m.pt", md5, role="input"),)}


def test_the_last_run_before_that_wrote_the_same_content_is_the_writer(
    repository: Repository, record_run: RecordRun, writer: Writer
) -> None:
    for name, facts in (
        ("early", read("one")),
        ("first", wrote("one")),
        ("again", wrote("one")),
        ("other", wrote("two")),
        ("reader", read("one")),
        ("unknown", read("three")),
        ("later", wrote("one")),
    ):
        record_run(repository, name, **facts)

    assert writer("reader") == "again"
    assert writer("early") is None
    assert writer("unknown") is None
    assert writer("later") is None


def test_a_run_with_a_command_is_the_writer_of_what_was_saved_later(
    repository: Repository, record_run: RecordRun, writer: Writer
) -> None:
    record_run(repository, "run", **wrote("one"))
    record_run(repository, "saved", command=(), **wrote("one"))
    record_run(repository, "notebook", command=(), **wrote("two"))
    record_run(repository, "reader", **read("one"))
    record_run(repository, "other", **read("two"))

    assert writer("reader") == "run"
    assert writer("other") == "notebook"


def test_a_writer_of_another_project_is_none(
    repository: Repository, record_run: RecordRun, writer: Writer
) -> None:
    record_run(repository, "theirs", project="app", **wrote("one"))
    record_run(repository, "ours", **read("one"))

    assert writer("ours") is None


def test_a_writer_that_was_renamed_or_removed_is_told_by_its_name_of_now(
    repository: Repository, record_run: RecordRun, writer: Writer, open_store: OpenStore
) -> None:
    record_run(repository, "first", **wrote("one"))
    record_run(repository, "reader", **read("one"))
    run = get_run(open_store(), "first")

    append(repository, [(run, "rename", "wide"), (run, "rm", None)])

    assert writer("reader") == "wide"


def test_a_reader_that_is_not_in_the_index_finds_its_writer_too(
    repository: Repository, record_run: RecordRun, open_store: OpenStore
) -> None:
    record_run(repository, "first", **wrote("one"))
    recorded = record_run(repository, "reader", branch="elsewhere", **read("one"))
    store = open_store()
    reader = store.of_commit(recorded.oid)

    assert reader
    assert store.index.writers(reader.record)["m.pt"].name == "first"


def test_a_run_made_what_has_the_same_path_and_content_and_nobody_saved_that(
    repository: Repository, record_run: RecordRun, open_store: OpenStore
) -> None:
    for name, facts in (
        ("first", wrote("one")),
        ("again", wrote("one")),
        ("other", wrote("two")),
        ("reader", read("three")),
        ("saved", {"command": (), **wrote("four")}),
    ):
        record_run(repository, name, **facts)
    asked = [("m.pt", md5) for md5 in ("one", "two", "three", "four")]

    made = open_store().index.makers("", [*asked, ("n.pt", "one")])

    assert {version: run.name for version, run in made.items()} == {
        ("m.pt", "one"): "again",
        ("m.pt", "two"): "other",
    }
