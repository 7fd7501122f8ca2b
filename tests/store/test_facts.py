"""Late facts: kept as git notes, none lost, the same state whoever merges them."""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.git.notes import NotesTree
from gitexp.git.repository import Repository
from gitexp.model.facts import NO_FACTS, Event, Facts, event_line
from gitexp.store.facts import append, facts_between, facts_on
from gitexp.store.join import advance_notes, join_notes
from gitexp.store.own import NOTES
from gitexp.store.reading import run_of
from gitexp.store.stored_run import StoredRun

from tests.store.workshop import OpenStore, RecordRun
from tests.workshop import Git


@pytest.fixture
def runs(repository: Repository, record_run: RecordRun) -> list[StoredRun]:
    """Three runs: 'one', 'two' and 'three'."""
    oids = [record_run(repository, name).oid for name in ("one", "two", "three")]
    found = [run_of(repository, oid) for oid in oids]
    return [run for run in found if run is not None]


def say(repository: Repository, run: StoredRun, op: str, *values: str) -> None:
    append(repository, [(run, op, value) for value in values])


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


def test_a_run_whose_last_line_is_gone_has_no_facts_any_more(
    repository: Repository, runs: list[StoredRun], git: Git
) -> None:
    say(repository, runs[0], "tag", "best")
    seen = repository.objects.commit(NOTES)

    git("notes", "--ref=gitexp", "remove", runs[0].oid)

    assert state(repository, seen) == {runs[0].id: NO_FACTS}
    git("update-ref", "-d", NOTES)
    assert dict(facts_between(repository, seen, None)) == {runs[0].id: NO_FACTS}


def test_notes_of_which_nothing_is_known_are_read_whole(
    repository: Repository, runs: list[StoredRun]
) -> None:
    say(repository, runs[0], "tag", "best")

    assert state(repository, "0" * 40) == state(repository, None) != {}


def test_lines_of_one_run_on_several_commits_are_folded_together(
    repository: Repository, runs: list[StoredRun], record_run: RecordRun
) -> None:
    one = runs[0]
    other = StoredRun(record_run(repository, "twin").oid, one.id, one.name, "", one.content)
    say(repository, one, "tag", "best")
    say(repository, runs[1], "tag", "else")
    seen = repository.objects.commit(NOTES)

    say(repository, other, "note", "after a purge")

    found = state(repository, seen)
    assert list(found) == [one.id]
    assert found == {one.id: state(repository)[one.id]}
    assert found[one.id].tags == ("best",)
    assert found[one.id].notes == tuple(sorted((one.oid, other.oid)))


