"""Runs read from their commits; what is none is passed over."""

from __future__ import annotations

import json
import pickle

import pytest
from msgspec.structs import replace

from gitexp.git.repository import Repository
from gitexp.model.facts import Facts
from gitexp.model.record import RunRecord
from gitexp.model.record_json import to_json
from gitexp.store.reading import run_of, runs_between

from tests.store.workshop import RecordRun, TreeOf
from tests.workshop import Git


def names(repository: Repository, seen: str | None = None) -> list[str]:
    """Return the names of the runs on the branch, oldest first."""
    tip = repository.line("rev-parse", "experiments")
    return [run.name for run in runs_between(repository, seen, tip)]


def of_version_99(record: RunRecord) -> bytes:
    """Write a record as a gitexp of the future might."""
    values = {**json.loads(to_json(record)), "version": 99, "gitexp": "7.0.0", "exit": "gone"}
    return json.dumps(values).encode()


def test_runs_are_read_in_order_and_since_any_of_them(
    repository: Repository, record_run: RecordRun
) -> None:
    first = record_run(repository, "first")
    record_run(repository, "second")
    record_run(repository, "third", project="app é/deep")

    assert names(repository) == ["first", "second", "third"]
    assert names(repository, first.oid) == ["second", "third"]


@pytest.mark.parametrize("project", ["", "app", "with space", "new\nline", "back\\slash", "é/ü"])
def test_a_run_is_read_whole_whatever_its_project_is_called(
    repository: Repository, record_run: RecordRun, project: str
) -> None:
    recorded = record_run(repository, "one", project=project, message="Gitexp-Run: not this\n")

    run = run_of(repository, "experiments")

    assert run is not None
    assert (run.oid, run.name, run.project) == (recorded.oid, "one", project)
    assert run.record.project == project
    assert run.record.id == run.id
    assert run.problem is None
    assert names(repository) == ["one"]


def test_what_lies_on_the_branch_and_is_no_run_is_passed_over(
    repository: Repository, record_run: RecordRun, tree_of: TreeOf, git: Git
) -> None:
    first = record_run(repository, "first")
    message = git("log", "-1", "--format=%B", first.oid)
    good = git("rev-parse", f"{first.oid}^{{tree}}").strip()
    other = tree_of(repository, {".gitexp/run.json": b'{"version": 1, "id": "another"}'})
    broken = tree_of(repository, {".gitexp/run.json": b"{"})
    a_list = tree_of(repository, {".gitexp/run.json": b"[1]"})
    path = "../../../x"
    run_id = json.loads(git("show", f"{first.oid}:.gitexp/run.json"))["id"]
    named_as_a_path = tree_of(repository, {".gitexp/run.json": json.dumps({"id": path}).encode()})
    bare = tree_of(repository, {"train.py": b""})
    tip = first.oid
    for tree, text in (
        (good, "by hand"),
        (other, message),
        (broken, message),
        (a_list, message),
        (bare, message),
        (named_as_a_path, message.replace(run_id, path)),
        (good, "mentions\n\nGitexp-Run: nobody"),
        (good, "café".encode("latin-1").decode("latin-1")),
    ):
        tip = git("commit-tree", "-p", tip, "-m", text, tree).strip()
        assert run_of(repository, tip) is None
    git("update-ref", "refs/heads/experiments", tip)
    record_run(repository, "last")

    assert names(repository) == ["first", "last"]


def test_a_run_of_a_later_format_says_what_it_needs(
    repository: Repository, record_run: RecordRun
) -> None:
    record_run(repository, "future", content=of_version_99)
    record_run(repository, "now")

    future, now = runs_between(repository, None, repository.line("rev-parse", "experiments"))

    assert (future.name, future.problem) == ("future", "needs gitexp ≥ 7.0.0")
    assert (now.name, now.problem) == ("now", None)


def test_a_run_that_knows_its_record_is_the_same_run(
    repository: Repository, record_run: RecordRun
) -> None:
    record_run(repository, "one")
    found = run_of(repository, "experiments")
    assert found is not None
    facts = Facts(tags=("good",), name="other", last="2026-01-03T00:00:00Z")

    for run in (found, replace(found, facts=facts)):
        knowing = replace(run, known=found.record)

        assert (knowing, hash(knowing)) == (run, hash(run))
        assert pickle.loads(pickle.dumps(knowing)) == run
        assert knowing.record == run.record
    assert replace(found, known=found.record, facts=facts).record.name == "other"


def test_a_run_that_two_clones_joined_is_read_once_from_each_side(
    repository: Repository, record_run: RecordRun, git: Git
) -> None:
    base = record_run(repository, "base")
    one = record_run(repository, "one")
    git("update-ref", "refs/heads/experiments", base.oid)
    other = record_run(repository, "other")
    joined = git(
        "commit-tree", "-p", one.oid, "-p", other.oid, "-m", "join", f"{one.oid}^{{tree}}"
    ).strip()
    git("update-ref", "refs/heads/experiments", joined)

    assert sorted(names(repository)) == ["base", "one", "other"]
    assert names(repository)[0] == "base"


@pytest.mark.parametrize("rev", ["HEAD", "nothing", "HEAD:train.py", "--output=x", ""])
def test_a_rev_that_is_no_run_is_none(
    repository: Repository, record_run: RecordRun, rev: str
) -> None:
    record_run(repository, "first")

    assert run_of(repository, rev) is None
