"""Files that git keeps byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.git.plain_files import PlainFiles
from gitexp.git.repository import Repository

from tests.workshop import Git

ATTRIBUTES = """\
*.txt text
*.bin -text
*.lfs filter=lfs
*.id ident
*.csv diff=csv
"""


@pytest.mark.parametrize(
    ("path", "is_plain"),
    [
        ("metrics.json", True),
        ("notes.txt", False),
        ("weights.bin", True),
        ("model.lfs", False),
        ("source.id", False),
        ("table.csv", True),
    ],
)
def test_attributes_tell_whether_git_may_make_other_bytes_of_a_file(
    repository: Repository, work_tree: Path, path: str, *, is_plain: bool
) -> None:
    (work_tree / ".gitattributes").write_text(ATTRIBUTES)

    assert PlainFiles(repository).covers(["params.yaml", path]) is is_plain


def test_what_was_found_holds_until_it_is_forgotten(
    repository: Repository, work_tree: Path
) -> None:
    plain = PlainFiles(repository)
    assert plain.covers(["metrics.json"])
    (work_tree / ".gitattributes").write_text("*.json text\n")

    assert plain.covers(["metrics.json"])
    plain.forget()
    assert not plain.covers(["metrics.json"])


def test_where_line_ends_are_converted_no_file_is_plain(repository: Repository, git: Git) -> None:
    git("config", "core.autocrlf", "input")

    assert not PlainFiles(repository).covers(["metrics.json"])
