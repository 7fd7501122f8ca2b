"""Joins: the same commit whoever makes it, and every run on the branch once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gitexp.git.commits import write_commit
from gitexp.git.nearby import contains
from gitexp.git.repository import Repository
from gitexp.store.branch import BranchUnusable, check_ours, root_commit
from gitexp.store.join import advance, advance_notes, check_theirs, join, join_notes
from gitexp.store.own import NOTES
from gitexp.store.selectors import UnknownRun, find_run

from tests.store.workshop import OpenStore, RecordRun
from tests.workshop import Git


@pytest.fixture
def two_tips(repository: Repository, record_run: RecordRun) -> tuple[str, str]:
    """Two runs that know nothing of each other: the branches 'experiments' and 'theirs'."""
    mine = record_run(repository, "mine", ended="2026-01-02T03:04:08.000Z")
    theirs = record_run(repository, "theirs", branch="theirs", ended="2026-01-02T03:04:07.000Z")
    return mine.oid, theirs.oid


def commit(repository: Repository, tip: str, date: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GIT_COMMITTER_DATE", date)
    with Repository.open(repository.top) as opened:  # reads the environment when it is opened
        oid, _ = write_commit(opened, tree=f"{tip}^{{tree}}", parents=[tip], message=f"at {date}\n")
    return oid


def test_a_tip_that_contains_the_other_is_the_join(
    repository: Repository, record_run: RecordRun
) -> None:
    first = record_run(repository, "first").oid
    second = record_run(repository, "second").oid

    assert join(repository, first, second) == second
    assert join(repository, second, first) == second
    assert join(repository, first, first) == first


def test_two_clones_that_join_the_same_tips_make_the_same_commit(
    repository: Repository,
    two_tips: tuple[str, str],
    tmp_path: Path,
    git: Git,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = two_tips
    git("clone", "--quiet", repository.top, tmp_path / "clone")
    git("config", "user.name", "Grace", cwd=tmp_path / "clone")
    git("config", "commit.gpgsign", "true", cwd=tmp_path / "clone")
    git("config", "i18n.commitEncoding", "ISO-8859-1", cwd=tmp_path / "clone")
    here = join(repository, one, other)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2027-01-02T03:04:05+02:00")
    monkeypatch.setenv("TZ", "Asia/Tokyo")

    with Repository.open(tmp_path / "clone") as clone:
        there = join(clone, other, one)

    assert there == here


def test_a_join_has_the_tree_and_the_date_of_the_newer_tip(
    repository: Repository,
    two_tips: tuple[str, str],
    git: Git,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    older = commit(repository, two_tips[0], "2026-03-01T12:00:00+09:00", monkeypatch)
    newer = commit(repository, two_tips[1], "2026-03-01T05:00:00+01:00", monkeypatch)

    joined = join(repository, older, newer)

    form = "%an <%ae> %ad%n%cn <%ce> %cd%n%P%n%T%n%B"
    assert git("log", "-1", "--date=raw", f"--format={form}", joined).splitlines()[:5] == [
        "gitexp <gitexp@localhost> 1772337600 +0100",
        "gitexp <gitexp@localhost> 1772337600 +0100",
        " ".join(sorted((older, newer))),
        git("rev-parse", f"{newer}^{{tree}}").strip(),
        "Runs of two clones come together here",
    ]


def test_after_a_join_the_branch_is_still_ours(
    repository: Repository, two_tips: tuple[str, str], record_run: RecordRun
) -> None:
    joined = advance(repository, "experiments", two_tips[1]).new

    check_ours(repository, "experiments", joined)
    after = record_run(repository, "after")

    assert after.parent == joined


def test_advance_makes_a_branch_that_is_not_there(
    repository: Repository, two_tips: tuple[str, str]
) -> None:
    moved = advance(repository, "fresh", two_tips[0])

    assert (moved.old, moved.new) == (None, two_tips[0])
    assert repository.objects.commit("refs/heads/fresh") == two_tips[0]


def test_advance_leaves_a_branch_that_has_it_all(
    repository: Repository, two_tips: tuple[str, str], git: Git
) -> None:
    git("switch", "--quiet", "experiments")

    moved = advance(repository, "experiments", root_commit(repository))

    assert moved.old == moved.new == two_tips[0]


def test_advance_refuses_to_move_a_branch_that_is_checked_out(
    repository: Repository, two_tips: tuple[str, str], git: Git
) -> None:
    git("switch", "--quiet", "experiments")

    with pytest.raises(BranchUnusable, match="is checked out"):
        advance(repository, "experiments", two_tips[1])

    assert repository.objects.commit("refs/heads/experiments") == two_tips[0]


def test_runs_recorded_while_others_are_joined_are_all_kept(
    repository: Repository, record_run: RecordRun, open_store: OpenStore
) -> None:
    others = [record_run(repository, f"theirs-{n}", branch=f"theirs-{n}").oid for n in range(4)]

    def record(name: str) -> None:
        with Repository.open(repository.top) as opened:
            record_run(opened, name)

    def take(tip: str) -> None:
        with Repository.open(repository.top) as opened:
            advance(opened, "experiments", tip)

    jobs = [threading.Thread(target=record, args=(f"mine-{n}",)) for n in range(4)]
    jobs += [threading.Thread(target=take, args=(tip,)) for tip in others]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()

    expected = sorted(f"{whose}-{n}" for whose in ("mine", "theirs") for n in range(4))
    assert sorted(run.name for run in open_store().newest()) == expected


def test_the_index_sees_the_runs_of_both_sides_once(
    repository: Repository, two_tips: tuple[str, str], open_store: OpenStore
) -> None:
    before = [run.name for run in open_store().newest()]

    advance(repository, "experiments", two_tips[1])

    assert before == ["mine"]
    assert [run.name for run in open_store().newest()] == ["mine", "theirs"]
    assert [run.name for run in open_store().newest()] == ["mine", "theirs"]


def test_latest_is_the_run_that_ended_last_on_whichever_side(
    repository: Repository, two_tips: tuple[str, str], record_run: RecordRun, open_store: OpenStore
) -> None:
    late = record_run(repository, "late", branch="theirs", ended="2026-01-02T04:00:00.000Z")
    advance(repository, "experiments", late.oid)

    found = [find_run(open_store(), text) for text in ("latest", "latest~1", "latest~2")]

    assert [run.name for run in found if run] == ["late", "mine", "theirs"]
    assert two_tips[0] in {run.oid for run in found if run}


def test_a_name_that_two_clones_gave_is_an_error_that_lists_both(
    repository: Repository, record_run: RecordRun, open_store: OpenStore
) -> None:
    record_run(repository, "twin", id="aaaaaaaaaa")
    theirs = record_run(repository, "twin", branch="theirs", id="bbbbbbbbbb")
    advance(repository, "experiments", theirs.oid)

    with pytest.raises(UnknownRun) as refused:
        find_run(open_store(), "twin")

    assert "twin (aaaaaaaaaa, Ada, 2026-01-02 03:04 UTC)" in str(refused.value)
    assert "twin (bbbbbbbbbb, Ada, 2026-01-02 03:04 UTC)" in str(refused.value)
    assert find_run(open_store(), "bbbb") is not None


def test_a_run_that_is_on_both_sides_under_two_oids_is_one_run(
    repository: Repository, record_run: RecordRun, open_store: OpenStore
) -> None:
    record_run(repository, "before")
    record_run(repository, "once", id="aaaaaaaaaa")
    theirs = record_run(repository, "once", branch="theirs", id="aaaaaaaaaa")

    advance(repository, "experiments", theirs.oid)

    assert sorted(run.name for run in open_store().newest()) == ["before", "once"]


def test_a_branch_that_does_not_begin_as_ours_is_not_theirs(repository: Repository) -> None:
    with pytest.raises(
        BranchUnusable, match="branch 'main' of 'origin' holds things other than"
    ) as no:
        check_theirs(repository, "main", "origin", "main")

    assert "remote_branch" in str(no.value.hint)


def test_notes_of_both_sides_are_joined_line_by_line(
    repository: Repository, two_tips: tuple[str, str], git: Git
) -> None:
    for side, lines in (("one", "a\nc"), ("other", "b\nc")):
        git("notes", f"--ref={side}", "add", "-m", lines, two_tips[0])
    one, other = (repository.objects.commit(f"refs/notes/{side}") for side in ("one", "other"))

    joined = join_notes(repository, one, other)

    assert joined == join_notes(repository, other, one)
    assert joined is not None
    assert contains(repository, joined, one or "")
    assert git("show", f"{joined}:{two_tips[0]}") == "a\nb\nc\n"
    assert git("for-each-ref", "refs/notes/gitexp*") == ""


def test_notes_of_one_side_are_taken_as_they_are(
    repository: Repository, two_tips: tuple[str, str], git: Git
) -> None:
    git("notes", "--ref=theirs", "add", "-m", "a", two_tips[0])
    theirs = repository.objects.commit("refs/notes/theirs")

    advance_notes(repository, None)
    nothing = repository.objects.commit(NOTES)
    advance_notes(repository, theirs)

    assert nothing is None
    assert repository.objects.commit(NOTES) == theirs
