from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from gitexp.project import Project
from gitexp.revisions.code import CodeDiff
from gitexp.revisions.revision import workspace_revision
from gitexp.revisions.sides import read_pair

SETTINGS = """\
params: [params.yaml]
outputs: ["*.log"]
shared: [../shared]
"""


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project in the folder 'a', and a folder beside it that belongs to it."""
    files = "a/params.yaml shared/params.yaml shared/b.log a/b.log a/c/.gitignore"
    return {"a/gitexp.yaml": SETTINGS, **dict.fromkeys(files.split(), "x: 1\n")}


@pytest.fixture
def project(work_tree: Path) -> Iterator[Project]:
    with Project.open(work_tree / "a") as opened:
        yield opened


def test_files_of_a_shared_folder_are_code_whatever_the_settings_call_those_of_the_project(
    work_tree: Path, project: Project
) -> None:
    for path in (*workspace_revision(project).paths, "shared/params.yaml", "shared/b.log"):
        (work_tree / path).write_text((work_tree / path).read_text() + "# more\n")

    with CodeDiff(project, *read_pair(project, ())) as changed:
        code, outputs = changed.changes(), changed.outputs()

    assert [one.path for one in code] == ["gitexp.yaml", "shared/b.log", "shared/params.yaml"]
    assert [one.path for one in outputs] == ["b.log"]
