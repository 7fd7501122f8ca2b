from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.model.record import DataPointer
from gitexp.project import Project
from gitexp.revisions.sides import read_pair, read_side
from gitexp.store.selectors import UnknownRun

from tests.workshop import git, write

POINTER = f"outs:\n- md5: {'a' * 32}\n  size: 5\n  hash: md5\n  path: {{}}\n"


def commit(top: Path, **files: str) -> str:
    write(top, {name.replace("_", "."): content for name, content in files.items()})
    git("add", "--all", cwd=top)
    git("commit", "--quiet", "--allow-empty", "-m", "more", cwd=top)
    return git("rev-parse", "HEAD", cwd=top).strip()


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """Params and metrics alone."""
    return {"params.yaml": "rate: 0.1\n", "metrics.json": '{"loss": 1}'}


@pytest.fixture
def project(work_tree: Path) -> Iterator[Project]:
    with Project.open(work_tree) as opened:
        yield opened


def test_a_commit_is_read_by_the_files_it_holds(work_tree: Path, project: Project) -> None:
    (work_tree / "params.yaml").write_text("rate: 9\n")

    found = read_side(project, "HEAD")

    assert found.oid == git("rev-parse", "HEAD").strip()
    assert found.side.label == "HEAD"
    assert found.side.params == {"params.yaml": {"rate": 0.1}}
    assert found.side.metrics == {"metrics.json": {"loss": 1}}
    assert found.side.environment is None
    assert found.baseline == found.oid


def test_the_work_tree_is_read_as_it_is(work_tree: Path, project: Project) -> None:
    (work_tree / "params.yaml").write_text("rate: 9\n")
    (work_tree / "metrics.json").unlink()
    (work_tree / "new.bin.dvc").write_text(POINTER.format("new.bin"))

    found = read_side(project, "workspace")

    assert found.oid is None
    assert found.baseline is None
    assert found.side.params == {"params.yaml": {"rate": 9}}
    assert found.side.metrics == {}
    assert found.side.pointers == {"new.bin": DataPointer("new.bin", "a" * 32, 5)}


def test_metrics_that_git_ignores_count_where_they_are_named(
    work_tree: Path, project: Project
) -> None:
    (work_tree / ".gitignore").write_text("*.json\n")
    git("rm", "--quiet", "--cached", "metrics.json")

    assert read_side(project, "workspace").side.metrics == {"metrics.json": {"loss": 1}}


def test_patterns_find_metrics_wherever_they_lie(work_tree: Path, project: Project) -> None:
    for path in ("out/a/m.json", "out/b/m.json", "other/m.json"):
        (work_tree / path).parent.mkdir(parents=True)
        (work_tree / path).write_text(f'{{"{path[4]}": 1}}')
    commit(work_tree, gitexp_yaml='metrics: ["out/*/m.json"]\n')

    for rev in ("HEAD", "workspace"):
        assert read_side(project, rev).side.metrics == {
            "out/a/m.json": {"a": 1},
            "out/b/m.json": {"b": 1},
        }


def test_folders_that_dvc_keeps_for_itself_hold_no_pointers(
    work_tree: Path, project: Project
) -> None:
    (work_tree / ".dvc" / "tmp").mkdir(parents=True)
    (work_tree / ".dvc" / "tmp" / "x.dvc").write_text(POINTER.format("x"))
    (work_tree / "data").mkdir()
    (work_tree / "data" / "y.dvc").write_text(POINTER.format("y"))
    commit(work_tree)

    assert set(read_side(project, "HEAD").side.pointers) == {"data/y"}


def test_outputs_of_a_pipeline_are_data_too(work_tree: Path, project: Project) -> None:
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
    (work_tree / "dvc.yaml").write_text(
        "stages: {train: {cmd: python train.py, outs: [model.pt]}}\n"
    )
    (work_tree / "dvc.lock").write_text(lock)
    commit(work_tree)

    found = read_side(project, "HEAD").side.pointers

    assert found["model.pt"] == DataPointer("model.pt", "b" * 32, 7, role="output")


def test_metrics_and_params_of_a_pipeline_are_read_as_far_as_they_are_there(
    work_tree: Path, project: Project
) -> None:
    stage = "{cmd: a, params: [b.toml: [c]], metrics: [d.json: {cache: false}, gone.json]}"
    (work_tree / "dvc.yaml").write_text(f"stages: {{train: {stage}}}\n")
    (work_tree / "b.toml").write_text("c = 2\n")
    (work_tree / "d.json").write_text('{"loss": 3}')

    here = read_side(project, "workspace").side
    commit(work_tree)
    there = read_side(project, "HEAD").side

    assert there.metrics == here.metrics == {"metrics.json": {"loss": 1}, "d.json": {"loss": 3}}
    assert there.params == here.params == {"params.yaml": {"rate": 0.1}, "b.toml": {"c": 2}}


def test_symbolic_links_are_read_as_git_has_them(work_tree: Path, project: Project) -> None:
    (work_tree / "metrics.json").unlink()
    (work_tree / "real.json").write_text('{"loss": 2}')
    (work_tree / "metrics.json").symlink_to("real.json")

    assert read_side(project, "workspace").side.metrics == {"metrics.json": {"loss": 2}}


def test_annotated_tags_are_the_commits_that_they_name(project: Project) -> None:
    git("tag", "-a", "-m", "one", "v1")

    assert read_side(project, "v1").oid == git("rev-parse", "HEAD").strip()


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
def test_pairs(
    work_tree: Path, project: Project, revs: tuple[str, ...], labels: tuple[str, str]
) -> None:
    commit(work_tree)

    old, new = read_pair(project, revs)

    assert old.side.label.startswith(labels[0])
    assert new.side.label == labels[1]


@pytest.mark.parametrize("revs", [("HEAD..HEAD..HEAD",), ("HEAD....HEAD",), ("HEAD..HEAD", "HEAD")])
def test_what_is_no_pair_is_refused(project: Project, revs: tuple[str, ...]) -> None:
    with pytest.raises(GitexpError):
        read_pair(project, revs)


def test_the_merge_base_is_where_both_come_from(work_tree: Path, project: Project) -> None:
    base = git("rev-parse", "HEAD").strip()
    git("switch", "--quiet", "-c", "topic")
    commit(work_tree, params_yaml="rate: 0.3\n")
    git("switch", "--quiet", "main")
    commit(work_tree, params_yaml="rate: 0.2\n")

    old, new = read_pair(project, ("main...topic",))

    assert (old.oid, old.side.label) == (base, f"merge base {base[:10]}")
    assert new.side.params == {"params.yaml": {"rate": 0.3}}


def test_values_that_cannot_be_read_are_named_with_their_rev(
    work_tree: Path, project: Project
) -> None:
    commit(work_tree, params_yaml="- 1\n")

    with pytest.raises(GitexpError) as caught:
        read_side(project, "HEAD")

    assert str(caught.value) == "HEAD: 'params.yaml' holds a list, not a mapping"


def test_pointers_that_cannot_be_read_are_named_with_their_rev(
    work_tree: Path, project: Project
) -> None:
    (work_tree / "data.dvc").write_text("<<<<<<< HEAD\nouts: []\n=======\n")
    commit(work_tree)

    with pytest.raises(GitexpError) as caught:
        read_side(project, "HEAD")

    assert str(caught.value) == "HEAD: 'data.dvc' line 2 is not valid YAML"