def test_who_knows_the_facts_of_before_need_not_search_for_those_on_other_commits(
    repository: Repository,
    runs: list[StoredRun],
    record_run: RecordRun,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = runs[0]
    other = StoredRun(record_run(repository, "twin").oid, one.id, one.name, "", one.content)
    say(repository, one, "tag", "best")
    seen, before = repository.objects.commit(NOTES), state(repository)
    say(repository, other, "note", "after a purge")
    tip = repository.objects.commit(NOTES)
    monkeypatch.setattr("gitexp.store.facts.notes_that_hold", None)

    found = dict(facts_between(repository, seen, tip, known=before.__getitem__))

    assert found == state(repository)


def test_facts_of_many_runs_that_changed_at_once_are_whole(
    repository: Repository, runs: list[StoredRun], record_run: RecordRun
) -> None:
    one, oid = runs[0], record_run(repository, "many").oid
    many = [StoredRun(one.oid, f"{number:010}", "x", "", b"") for number in range(60)]
    append(repository, [(run, "tag", "first") for run in many])
    seen = repository.objects.commit(NOTES)
    moved = [StoredRun(oid, run.id, "x", "", b"") for run in many]

    append(repository, [(run, "tag", "second") for run in moved])

    found = state(repository, seen)
    assert {facts.tags for facts in found.values()} == {("first", "second")}
    assert len(found) == 60


def test_an_event_is_later_than_what_its_writer_could_see(
    repository: Repository, runs: list[StoredRun]
) -> None:
    one = runs[0]
    line = event_line(Event("2199-01-01T00:00:00.000Z", "zz", one.id, "tag", "best"))
    notes = NotesTree(repository, NOTES, None)
    notes.write({one.oid: line.encode()}, message="skewed", identity="Ada <a@b.c> 0 +0000")

    say(repository, one, "untag", "best")
    elsewhere = replace(one, oid=runs[1].oid, facts=state(repository)[one.id])
    say(repository, elsewhere, "tag", "best")

    assert state(repository)[one.id].tags == ("best",)
    assert state(repository)[one.id].last == "2199-01-01T00:00:00.002Z"


def test_facts_added_by_16_processes_at_once_are_all_kept(
    repository: Repository, runs: list[StoredRun], git: Git
) -> None:
    script = (
        "import sys; from pathlib import Path; from gitexp.git.repository import Repository;"
        "from gitexp.store.facts import append; from gitexp.store.reading import run_of\n"
        "with Repository.open(Path()) as repository:\n"
        "    for number in range(3):\n"
        "        run = run_of(repository, sys.argv[1])\n"
        "        append(repository, [(run, 'tag', f'{sys.argv[2]}-{number}')])\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", script, runs[at % 2].oid, str(at)])
        for at in range(16)
    ]

    assert [one.wait() for one in started] == [0] * 16

    found = state(repository)
    for which in (0, 1):
        wanted = {f"{at}-{number}" for at in range(which, 16, 2) for number in range(3)}
        assert set(found[runs[which].id].tags) == wanted
    assert len(git("rev-list", NOTES).split()) == 48


