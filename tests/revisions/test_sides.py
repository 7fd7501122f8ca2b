from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.model.record import DataPointer
from gitexp.project import Project
from gitexp.revisions.sides import read_pair, read_side
from gitexp.store.selectors import UnknownRun

POINTER = f"outs:\n- md5: {'a' * 32}\n  size: 5\n  hash: md5\n  path: {{}}\n"


def git(top: Path, *args: str) -> str:
    return subprocess.run(
        ["git", *args], cwd=top, capture_output=True, text=True, check=True
    ).stdout.strip()


def commit(top: Path, **files: str) -> str:
    for name, content in files.items():
        (top / name.replace("_", ".")).write_text(content)
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--allow-empty", "-m", "more")
    return git(top, "rev-parse", "HEAD")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    subprocess.run(["git", "init", "--quiet", path], check=True)
    commit(path, params_yaml="rate: 0.1\n", metrics_json='{"loss": 1}')
    return path


@pytest.fixture
def project(top: Path) -> Iterator[Project]:
    with Project.open(top) as opened:
        yield opened


def test_a_commit_is_read_by_the_files_it_holds(top: Path, project: Project) -> None:
    (top / "params.yaml").write_text("rate: 9\n")

    found = read_side(project, "HEAD")

    assert found.oid == git(top, "rev-parse", "HEAD")
    assert found.side.label == "HEAD"
    assert found.side.params == {"params.yaml": {"rate": 0.1}}
    assert found.side.metrics == {"metrics.json": {"loss": 1}}
    assert found.side.environment is None
    assert found.baseline == found.oid


def test_the_work_tree_is_read_as_it_is(top: Path, project: Project) -> None:
    (top / "params.yaml").write_text("rate: 9\n")
    (top / "metrics.json").unlink()
    (top / "new.bin.dvc").write_text(POINTER.format("new.bin"))

    found = read_side(project, "workspace")

    assert found.oid is None
    assert found.baseline is None
    assert found.side.params == {"params.yaml": {"rate": 9}}
    assert found.side.metrics == {}
    assert found.side.pointers == {"new.bin": DataPointer("new.bin", "a" * 32, 5)}


def test_metrics_that_git_ignores_count_where_they_are_named(top: Path, project: Project) -> None:
    (top / ".gitignore").write_text("*.json\n")
    git(top, "rm", "--quiet", "--cached", "metrics.json")

    assert read_side(project, "workspace").side.metrics == {"metrics.json": {"loss": 1}}


def test_patterns_find_metrics_wherever_they_lie(top: Path, project: Project) -> None:
    for path in ("out/a/m.json", "out/b/m.json", "other/m.json"):
        (top / path).parent.mkdir(parents=True)
        (top / path).write_text(f'{{"{path[4]}": 1}}')
    commit(top, gitexp_yaml='metrics: ["out/*/m.json"]\n')

    for rev in ("HEAD", "workspace"):
        assert read_side(project, rev).side.metrics == {
            "out/a/m.json": {"a": 1},
            "out/b/m.json": {"b": 1},
        }


def test_folders_that_dvc_keeps_for_itself_hold_no_pointers(top: Path, project: Project) -> None:
    (top / ".dvc" / "tmp").mkdir(parents=True)
    (top / ".dvc" / "tmp" / "x.dvc").write_text(POINTER.format("x"))
    (top / "data").mkdir()
    (top / "data" / "y.dvc").write_text(POINTER.format("y"))
    commit(top)

    assert set(read_side(project, "HEAD").side.pointers) == {"data/y"}


def test_outputs_of_a_pipeline_are_data_too(top: Path, project: Project) -> None:
    lock = f"""\
schema: '2.0'
stages:
  train:
    cmd: python train.py
    outs:
    - path: model.pt
      hash: md5
      md5: {"b" * 32}
      size: 7
"""
    (top / "dvc.yaml").write_text("stages: {train: {cmd: python train.py, outs: [model.pt]}}\n")
    (top / "dvc.lock").write_text(lock)
    commit(top)

    found = read_side(project, "HEAD").side.pointers

    assert found["model.pt"] == DataPointer("model.pt", "b" * 32, 7, role="output")


