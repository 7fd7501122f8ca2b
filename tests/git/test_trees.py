"""Trees as lists of files, and their oids without git."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import (
    Entry,
    is_below,
    object_oid,
    tree_entries,
    tree_oid,
)

from tests.workshop import Git

NAMES = st.text(st.sampled_from("ab.-0é\n ~"), min_size=1, max_size=4).filter(
    lambda name: name not in {".", ".."}
)


def test_the_entries_of_a_tree_are_its_files_with_modes(
    repository: Repository, work_tree: Path, git: Git
) -> None:
    (work_tree / "new\nline é").symlink_to("train.py")
    (work_tree / "train.py").chmod(0o755)
    git("add", "--all")
    git("commit", "--quiet", "-m", "odd")

    entries = tree_entries(repository, "HEAD")

    assert {path: entry.mode for path, entry in entries.items()} == {
        "conf/params.yaml": "100644",
        "new\nline é": "120000",
        "train.py": "100755",
    }
    assert tree_oid(entries) == git("rev-parse", "HEAD^{tree}").strip()


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(paths=st.sets(st.lists(NAMES, min_size=1, max_size=3).map(tuple), max_size=8))
def test_a_tree_oid_is_the_one_that_git_writes(
    repository: Repository, tmp_path: Path, paths: set[tuple[str, ...]]
) -> None:
    files = {
        path for path in paths if not any(path[: len(one)] == one for one in paths if one != path)
    }
    blob = repository.line("hash-object", "-w", "--stdin", stdin=b"x")
    entries = {"/".join(path): Entry("100644", blob) for path in files}
    index = PrivateIndex(repository, tmp_path / "an-index")
    index.path.unlink(missing_ok=True)
    index.put(entries)

    assert tree_oid(entries) == index.write_tree()


def test_a_tree_of_sha256_has_its_oid(tmp_path: Path, git: Git) -> None:
    git("init", "--quiet", "--object-format=sha256", tmp_path / "new")
    (tmp_path / "new" / "a.txt").write_text("a\n")
    git("add", "--all", cwd=tmp_path / "new")
    git("commit", "--quiet", "-m", "a", cwd=tmp_path / "new")

    with Repository.open(tmp_path / "new") as repository:
        assert repository.object_format == "sha256"
        entries = tree_entries(repository, "HEAD")

        assert tree_oid(entries, "sha256") == repository.line("rev-parse", "HEAD^{tree}")
        assert object_oid("blob", b"a\n", "sha256") == entries["a.txt"].oid


@pytest.mark.parametrize(
    ("folder", "path", "expected"),
    [
        ("a", "a", True),
        ("a", "a/b", True),
        ("a", "ab", False),
        ("a/b", "a", False),
        ("", "x", True),
    ],
)
def test_a_path_is_below_its_folders_and_itself(folder: str, path: str, expected: bool) -> None:
    assert is_below(folder, path) == expected
