from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.revisions.reading import InConflict, Reading
from gitexp.revisions.revision import commit_revision, staged_revision, workspace_revision
from gitexp.revisions.sides import commit_side
from gitexp.settings.config import Config

POINTER = f"outs:\n- md5: {'a' * 32}\n  size: 5\n  hash: md5\n  path: data\n"
FILES = {
    "gitexp.yaml": "metrics: [metrics.json, 'out/*.json']\n",
    "params.yaml": "rate: 0.1\n",
    "metrics.json": '{"loss": 1}\n',
    "out/a.json": '{"loss": 2}\n',
    "data.dvc": POINTER,
    "dvc.yaml": "stages: {train: {cmd: a, metrics: [more.json: {cache: false}]}}\n",
    "more.json": '{"loss": 3}\n',
    "train.py": "print(1)\n",
}
MARKERS = "<<<<<<< ours\nrate: 1\n=======\nrate: 2\n>>>>>>> theirs\n"


def git(top: Path, *args: str) -> str:
    return subprocess.run(
        ["git", *args], cwd=top, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def top(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    subprocess.run(["git", "init", "--quiet", path], check=True)
    for name, content in FILES.items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_text(content)
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "-m", "all")
    return path


@pytest.fixture
def project(top: Path) -> Iterator[Project]:
    with Project.open(top) as opened:
        yield opened


def test_each_file_is_read_once_and_code_never(top: Path, project: Project) -> None:
    revision, asked = commit_revision(project, git(top, "rev-parse", "HEAD"), "HEAD"), list[str]()

    def read(path: str) -> bytes | None:
        asked.append(path)
        return revision.read(path)

    reading = Reading(project, replace(revision, read=read))

    assert reading.side.metrics.keys() == {"metrics.json", "out/a.json", "more.json"}
    assert reading.side.params == {"params.yaml": {"rate": 0.1}}
    assert reading.side.pointers.keys() == {"data"}
    assert [path for path, _ in reading.pointers] == ["data.dvc"]
    assert reading.project.config.metrics == ("metrics.json", "out/*.json")
    assert (reading.unread_metrics, reading.problems) == ([], {})
    assert Counter(asked) == dict.fromkeys(FILES.keys() - {"train.py"}, 1)


def test_what_cannot_be_read_is_left_out_and_kept_with_its_reason(
    top: Path, project: Project
) -> None:
    (top / "metrics.json").write_text("{")
    (top / "params.yaml").write_text(MARKERS)
    (top / "data.dvc").write_text("outs: 1\n")

    reading = Reading(project, workspace_revision(project))

    assert reading.side.metrics.keys() == {"out/a.json", "more.json"}
    assert (reading.side.params, reading.side.pointers) == ({}, {})
    assert list(reading.problems) == ["params.yaml", "metrics.json", "data.dvc"]
    assert isinstance(reading.problems["params.yaml"], InConflict)
    assert str(reading.problems["params.yaml"]) == "'params.yaml' has conflict markers in line 1"
    assert reading.unread_metrics == ["metrics.json"]


def test_settings_that_cannot_be_read_are_those_of_no_project(top: Path, project: Project) -> None:
    (top / "gitexp.yaml").write_text("metrcs: []\n")

    reading = Reading(project, workspace_revision(project))

    assert (reading.settings, reading.config) == (None, Config())
    assert "metrcs" in str(reading.problems["gitexp.yaml"])
    assert reading.side.metrics.keys() == {"metrics.json", "more.json"}


def test_settings_that_are_given_count_instead_of_its_own(top: Path, project: Project) -> None:
    given = Config(metrics=("out/a.json",))
    revision = commit_revision(project, git(top, "rev-parse", "HEAD"), "HEAD")

    reading = Reading(project, revision, given)

    assert reading.config is given
    assert reading.side.metrics.keys() == {"out/a.json", "more.json"}


def test_a_file_in_conflict_cannot_be_read_as_staged(top: Path, project: Project) -> None:
    git(top, "switch", "--quiet", "-c", "other")
    (top / "metrics.json").write_text('{"loss": 5}\n')
    git(top, "commit", "--quiet", "-am", "five")
    git(top, "switch", "--quiet", "-")
    (top / "metrics.json").write_text('{"loss": 6}\n')
    git(top, "commit", "--quiet", "-am", "six")
    subprocess.run(["git", "merge", "--quiet", "other"], cwd=top, capture_output=True, check=False)

    reading = Reading(project, staged_revision(project))

    assert "metrics.json" not in reading.side.metrics
    assert str(reading.problems["metrics.json"]) == "'metrics.json' has unresolved conflicts"
    assert list(reading.problems) == ["metrics.json"]


def test_a_strict_reading_raises_what_cannot_be_read_with_the_label(
    top: Path, project: Project
) -> None:
    (top / "metrics.json").write_text("{")
    git(top, "commit", "--quiet", "-am", "broken")

    with pytest.raises(GitexpError, match=r"^that one: 'metrics\.json' is not valid JSON"):
        commit_side(project, git(top, "rev-parse", "HEAD"), "that one")