def test_metrics_and_params_of_a_pipeline_are_read_as_far_as_they_are_there(
    top: Path, project: Project
) -> None:
    stage = "{cmd: a, params: [b.toml: [c]], metrics: [d.json: {cache: false}, gone.json]}"
    (top / "dvc.yaml").write_text(f"stages: {{train: {stage}}}\n")
    (top / "b.toml").write_text("c = 2\n")
    (top / "d.json").write_text('{"loss": 3}')

    here = read_side(project, "workspace").side
    commit(top)
    there = read_side(project, "HEAD").side

    assert there.metrics == here.metrics == {"metrics.json": {"loss": 1}, "d.json": {"loss": 3}}
    assert there.params == here.params == {"params.yaml": {"rate": 0.1}, "b.toml": {"c": 2}}


def test_symbolic_links_are_read_as_git_has_them(top: Path, project: Project) -> None:
    (top / "metrics.json").unlink()
    (top / "real.json").write_text('{"loss": 2}')
    (top / "metrics.json").symlink_to("real.json")

    assert read_side(project, "workspace").side.metrics == {"metrics.json": {"loss": 2}}


def test_annotated_tags_are_the_commits_that_they_name(top: Path, project: Project) -> None:
    git(top, "tag", "-a", "-m", "one", "v1")

    assert read_side(project, "v1").oid == git(top, "rev-parse", "HEAD")


@pytest.mark.parametrize(
    "rev", ["nosuch", "", "--help", "-n", "HEAD:params.yaml", "HEAD^{tree}", "a b", "x\ny"]
)
def test_what_names_no_commit_names_nothing(project: Project, rev: str) -> None:
    with pytest.raises(UnknownRun, match="no run or rev"):
        read_side(project, rev)


@pytest.mark.parametrize(
    ("revs", "labels"),
    [
        ((), ("HEAD", "workspace")),
        (("HEAD~1",), ("HEAD~1", "workspace")),
        (("HEAD~1", "HEAD"), ("HEAD~1", "HEAD")),
        (("HEAD~1..HEAD",), ("HEAD~1", "HEAD")),
        (("..HEAD~1",), ("HEAD", "HEAD~1")),
        (("HEAD~1..",), ("HEAD~1", "HEAD")),
        (("..",), ("HEAD", "HEAD")),
        (("HEAD~1..workspace",), ("HEAD~1", "workspace")),
        (("HEAD~1...HEAD",), ("merge base", "HEAD")),
        (("HEAD...",), ("merge base", "HEAD")),
        (("HEAD~1...workspace",), ("merge base", "workspace")),
    ],
)
def test_pairs(top: Path, project: Project, revs: tuple[str, ...], labels: tuple[str, str]) -> None:
    commit(top)

    old, new = read_pair(project, revs)

    assert old.side.label.startswith(labels[0])
    assert new.side.label == labels[1]


@pytest.mark.parametrize("revs", [("HEAD..HEAD..HEAD",), ("HEAD....HEAD",), ("HEAD..HEAD", "HEAD")])
def test_what_is_no_pair_is_refused(project: Project, revs: tuple[str, ...]) -> None:
    with pytest.raises(GitexpError):
        read_pair(project, revs)


def test_the_merge_base_is_where_both_come_from(top: Path, project: Project) -> None:
    base = git(top, "rev-parse", "HEAD")
    git(top, "switch", "--quiet", "-c", "topic")
    commit(top, params_yaml="rate: 0.3\n")
    git(top, "switch", "--quiet", "main")
    commit(top, params_yaml="rate: 0.2\n")

    old, new = read_pair(project, ("main...topic",))

    assert (old.oid, old.side.label) == (base, f"merge base {base[:10]}")
    assert new.side.params == {"params.yaml": {"rate": 0.3}}


def test_values_that_cannot_be_read_are_named_with_their_rev(top: Path, project: Project) -> None:
    commit(top, params_yaml="- 1\n")

    with pytest.raises(GitexpError) as caught:
        read_side(project, "HEAD")

    assert str(caught.value) == "HEAD: 'params.yaml' holds a list, not a mapping"


def test_pointers_that_cannot_be_read_are_named_with_their_rev(top: Path, project: Project) -> None:
    (top / "data.dvc").write_text("<<<<<<< HEAD\nouts: []\n=======\n")
    commit(top)

    with pytest.raises(GitexpError) as caught:
        read_side(project, "HEAD")

    assert str(caught.value) == "HEAD: 'data.dvc' line 2 is not valid YAML"
