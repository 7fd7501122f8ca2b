"""What a person may call a run."""

from __future__ import annotations

import os

import pytest
from msgspec.structs import replace

from gitexp.comparison.query.expression import Column
from gitexp.git.repository import Repository
from gitexp.model.paths import TopPath
from gitexp.model.policy import Policy, Rule
from gitexp.store.index.selection import Selection, Sort
from gitexp.store.journal import Entry, Journal
from gitexp.store.processes import Place
from gitexp.store.runs import RunStore
from gitexp.store.selectors import UnderWay, UnknownRun, find_run, get_run

from tests.store.workshop import OpenStore, RecordRun
from tests.workshop import Git


@pytest.fixture
def five(repository: Repository, record_run: RecordRun) -> list[str]:
    """Five runs; return their oids."""
    known = [
        ("brave-otter-7f", "7fk2m9q4ab"),
        ("brave-otter-8g", "8gk2m9q4ab"),
        ("calm-heron-c1", "c1k2m9q4ab"),
        ("first", "d1k2m9q4ab"),
        ("twice", "e1k2m9q4ab"),
    ]
    return [
        record_run(repository, name, id=run_id, ended=f"2026-01-02T03:04:1{number}.000Z").oid
        for number, (name, run_id) in enumerate(known)
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("brave-otter-7f", 0),
        ("8gk2m9q4ab", 1),
        ("calm", 2),
        ("c1", 2),
        ("first", 3),
        ("latest", 4),
        ("latest~0", 4),
        ("latest~4", 0),
        ("experiments~1", 3),
        ("experiments@{1}", 3),
        ("v1", 2),
    ],
)
def test_a_run_is_found_by_name_id_start_place_and_rev(
    open_store: OpenStore, five: list[str], git: Git, text: str, number: int
) -> None:
    git("tag", "-a", "-m", "release", "v1", five[2])

    found = find_run(open_store(), text)

    assert found is not None
    assert found.oid == five[number]


def test_an_oid_and_its_start_are_found(open_store: OpenStore, five: list[str]) -> None:
    assert get_run(open_store(), five[1]).oid == five[1]
    assert get_run(open_store(), five[1][:12]).oid == five[1]


@pytest.mark.parametrize("text", ["main", "HEAD", "HEAD~5", "nothing", "", "--output=x", "a\nb"])
@pytest.mark.usefixtures("five")
def test_what_names_no_run_is_none(open_store: OpenStore, text: str) -> None:
    assert find_run(open_store(), text) is None


@pytest.mark.usefixtures("five")
def test_a_start_that_several_have_is_answered_with_all_of_them(open_store: OpenStore) -> None:
    with pytest.raises(UnknownRun, match="'brave' may be any of 2 runs: ") as got:
        find_run(open_store(), "brave")

    assert "brave-otter-8g (8gk2m9q4ab, Ada, 2026-01-02 03:04 UTC)" in str(got.value)
    assert "Give the id" in (got.value.hint or "")


@pytest.mark.usefixtures("five")
def test_a_name_that_two_runs_have_is_answered_with_both_their_authors_and_times(
    repository: Repository, record_run: RecordRun, open_store: OpenStore
) -> None:
    record_run(repository, "twice", id="zzzzzzzzzz", started="2026-01-03T03:04:05.000Z")

    with pytest.raises(UnknownRun, match="'twice' may be any of 2 runs") as got:
        find_run(open_store(), "twice")

    assert "twice (zzzzzzzzzz, Ada, 2026-01-03 03:04 UTC)" in str(got.value)
    assert find_run(open_store(), "zzzzzzzzzz") is not None


def test_a_branch_wins_over_the_start_of_a_name_and_loses_to_a_whole_one(
    open_store: OpenStore, five: list[str], git: Git
) -> None:
    git("branch", "calm", five[0])
    git("tag", "first", five[0])

    found = [find_run(open_store(), text) for text in ("calm", "first")]

    assert [run.oid for run in found if run] == [five[0], five[3]]


@pytest.mark.parametrize("rev", ["main", "experiments"])
def test_a_commit_that_is_no_run_is_said_to_be_one(
    open_store: OpenStore, five: list[str], git: Git, rev: str
) -> None:
    tree, other = git("rev-parse", "experiments^{tree}", "experiments~1").split()
    join = git("commit-tree", tree, "-p", five[-1], "-p", other, "-m", "join").strip()
    git("update-ref", "refs/heads/experiments", join)

    with pytest.raises(UnknownRun, match=f"^'{rev}' is a commit, but not a run$"):
        get_run(open_store(), rev)


