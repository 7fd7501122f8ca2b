"""Many objects through one process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitexp.git.repository import Repository

from tests.workshop import Git


def test_what_a_rev_names_is_read_whatever_kind_it_is(repository: Repository, git: Git) -> None:
    head = git("rev-parse", "HEAD").strip()
    git("tag", "-a", "-m", "release", "v1")

    commit, tree, blob, tag = repository.objects.read_many(
        ["HEAD", "HEAD:conf", "HEAD:conf/params.yaml", "v1"]
    )

    assert commit is not None
    assert (commit.oid, commit.kind) == (head, "commit")
    assert tree is not None
    assert tree.kind == "tree"
    assert blob is not None
    assert blob.content == b"rate: 0.1\n"
    assert tag is not None
    assert tag.kind == "tag"
    assert repository.objects.commit("v1") == head


@pytest.mark.parametrize(
    "spec",
    [
        "nothing",
        "HEAD:nothing",
        "HEAD:",
        "",
        " ",
        "HEAD:train.py/x",
        "--output=x",
        "HEAD\nHEAD",
        "^",
    ],
)
def test_what_names_no_file_is_none_and_the_next_answer_is_right(
    repository: Repository, work_tree: Path, spec: str
) -> None:
    found = repository.objects.blob(spec)

    assert found is None
    assert repository.objects.blob("HEAD:train.py") == b"print('training')\n"
    assert not (work_tree / "x").exists()


@pytest.mark.parametrize("name", ["with space", "new\nline", "ünï", "a b commit 12", "x missing"])
def test_names_of_all_kinds_are_found(
    repository: Repository, work_tree: Path, git: Git, name: str
) -> None:
    (work_tree / name).write_text(name)
    git("add", "--all")
    git("commit", "--quiet", "-m", "odd")

    one, two, three = repository.objects.read_many(["HEAD:train.py", f"HEAD:{name}", "HEAD:none"])

    assert one is not None
    assert two is not None
    assert two.content == name.encode()
    assert three is None


def test_a_thousand_objects_and_a_large_one_do_not_block(
    repository: Repository, work_tree: Path, git: Git
) -> None:
    (work_tree / "large.bin").write_bytes(b"\n\0 blob 12\n" * 100_000)
    git("add", "--all")
    git("commit", "--quiet", "-m", "large")
    specs = ["HEAD:large.bin", *["HEAD:train.py", "HEAD:none"] * 500, "HEAD:large.bin"]

    found = list(repository.objects.read_many(specs))

    assert len(found) == 1002
    assert found[0] == found[-1]
    assert found[0] is not None
    assert len(found[0].content) == 1_100_000
    assert sum(one is None for one in found) == 500


def test_a_generator_that_is_not_used_up_leaves_no_answer_behind(repository: Repository) -> None:
    found = repository.objects.read_many(["HEAD:train.py", "HEAD:conf/params.yaml"])
    next(found)
    del found

    assert repository.objects.blob("HEAD:conf/params.yaml") == b"rate: 0.1\n"


def test_an_object_written_later_is_found(
    repository: Repository, work_tree: Path, git: Git
) -> None:
    assert repository.objects.read("HEAD") is not None
    (work_tree / "new.txt").write_text("new\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "new")
    git("gc", "--quiet", "--prune=now")

    assert repository.objects.blob("HEAD:new.txt") == b"new\n"


def test_a_rev_that_names_no_commit_is_none(repository: Repository) -> None:
    assert repository.objects.commit("HEAD:train.py") is None
    assert repository.objects.commit("nothing") is None


def test_closing_ends_the_process_and_reading_starts_another(repository: Repository) -> None:
    repository.objects.read("HEAD")
    repository.objects.close()
    repository.objects.close()

    assert repository.objects.commit("HEAD") is not None


def test_an_object_that_git_cannot_read_to_its_end_is_none(
    repository: Repository, work_tree: Path, git: Git
) -> None:
    """Git has said by then how long it is."""
    (work_tree / "large.bin").write_bytes(os.urandom(100_000))
    git("add", "large.bin")
    oid = git("rev-parse", ":large.bin").strip()
    place = work_tree / ".git" / "objects" / oid[:2] / oid[2:]
    place.chmod(0o644)
    os.truncate(place, 50_000)

    cut, whole = repository.objects.read_many([oid, "HEAD:train.py"])

    assert cut is None
    assert whole is not None
    assert whole.content == b"print('training')\n"
