"""The files of a tree, asked for without reading all of it, against the whole list of them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitexp.errors import GitexpError
from gitexp.git.edited import edited_tree
from gitexp.git.gathering import Kinds, gather, sort_all
from gitexp.git.repository import Repository
from gitexp.git.tree_entries import (
    TreeEntries,
    differences,
    edited,
    has_below,
    of_kind,
    paths_below,
)
from gitexp.git.trees import Entry, is_below, tree_oid
from gitexp.model.sealed import sealed, unsealed

EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

names = st.sampled_from(["a", "b", "a.b", "a-", "ä", "m.dvc", os.fsdecode(b"\xff")])
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
oids = st.integers(0, 3).map(lambda digit: f"{digit}" * 40)
modes = st.sampled_from(["100644", "100755", "120000", "160000"])
files = st.dictionaries(paths, st.builds(Entry, modes, oids), max_size=8)
of_one_repository = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class ByEnding:
    """Sorts by the mode, the ending, and the folder."""

    key = "ending"

    def sort(self, folder: str, files: Mapping[str, Entry]) -> Kinds:
        """Return the names by kinds."""
        found: dict[str, list[str]] = {"a": [*files]} if folder.endswith("a") else {}
        for name, entry in files.items():
            if name.endswith(".dvc"):
                found.setdefault("pointers", []).append(name)
            if entry.mode == "120000":
                found.setdefault("links", []).append(name)
        return found


def without_clashes(found: dict[str, Entry]) -> dict[str, Entry]:
    """Leave out files that lie in the place of a folder."""
    return {
        path: entry
        for path, entry in found.items()
        if not any(other.startswith(f"{path}/") for other in found)
    }


def written(repository: Repository, found: Mapping[str, Entry]) -> str:
    """Write a tree of files, none of whose contents need exist."""
    return edited_tree(repository, EMPTY, found)


def in_order(found: Mapping[str, Entry]) -> list[str]:
    """Return the paths as an index has them."""
    return sorted(found, key=os.fsencode)


@of_one_repository
@given(files, paths)
def test_a_tree_has_the_files_that_were_written(
    repository: Repository, some: dict[str, Entry], asked: str
) -> None:
    expected = without_clashes(some)

    found = TreeEntries(repository, written(repository, expected))

    assert {path: found[path] for path in expected} == expected
    assert found.get(asked) == expected.get(asked)
    assert [*found] == in_order(expected)
    below = [path for path in in_order(expected) if is_below(asked, path)]
    assert [*paths_below(found, [asked])] == below
    assert has_below(found, asked) == bool(below)
    assert dict(found) == expected


@of_one_repository
@given(files, st.dictionaries(paths, st.one_of(st.none(), st.builds(Entry, modes, oids))))
def test_changes_to_a_tree_are_those_of_its_list(
    repository: Repository, some: dict[str, Entry], changes: dict[str, Entry | None]
) -> None:
    before = without_clashes(some)
    tree = TreeEntries(repository, written(repository, before))
    after = {path: one for path, one in {**before, **changes}.items() if one is not None}

    found = edited(edited(tree, {}), changes)

    assert dict(found) == after
    assert len(found) == len(after)
    assert sorted(paths_below(found, ["a", "b"])) == sorted(
        path for path in after if is_below("a", path) or is_below("b", path)
    )
    for kind in ("pointers", "links", "a"):
        assert of_kind(found, ByEnding(), kind, "x") == sort_all(after, ByEnding()).get(kind, [])
    expected = {
        path: (before.get(path), after.get(path))
        for path in {*before, *after}
        if before.get(path) != after.get(path)
    }
    assert differences(tree, found) == expected
    assert differences(before, after) == expected
    clean = without_clashes(after)
    other = TreeEntries(repository, written(repository, clean))
    assert differences(tree, other) == differences(before, clean)
    assert differences(edited(other, {}), found) == differences(clean, after)


@of_one_repository
@given(st.lists(files, min_size=2, max_size=4))
def test_what_is_remembered_of_folders_is_what_they_hold(
    repository: Repository, tmp_path: Path, several: list[dict[str, Entry]]
) -> None:
    memory = tmp_path / "trees" / "ending.json"
    for some in several:
        found = without_clashes(some)
        tree = written(repository, found)

        assert gather(repository, tree, ByEnding(), memory) == sort_all(found, ByEnding())
        assert gather(repository, tree, ByEnding(), memory) == sort_all(found, ByEnding())


def test_a_folder_that_has_not_changed_is_not_read_again(
    repository: Repository, tmp_path: Path
) -> None:
    memory = tmp_path / "trees" / "ending.json"
    found = {f"{one}/{two}/m.dvc": Entry("100644", "1" * 40) for one in "abc" for two in "xyz"}
    gather(repository, written(repository, found), ByEnding(), memory)
    found["a/x/n.dvc"] = found.pop("a/x/m.dvc")
    tree = written(repository, found)
    kept = json.loads(unsealed(memory.read_bytes()))["others"]
    for path in ("b/", "c/", "a/y/"):
        oid = kept[path][0]
        (repository.git_dir / "objects" / oid[:2] / oid[2:]).unlink(missing_ok=True)

    again = gather(repository, tree, ByEnding(), memory)

    assert again == sort_all(found, ByEnding())
    with pytest.raises(GitexpError, match="cannot be read"):
        gather(repository, tree, ByEnding())


@pytest.mark.parametrize("content", ["", "[]", '{"key": "ending"}', '{"key": "another"}'])
def test_a_memory_that_cannot_be_read_is_made_again(
    repository: Repository, tmp_path: Path, content: str
) -> None:
    memory = tmp_path / "ending.json"
    memory.write_bytes(sealed(content.encode()))
    found = {"a/m.dvc": Entry("100644", "1" * 40)}

    assert gather(repository, written(repository, found), ByEnding(), memory) == {
        "pointers": ["a/m.dvc"],
        "a": ["a/m.dvc"],
    }
    assert json.loads(unsealed(memory.read_bytes()))["key"] == "ending"


def test_a_tree_that_is_lost_is_never_taken_for_an_empty_one(repository: Repository) -> None:
    lost = tree_oid({"a": Entry("100644", "7" * 40)})

    with pytest.raises(GitexpError, match="cannot be read"):
        gather(repository, lost, ByEnding())
    with pytest.raises(GitexpError, match="cannot be read"):
        TreeEntries(repository, lost).get("a")


def test_modes_of_very_old_versions_of_git_are_those_of_the_index(repository: Repository) -> None:
    tree = written(repository, {"old": Entry("100664", "1" * 40)})

    assert TreeEntries(repository, tree)["old"] == Entry("100644", "1" * 40)
