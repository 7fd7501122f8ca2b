"""Which files of a stranger's run come along in a crate."""

from __future__ import annotations

import subprocess
from pathlib import Path

from msgspec.structs import replace

from gitexp.exporting.crate import FILES, About
from gitexp.exporting.crate_files import exported, write_crate
from gitexp.git.commits import write_blobs
from gitexp.git.repository import Repository
from gitexp.model.record_json import to_json
from gitexp.project import Project
from gitexp.store.stored_run import StoredRun

from tests.exporting.test_frame import RUN

_PARAMS = ("p.yaml", ".git/config", "a/../../x", "../x", "/etc/x", "p.yaml\0x", "\ud800")


def _tree(top: Path, *entries: tuple[str, str]) -> str:
    """Write a tree as git itself would not."""
    content = b"".join(
        b"%d %s\0%s" % (100644 if oid[0] == "f" else 40000, name.encode(), bytes.fromhex(oid[1:]))
        for name, oid in entries
    )
    asked = ["git", "hash-object", "-w", "-t", "tree", "--literally", "--stdin"]
    ended = subprocess.run(asked, input=content, capture_output=True, check=True, cwd=top)
    return f"t{ended.stdout.decode().strip()}"


def test_paths_that_git_would_not_check_out_stay_where_they_are(
    work_tree: Path, repository: Repository, tmp_path: Path
) -> None:
    record = replace(RUN, params={name: {"lr": 1} for name in _PARAMS})
    contents = [b"lr: 1\n", to_json(record)]
    blob, said = (f"f{one}" for one in write_blobs(repository, contents, tmp_path))
    up = _tree(work_tree, ("..", _tree(work_tree, ("x", blob))))
    tree = _tree(
        work_tree,
        ("..", _tree(work_tree, ("..", _tree(work_tree, ("x", blob))), ("x", blob))),
        (".git", _tree(work_tree, ("config", blob))),
        (".gitexp", _tree(work_tree, ("run.json", said))),
        ("a", _tree(work_tree, ("..", up))),
        ("p.yaml", blob),
    )
    crate = tmp_path / "out" / "crate"
    crate.mkdir(parents=True)

    with Project.open(work_tree) as project:
        run = exported(project, StoredRun(tree[1:], RUN.id, "one", "", to_json(record)))
    write_crate([run], crate, About("digits", None, "https://example.org/license", "2026-01-03"))

    assert sorted(run.files) == [".gitexp/run.json", "p.yaml"]
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["crate"]
    assert sorted(one.name for one in (crate / FILES / RUN.id).iterdir()) == [".gitexp", "p.yaml"]