def test_facts_are_kept_where_the_lock_is_of_no_use(
    repository: Repository, runs: list[StoredRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network file systems have no locks: the compare-and-swap of the ref remains."""
    monkeypatch.setattr("gitexp.store.facts.locked", lambda _: contextlib.nullcontext())

    def tag(number: int) -> None:
        with Repository.open(repository.top) as opened:
            say(opened, runs[0], "tag", str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tag, range(8)))

    assert set(state(repository)[runs[0].id].tags) == set(map(str, range(8)))


@pytest.fixture
def diverged(
    repository: Repository, runs: list[StoredRun], git: Git, tmp_path: Path
) -> tuple[str, str]:
    """The notes of two clones in which a run was tagged, untagged, renamed and removed."""
    say(repository, runs[0], "tag", "best", "old")
    git("clone", "--quiet", "--mirror", repository.top, tmp_path / "mirror")
    git("clone", "--quiet", tmp_path / "mirror", tmp_path / "clone")
    git("fetch", "--quiet", "origin", f"{NOTES}:{NOTES}", cwd=tmp_path / "clone")
    with Repository.open(tmp_path / "clone") as clone:
        say(clone, runs[0], "untag", "best")
        say(clone, runs[0], "rename", "theirs")
        say(clone, runs[1], "rm", "")
    say(repository, runs[0], "rename", "mine")
    say(repository, runs[0], "note", "mine is later")
    say(repository, runs[1], "tag", "kept")
    git("fetch", "--quiet", tmp_path / "clone", f"{NOTES}:refs/notes/theirs")
    mine, theirs = (repository.objects.commit(ref) for ref in (NOTES, "refs/notes/theirs"))
    assert mine is not None
    assert theirs is not None
    return mine, theirs


def test_facts_of_two_clones_come_to_the_same_in_both_directions(
    repository: Repository, runs: list[StoredRun], diverged: tuple[str, str]
) -> None:
    mine, theirs = diverged

    there = dict(facts_between(repository, None, join_notes(repository, theirs, mine)))
    advance_notes(repository, theirs)

    here = state(repository)
    assert here == there
    one, two = here[runs[0].id], here[runs[1].id]
    assert (one.tags, one.untagged, one.name) == (("old",), ("best",), "mine")
    assert [comment.text for comment in one.comments] == ["mine is later"]
    assert (two.tags, two.removed) == (("kept",), True)


def test_what_plain_git_merges_comes_to_the_same(
    repository: Repository, diverged: tuple[str, str], git: Git
) -> None:
    mine, theirs = diverged
    ours = dict(facts_between(repository, None, join_notes(repository, mine, theirs)))

    git("notes", "--ref=gitexp", "merge", "--quiet", "-s", "cat_sort_uniq", "refs/notes/theirs")

    assert state(repository) == ours


def test_facts_that_were_pulled_are_those_that_a_reader_of_everything_finds(
    repository: Repository, diverged: tuple[str, str]
) -> None:
    mine, theirs = diverged
    before = dict(facts_between(repository, None, mine))

    advance_notes(repository, theirs)

    assert before | state(repository, mine) == state(repository)


def test_what_people_write_by_hand_stays_and_disturbs_nothing(
    repository: Repository, runs: list[StoredRun], git: Git
) -> None:
    git("notes", "--ref=gitexp", "add", "-m", "a word by hand\n\n{broken", runs[0].oid)
    say(repository, runs[0], "tag", "best")
    git("notes", "--ref=gitexp", "append", "-m", "and another", runs[0].oid)
    say(repository, runs[0], "tag", "last")

    shown = git("notes", "--ref=gitexp", "show", runs[0].oid).splitlines()

    assert state(repository)[runs[0].id].tags == ("best", "last")
    by_hand = [line for line in shown if not line.startswith('{"time"')]
    assert by_hand == ["a word by hand", "", "{broken", "", "and another"]


def test_facts_of_a_run_that_is_not_here_are_told_all_the_same(
    repository: Repository, runs: list[StoredRun], git: Git
) -> None:
    absent = replace(runs[0], oid="f" * 40, id="absent0000")

    say(repository, absent, "tag", "best")

    assert state(repository)["absent0000"].tags == ("best",)
    assert git("fsck", "--strict") == ""


def test_an_event_names_who_told_it(repository: Repository, runs: list[StoredRun]) -> None:
    say(repository, runs[0], "note", "good\nand short")

    [comment] = state(repository)[runs[0].id].comments
    assert (comment.text, comment.by) == ("good\nand short", "Ada <ada@example.com>")


def test_a_person_without_a_name_is_told_so(
    repository: Repository, runs: list[StoredRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_NAME", " ")
    with (
        Repository.open(repository.top) as opened,
        pytest.raises(GitexpError, match="does not know your name"),
    ):
        say(opened, runs[0], "tag", "best")


def test_facts_are_kept_where_there_can_be_no_lock(
    repository: Repository, runs: list[StoredRun]
) -> None:
    shutil.rmtree(repository.common_dir / "gitexp")
    (repository.common_dir / "gitexp").touch()

    say(repository, runs[0], "tag", "best")

    notes = repository.objects.commit(NOTES)
    assert facts_on(repository, runs[0], notes).tags == ("best",)
    assert facts_on(repository, runs[1], notes) == NO_FACTS


@pytest.mark.parametrize("seed", range(2))
def test_the_index_comes_to_what_reading_all_notes_comes_to_step_by_step(
    repository: Repository,
    runs: list[StoredRun],
    record_run: RecordRun,
    open_store: OpenStore,
    git: Git,
    seed: int,
) -> None:
    chance = random.Random(seed)
    twins = [replace(run, oid=record_run(repository, f"twin-{run.id}").oid) for run in runs]
    ops = [("tag", "a"), ("untag", "a"), ("tag", "b"), ("rm", ""), ("restore", ""), ("note", "x")]
    for step in range(10):
        run = chance.choice([*runs, *twins])
        if step % 4 == 3:
            git("notes", "--ref=gitexp", "remove", "--ignore-missing", run.oid)
        else:
            say(repository, run, *chance.choice([*ops, ("rename", f"new-{step}")]))

        index = open_store().index
        known = {
            run.id: run for removed in (False, True) for run in index.runs("", removed=removed)
        }

        told = state(repository)
        assert {run.id: known[run.id].facts for run in runs} == {
            run.id: told.get(run.id, NO_FACTS) for run in runs
        }
        assert all(run in index.named(run.name, "") for run in known.values())
