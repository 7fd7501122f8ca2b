from __future__ import annotations

import subprocess
from collections.abc import Iterator
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
def top(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    subprocess.run(["git", "init", "--quiet", path], check=True)
    for name in (
        "a/params.yaml",
        "shared/params.yaml",
        "shared/b.log",
        "a/b.log",
        "a/c/.gitignore",
    ):
        (path / name).parent.mkdir(exist_ok=True, parents=True)
        (path / name).write_text("x: 1\n")
    (path / "a/gitexp.yaml").write_text(SETTINGS)
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "-m", "all")
    return path


def git(top: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=top, capture_output=True, text=True, check=True)


@pytest.fixture
def project(top: Path) -> Iterator[Project]:
    with Project.open(top / "a") as opened:
        yield opened


def test_files_of_a_shared_folder_are_code_whatever_the_settings_call_those_of_the_project(
    top: Path, project: Project
) -> None:
    for path in (*workspace_revision(project).paths, "shared/params.yaml", "shared/b.log"):
        (top / path).write_text((top / path).read_text() + "# more\n")

    with CodeDiff(project, *read_pair(project, ())) as changed:
        code, outputs = changed.changes(), changed.outputs()

    assert [one.path for one in code] == ["gitexp.yaml", "shared/b.log", "shared/params.yaml"]
    assert [one.path for one in outputs] == ["b.log"]