@pytest.mark.usefixtures("five")
def test_a_near_miss_is_answered_with_the_close_name_and_never_guessed(
    open_store: OpenStore,
) -> None:
    with pytest.raises(UnknownRun, match="no run 'calm-hern-c1'") as got:
        get_run(open_store(), "calm-hern-c1")

    assert got.value.hint == "Did you mean 'calm-heron-c1'? `gitexp ls` lists all runs."


@pytest.mark.usefixtures("five")
def test_the_start_of_another_name_is_not_taken_for_a_run_under_way(
    open_store: OpenStore, repository: Repository, git: Git
) -> None:
    place = (str(repository.top), TopPath(""), TopPath(""), "2026-01-02T03:04:05+00:00")
    entry = Entry("7fk2m9q", "calm", *place, owner=Place.of(os.getpid()))
    journal = Journal(repository)
    journal.write(entry)
    journal.write(replace(entry, id="x1", name="brave", folder=TopPath("sub")))
    journal.write(replace(entry, id="x2", name="first"))

    for text in ("calm", "7fk2m9q"):
        with pytest.raises(UnderWay, match=f"^run '{text}' is under way$") as got:
            find_run(open_store(), text)
        assert got.value.hint == "Wait for its end; `gitexp show -f calm` follows it."
    with pytest.raises(UnknownRun, match="may be any of 2 runs"):  # that one is of another project
        find_run(open_store(), "brave")
    with pytest.raises(UnknownRun) as close:
        get_run(open_store(), "clam")
    found = [find_run(open_store(), text) for text in ("calm-h", "first")]
    git("branch", "calm")
    found.append(find_run(open_store(), "calm"))

    assert close.value.hint == "Did you mean 'calm'? `gitexp ls` lists all runs."
    assert [one.name if one else None for one in found] == ["calm-heron-c1", "first", None]


def test_further_back_than_there_are_runs_is_told(
    open_store: OpenStore, record_run: RecordRun, repository: Repository
) -> None:
    with pytest.raises(UnknownRun, match="there are no runs yet"):
        get_run(open_store(), "latest")
    record_run(repository, "one")

    with pytest.raises(UnknownRun, match="there is only one run"):
        get_run(open_store(), "latest~1")


def test_another_projects_runs_are_out_of_sight(
    repository: Repository, record_run: RecordRun, open_store: OpenStore
) -> None:
    record_run(repository, "theirs", project="other")

    assert find_run(open_store("app"), "theirs") is None
    assert find_run(open_store("other"), "theirs") is not None


def test_a_tag_that_one_run_has_names_it_unless_git_knows_the_word(
    repository: Repository, record_run: RecordRun, open_store: OpenStore, git: Git
) -> None:
    record_run(repository, "one", tags=("paper", "keep"))
    record_run(repository, "two", tags=("keep",))

    assert [get_run(open_store(), text).name for text in ("paper", "tag:paper")] == ["one", "one"]
    assert find_run(open_store(), "tag:none") is None
    with pytest.raises(UnknownRun, match="'tag:keep' may be any of 2 runs"):
        find_run(open_store(), "tag:keep")
    git("tag", "paper", "main")
    assert find_run(open_store(), "paper") is None
    assert get_run(open_store(), "tag:paper").name == "one"


@pytest.mark.usefixtures("five")
def test_a_mistyped_tag_is_answered_with_the_close_one(
    repository: Repository, record_run: RecordRun, open_store: OpenStore
) -> None:
    record_run(repository, "one", tags=("paper",))

    with pytest.raises(UnknownRun) as got:
        get_run(open_store(), "papr")

    assert (got.value.hint or "").startswith("Did you mean 'paper'?")


def test_the_best_run_is_the_one_that_the_policy_calls_best(
    repository: Repository, record_run: RecordRun
) -> None:
    for name, loss in (("high", 0.5), ("low", 0.1), ("none", None)):
        record_run(repository, name, metrics={"m.json": {"loss": loss}})
    policy = Policy((("loss", Rule("min")),))

    store = RunStore(repository, "experiments", "", policy)

    assert get_run(store, "best:loss").name == "low"
    store.close()


@pytest.mark.usefixtures("five")
def test_a_number_beyond_all_bounds_is_no_run_and_no_bug(open_store: OpenStore) -> None:
    store = open_store()

    with pytest.raises(UnknownRun, match="there are only 5 runs"):
        find_run(store, "latest~99999999999999999999")
    assert len(store.newest(10**20)) == 5
    by_name = Sort(Column("params", "lr"), descending=False)
    assert len(store.index.select(Selection("", sort=by_name, limit=10**20))) == 5
