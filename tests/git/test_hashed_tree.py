"""Trees hashed again by folder, against the whole tree hashed anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gitexp.git.hashed_tree import HashedTree
from gitexp.git.trees import Entry, tree_oid

names = st.sampled_from(["a", "b", "a.b", "a-", "ä"])
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
oids = st.integers(0, 3).map(lambda digit: f"{digit}" * 40)
entries = st.dictionaries(paths, st.builds(Entry, st.sampled_from(["100644", "120000"]), oids))


def without_clashes(found: dict[str, Entry]) -> dict[str, Entry]:
    """Leave out files that lie in the place of a folder."""
    return {
        path: entry
        for path, entry in found.items()
        if not any(other.startswith(f"{path}/") for other in found)
    }


@given(entries, st.data())
def test_a_tree_with_files_exchanged_has_the_oid_that_git_gives_it(
    found: dict[str, Entry], data: st.DataObject
) -> None:
    tree_files = without_clashes(found)
    tree = HashedTree(tree_files)
    chosen = data.draw(st.sets(st.sampled_from([*tree_files]))) if tree_files else set()
    blobs = {path: data.draw(oids) for path in sorted(chosen)}
    changed = {path: Entry(tree_files[path].mode, oid) for path, oid in blobs.items()}

    assert tree.oid == tree_oid(tree_files)
    assert tree.oid_with(blobs) == tree_oid({**tree_files, **changed})
    assert all(path in tree for path in tree_files)
    assert not any(f"{path}/x" in tree or f"{path}x" in tree for path in ("zz", "y/z"))
