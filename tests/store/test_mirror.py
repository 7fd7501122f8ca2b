"""Commits and refs that show runs to DVC; tests/cli/test_mirror.py asks DVC itself."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import pytest
from msgspec.structs import replace

from gitexp.git import locked
from gitexp.git.repository import Repository
from gitexp.store.mirror import BaselineMissing, NotMirrored, mirror_run, mirror_runs
from gitexp.store.reading import run_of
from gitexp.store.stored_run import StoredRun

from tests.store.workshop import RecordRun
from tests.workshop import DEADLINE, Git


class Put(Protocol):
    """Put a run of HEAD on the branch and read it: `put("name", project="app")`."""

    def __call__(self, name: str, **facts: Any) -> StoredRun: ...


@pytest.fixture
def put(repository: Repository, record_run: RecordRun, git: Git) -> Put:
    """Put a run of HEAD on the branch and read it: `put("name", project="app")`."""

    def record(name: str, **facts: Any) -> StoredRun:
        baseline = git("rev-parse", "HEAD").strip()
        recorded = record_run(repository, name, **{"baseline": baseline, **facts})
        found = run_of(repository, recorded.oid)
        assert found is not None
        return found

    return record


def test_a_run_is_mirrored_once_however_often(repository: Repository, git: Git, put: Put) -> None:
    run = put("one")

    first = mirror_run(repository, run)
    oid = git("rev-parse", first)
    second = mirror_run(repository, run)

    assert first == second
    assert git("rev-parse", second) == oid
    assert len(git("for-each-ref", "refs/exps").splitlines()) == 1


def test_the_commit_follows_from_the_run_alone(
    repository: Repository, git: Git, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = put("one", ended="2026-02-03T04:05:06.789Z")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Bob")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2030-01-01T00:00:00Z")
    git("config", "user.name", "Bob")

    ref = mirror_run(repository, run)

    shown = git("show", "--no-patch", "--format=%an %aI %cn %cI", ref)
    assert shown == "Ada 2026-02-03T04:05:06+00:00 Ada 2026-02-03T04:05:06+00:00\n"


@pytest.mark.parametrize("project", ["", "app ü/deep"])
def test_the_record_is_no_part_of_it(
    repository: Repository, git: Git, put: Put, project: str
) -> None:
    ref = mirror_run(repository, put("one", project=project))

    assert [
        path for path in git("ls-tree", "-r", "--name-only", ref).split() if "gitexp" in path
    ] == []


def test_runs_of_one_name_both_have_a_ref(repository: Repository, put: Put) -> None:
    first, second = put("one"), put("one")

    refs = [mirror_run(repository, run) for run in (first, second, first)]

    assert [ref.rpartition("/")[2] for ref in refs] == ["one", f"one-{second.id}", "one"]


def test_where_every_name_is_taken_nothing_is_overwritten(
    repository: Repository, git: Git, put: Put
) -> None:
    run = put("one")
    folder = mirror_run(repository, run).rpartition("/")[0]
    head = git("rev-parse", "HEAD").strip()
    for name in ("one", f"one-{run.id}"):
        git("update-ref", f"{folder}/{name}", head)

    with pytest.raises(NotMirrored, match="is taken"):
        mirror_run(repository, run)

    assert set(git("for-each-ref", "--format=%(objectname)", "refs/exps").split()) == {head}


def test_a_run_on_an_unknown_baseline_or_none_is_refused(repository: Repository, put: Put) -> None:
    for baseline in ("b" * 40, ""):
        with pytest.raises(BaselineMissing):
            mirror_run(repository, put("one", baseline=baseline))


def test_one_that_fails_does_not_keep_the_others_back(
    repository: Repository, git: Git, put: Put
) -> None:
    told: list[str] = []
    broken = replace(put("broken"), content=b"{}")
    runs = [broken, put("lost", baseline="b" * 40), put("gone", baseline="b" * 40), put("fine")]

    mirror_runs(repository, runs, told.append)

    assert [line.partition(": ")[0] for line in told] == ["warning", "note"]
    assert told[0].startswith("warning: run 'broken' is recorded, but DVC does not see it: ")
    assert told[1] == "note: DVC does not see 'lost' and 1 more: the baseline is not in this clone"
    refs = git("for-each-ref", "--format=%(refname)", "refs/exps").split()
    assert [Path(ref).name for ref in refs] == ["fine"]


def test_a_run_that_another_process_is_just_mirroring_gets_one_ref(
    repository: Repository, git: Git, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = put("one")
    ref = mirror_run(repository, run)
    oid = git("rev-parse", ref).strip()
    git("update-ref", "-d", ref)
    lock = repository.common_dir / f"{ref}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(f"{oid}\n")
    monkeypatch.setattr(locked, "PATIENCE", DEADLINE)
    monkeypatch.setattr(time, "sleep", lambda _: lock.rename(lock.with_suffix("")))

    assert mirror_run(repository, run) == ref
    assert git("for-each-ref", "--format=%(refname)", "refs/exps").split() == [ref]


def test_many_at_once_make_one_ref_each(repository: Repository, git: Git, put: Put) -> None:
    runs = [put(f"run-{number}") for number in range(6)]

    def mirror(run: StoredRun) -> str:
        with Repository.open(repository.top) as own:
            return mirror_run(own, run)

    with ThreadPoolExecutor(8) as pool:
        refs = list(pool.map(mirror, runs * 4))

    assert sorted(set(refs)) == git("for-each-ref", "--format=%(refname)", "refs/exps").split()
    assert len(set(refs)) == 6
