"""Late facts: kept as git notes, none lost, the same state whoever merges them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gitexp.git.repository import Repository
from gitexp.model.facts import Facts
from gitexp.store.branch import Recorded
from gitexp.store.facts import append, facts_between
from gitexp.store.join import NOTES
from gitexp.store.reading import StoredRun, run_of

Git = Callable[..., str]
Put = Callable[..., Recorded]


@pytest.fixture
def runs(repository: Repository, record_run: Put) -> list[StoredRun]:
    """Three runs: 'one', 'two' and 'three'."""
    oids = [record_run(repository, name).oid for name in ("one", "two", "three")]
    found = [run_of(repository, oid) for oid in oids]
    return [run for run in found if run is not None]


def say(repository: Repository, run: StoredRun, op: str, *values: str) -> None:
    append(repository, [(run, op, value) for value in values], message=f"{op} {run.name}")


def state(repository: Repository, seen: str | None = None) -> dict[str, Facts]:
    return dict(facts_between(repository, seen, repository.objects.commit(NOTES)))


def test_facts_of_a_run_are_what_its_events_come_to(
    repository: Repository, runs: list[StoredRun]
) -> None:
    one, two, _ = runs

    say(repository, one, "tag", "best", "candidate")
    say(repository, two, "rename", "second")
    say(repository, one, "untag", "best")

    found = state(repository)
    assert found[one.id].tags == ("candidate",)
    assert found[one.id].untagged == ("best",)
    assert found[two.id].name == "second"
    assert set(found) == {one.id, two.id}


def test_only_facts_that_have_changed_are_told(
    repository: Repository, runs: list[StoredRun]
) -> None:
    one, two, _ = runs
    say(repository, one, "tag", "best")
    say(repository, two, "tag", "worst")
    seen = repository.objects.commit(NOTES)

    say(repository, two, "note", "why?")

    found = state(repository, seen)
    assert list(found) == [two.id]
    assert found[two.id].tags == ("worst",)
    assert [comment.text for comment in found[two.id].comments] == ["why?"]
    assert state(repository, repository.objects.commit(NOTES)) == {}
