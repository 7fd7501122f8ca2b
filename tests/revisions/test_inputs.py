"""The inputs of a run, by folders of git's own trees, against the same file by file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitexp.data.pipelines import Pipeline
from gitexp.data.pointers import Pointer
from gitexp.git.commits import write_blobs
from gitexp.git.edited import edited_tree
from gitexp.git.repository import Repository
from gitexp.git.tree_entries import TreeEntries, edited
from gitexp.git.trees import Entry, is_below, tree_oid
from gitexp.model.paths import TopPath
from gitexp.model.record import Inputs
from gitexp.project import Project
from gitexp.revisions.deciding import may_decide
from gitexp.revisions.inputs import DecidingTree, deciding_entries, inputs_of, stripped_notebooks
from gitexp.revisions.roles import Declared
from gitexp.revisions.roles_in_tree import fresh_or_absent_in, outputs_in

EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
NOTEBOOK = {"cells": [{"cell_type": "code", "source": ["1\n", "2"], "outputs": [3]}]}

SETTINGS = ("track", "outputs", "not_inputs", "plots", "metrics")

parts = st.sampled_from(
    "a runs sub data .gitignore .dvc .gitexp m.json x.pt x.pt.dvc README.md n.ipynb dvc.lock "
    "events.out.tfevents.1 held held.dvc plots".split()
)
paths = st.lists(parts, min_size=1, max_size=3).map("/".join)
lines = st.lists(
    st.sampled_from(["*.pt", "runs/", "/a", "data/*.json", "m.json", "/sub/**", "[ax]*"]),
    max_size=2,
)
places = st.frozensets(paths.map(TopPath), max_size=2)


def slowly(
    project: Project,
    entries: Mapping[str, Entry],
    pointers: Mapping[str, tuple[Pointer, ...]],
    declared: Declared,
) -> Inputs:
    """Return the inputs by a look at every single file."""
    folders = project.recorded_folders()
    below = [path for path in entries if any(is_below(folder, path) for folder in folders)]
    out = {path for path in below if not may_decide(path, declared, pointers.get(path, ()))}
    kept = {path: entries[path] for path in below if path not in out}
    kept |= stripped_notebooks(project.repository, kept)
    return Inputs(tree_oid(kept), excluded=tuple(sorted(out)))


class Drawn(NamedTuple):
    """A project with some files and settings."""

    project: Project
    declared: Declared
    files: dict[str, Entry]
    changes: dict[str, Entry]
    pointers: Mapping[str, tuple[Pointer, ...]]


def drawn(repository: Repository, scratch: Path, data: st.DataObject) -> Drawn:
    """Draw a project; its settings are written into the work tree."""
    contents = [b"x\n", json.dumps(NOTEBOOK).encode(), b"no notebook"]
    oids = st.sampled_from(write_blobs(repository, contents, scratch))
    modes = st.sampled_from(["100644", "100644", "100755", "120000"])
    some = data.draw(st.dictionaries(paths, st.builds(Entry, modes, oids), max_size=12))
    files = {p: one for p, one in some.items() if not any(o.startswith(f"{p}/") for o in some)}
    changed = st.sampled_from([*files, "new.py"])
    changes = data.draw(st.dictionaries(changed, st.builds(Entry, modes, oids)))
    chosen = {name: data.draw(lines, label=name) for name in SETTINGS}
    chosen["held_out"] = data.draw(st.sampled_from([[], ["held"], ["data/held"]]))
    folder = TopPath(data.draw(st.sampled_from(["", "sub", "sub/a"])))
    place = repository.top / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / "gitexp.yaml").write_text(json.dumps(chosen))
    linked = {"runs/last": data.draw(st.sampled_from(["sub/a", "data", "m.json"]))}
    sets = [data.draw(places) for _ in range(3)]
    pipeline = Pipeline(metrics=sets[0], plots=sets[1], outs=sets[2])
    project = Project(repository, folder, folder)
    declared = Declared(project, pipeline).through(data.draw(st.sampled_from([{}, linked])))
    pointed = st.sampled_from([Pointer("out/x.pt", "0" * 32, 1), Pointer("sub/x.pt", "0" * 32, 1)])
    pointers = {path: (data.draw(pointed),) for path in files if path.endswith(".dvc")}
    return Drawn(project, declared, files, changes, pointers)


@settings(
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_inputs_by_folders_are_those_by_files(
    repository: Repository, tmp_path: Path, data: st.DataObject
) -> None:
    project, declared, files, changes, pointers = drawn(repository, tmp_path, data)
    tree = edited_tree(repository, EMPTY, files)
    entries = edited(TreeEntries(repository, tree, tmp_path / "trees"), changes)

    found = inputs_of(project, entries, tracked=entries, pointers=pointers, declared=declared)

    plain = dict(entries)
    assert found == slowly(project, plain, pointers, declared)
    assert outputs_in(project, declared, entries) == sorted(filter(declared.is_output, plain))
    fresh = sorted(filter(declared.is_fresh_or_absent, plain))
    assert fresh_or_absent_in(project, declared, entries) == fresh


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_other_contents_give_the_inputs_that_a_whole_look_gives(
    repository: Repository, tmp_path: Path, data: st.DataObject
) -> None:
    project, declared, files, _, pointers = drawn(repository, tmp_path, data)
    kept, _ = deciding_entries(project, files, tracked=files, pointers=pointers, declared=declared)

    whole = DecidingTree(repository, kept, project.recorded_folders())

    assert whole.oid == slowly(project, files, pointers, declared).oid
    exchanged = {path: "7" * 40 for path in files if path in whole}
    out = {path: Entry(files[path].mode, oid) for path, oid in exchanged.items()}
    assert whole.oid_with(exchanged) == tree_oid(out)
