from __future__ import annotations

import os
from pathlib import Path

from gitexp.doctor.unfinished import examine_unfinished
from gitexp.git.repository import Repository


def test_halves_of_files_are_named_once_nobody_writes_them(work_tree: Path) -> None:
    old = ("data/.yB4QHjBa6fonVEuMO9cWiw.tmp", ".params.yaml.gitexp", "data/.mine.tmp")
    for name in (*old, ".yB4QHjBa6fonVEuMO9cWi-.tmp"):
        (work_tree / name).parent.mkdir(exist_ok=True)
        (work_tree / name).write_text("half")
        os.utime(work_tree / name, (1, 1) if name in old else None)

    with Repository.open(work_tree) as repository:
        found = [(one.subject, one.text, one.hint) for one in examine_unfinished(repository)]

    left = "left by a process that was killed"
    assert found == [
        (
            "leftovers",
            f"'{work_tree / name}' is half of a file, {left}",
            f"`rm {work_tree / name}`.",
        )
        for name in (".params.yaml.gitexp", "data/.yB4QHjBa6fonVEuMO9cWiw.tmp")
    ]
