"""A tree that we edit is the one that an index would have given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.git.edited import TreeEditor, edited_tree
from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry, tree_entries

from tests.workshop import Git


@pytest.fixture(params=["sha1", "sha256"])
def many(request: pytest.FixtureRequest, tmp_path: Path, git: Git) -> Repository:
    """A repository with files whose order in a tree is not that of their paths."""
    top = tmp_path / "many"
    git("init", "--quiet", f"--object-format={request.param}", top)
    for name in ("a", "a.b", "a-b", "deep/er/x", "deep/er.x", "deep/y", "é ü/ß", "only/one"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(name)
    (top / "link").symlink_to("a")
    (top / "run.sh").touch()
    (top / "run.sh").chmod(0o755)
    git("add", "--all", cwd=top)
    git("commit", "--quiet", "-m", "many", cwd=top)
    return Repository.open(top)


def blob(repository: Repository, content: str) -> Entry:
    """Write a blob and return an entry of it."""
    return Entry("100644", repository.line("hash-object", "-w", "--stdin", stdin=content.encode()))


@pytest.mark.parametrize(
    ("new", "gone"),
    [
        ([], []),
        (["a", "b", ".gitexp/run.json", "deep/er/x", "deep/er/new", "é ü/å/x"], []),
        (["a-", "a/x", "a0"], ["a"]),
        ([], ["only/one", "deep/er/x", "nothing/here", "deep", "not-there"]),
        (["deep"], ["deep/er/x", "deep/er.x", "deep/y"]),
        ([os.fsdecode(b"\xff/\xfe")], ["a"]),
    ],
)
def test_the_tree_is_that_of_an_index(
    many: Repository, tmp_path: Path, git: Git, new: list[str], gone: list[str]
) -> None:
    index = PrivateIndex.copied(many, tmp_path / "index")
    entries = {path: blob(many, path.encode("utf-8", "replace").decode()) for path in new}
    index.remove(gone)
    index.put(entries)
    expected = index.write_tree()
    before = many.line("rev-parse", "HEAD^{tree}")

    edited = edited_tree(many, before, {**dict.fromkeys(gone), **entries})

    assert edited == expected
    assert many.line("rev-parse", "HEAD^{tree}") == before
    assert git("fsck", "--strict", "--no-dangling", cwd=many.top) == ""
    many.close()


def test_a_tree_may_lose_everything(many: Repository) -> None:
    gone = tree_entries(many, "HEAD")

    edited = edited_tree(many, many.line("rev-parse", "HEAD^{tree}"), dict.fromkeys(gone))

    assert tree_entries(many, edited) == {}
    many.close()


def test_a_tree_that_cannot_be_read_is_not_taken_for_an_empty_one(many: Repository) -> None:
    gone = many.line("rev-parse", "HEAD:deep")
    (many.git_dir / "objects" / gone[:2] / gone[2:]).unlink()

    with pytest.raises(GitexpError, match="cannot be read"):
        edited_tree(many, many.line("rev-parse", "HEAD^{tree}"), {"deep/y": None})
    many.close()


def test_a_file_takes_the_place_of_a_folder(many: Repository) -> None:
    entry = blob(many, "now a file")

    edited = edited_tree(many, many.line("rev-parse", "HEAD^{tree}"), {"deep": entry})

    assert tree_entries(many, edited)["deep"] == entry
    assert not [path for path in tree_entries(many, edited) if path.startswith("deep/")]
    many.close()


def test_a_tree_without_an_entry_is_written_at_any_depth(
    repository: Repository, work_tree: Path
) -> None:
    for path in ("a b/ü/x", "a b/ü/y", "a b/z"):
        (work_tree / path).parent.mkdir(parents=True, exist_ok=True)
        (work_tree / path).write_text(path)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "-m", "a tree")
    before = tree_entries(repository, "HEAD")

    whole = edited_tree(repository, "HEAD", {"a b/ü/x": None})
    folder = edited_tree(repository, "HEAD", {"a b/ü": None}, drops_folders=True)
    unchanged = edited_tree(repository, "HEAD", {"a b/none/x": None}, drops_folders=True)

    assert tree_entries(repository, whole).keys() == before.keys() - {"a b/ü/x"}
    assert tree_entries(repository, folder).keys() == before.keys() - {"a b/ü/x", "a b/ü/y"}
    assert unchanged == repository.line("rev-parse", "HEAD^{tree}")


def test_an_entry_is_found_at_any_depth(repository: Repository) -> None:
    editor = TreeEditor(repository)

    assert (
        editor.find("HEAD", "conf/params.yaml")
        == tree_entries(repository, "HEAD")["conf/params.yaml"]
    )
    assert editor.find("HEAD", "conf") is not None
    assert editor.find("HEAD", "train.py/x") is None
    assert editor.find("HEAD", "none/x") is None
