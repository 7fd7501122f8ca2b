from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.revisions.reading import InConflict, Reading
from gitexp.revisions.revision import commit_revision, staged_revision, workspace_revision
from gitexp.revisions.sides import commit_side
from gitexp.settings.config import Config

from tests.workshop import git, git_ended

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


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """One of each kind."""
    return FILES


@pytest.fixture
def project(work_tree: Path) -> Iterator[Project]:
    with Project.open(work_tree) as opened:
        yield opened


@pytest.fixture
def head(work_tree: Path) -> str:
    return git("rev-parse", "HEAD", cwd=work_tree).strip()


def test_each_file_is_read_once_and_code_never(head: str, project: Project) -> None:
    revision, asked = commit_revision(project, head, "HEAD"), list[str]()

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
    work_tree: Path, project: Project
) -> None:
    (work_tree / "metrics.json").write_text("{")
    (work_tree / "params.yaml").write_text(MARKERS)
    (work_tree / "data.dvc").write_text("outs: 1\n")

    reading = Reading(project, workspace_revision(project))

    assert reading.side.metrics.keys() == {"out/a.json", "more.json"}
    assert (reading.side.params, reading.side.pointers) == ({}, {})
    assert list(reading.problems) == ["params.yaml", "metrics.json", "data.dvc"]
    assert isinstance(reading.problems[TopPath("params.yaml")], InConflict)
    assert (
        str(reading.problems[TopPath("params.yaml")])
        == "'params.yaml' has conflict markers in line 1"
    )
    assert reading.unread_metrics == ["metrics.json"]


def test_settings_that_cannot_be_read_count_as_none(work_tree: Path, project: Project) -> None:
    (work_tree / "gitexp.yaml").write_text("metrcs: []\n")

    reading = Reading(project, workspace_revision(project))

    assert (reading.settings, reading.config) == (None, Config())
    assert "metrcs" in str(reading.problems[TopPath("gitexp.yaml")])
    assert reading.side.metrics.keys() == {"metrics.json", "more.json"}


def test_settings_that_are_given_count_instead_of_its_own(head: str, project: Project) -> None:
    given = Config(metrics=("out/a.json",))
    revision = commit_revision(project, head, "HEAD")

    reading = Reading(project, revision, given)

    assert reading.config is given
    assert reading.side.metrics.keys() == {"out/a.json", "more.json"}


def test_a_file_in_conflict_cannot_be_read_as_staged(work_tree: Path, project: Project) -> None:
    git("switch", "--quiet", "-c", "other")
    (work_tree / "metrics.json").write_text('{"loss": 5}\n')
    git("commit", "--quiet", "-am", "five")
    git("switch", "--quiet", "-")
    (work_tree / "metrics.json").write_text('{"loss": 6}\n')
    git("commit", "--quiet", "-am", "six")
    git_ended("merge", "--quiet", "other")

    reading = Reading(project, staged_revision(project))

    assert "metrics.json" not in reading.side.metrics
    assert (
        str(reading.problems[TopPath("metrics.json")]) == "'metrics.json' has unresolved conflicts"
    )
    assert list(reading.problems) == ["metrics.json"]


def test_a_strict_reading_raises_what_cannot_be_read_with_the_label(
    work_tree: Path, project: Project
) -> None:
    (work_tree / "metrics.json").write_text("{")
    git("commit", "--quiet", "-am", "broken")

    with pytest.raises(GitexpError, match=r"^that one: 'metrics\.json' is not valid JSON"):
        commit_side(project, git("rev-parse", "HEAD").strip(), "that one")
