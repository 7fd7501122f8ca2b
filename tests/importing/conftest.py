"""A repository with experiments under `refs/exps`, as DVC leaves them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from gitexp.project import Project

from tests.importing.workshop import Experiment
from tests.workshop import DVC, Git

collect_ignore_glob = ["stores/*"]
"""What other tools' own libraries are needed for; doctests are looked for in every module."""


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """DVC, and params and metrics that it knows of."""
    return {
        **DVC,
        "params.yaml": "lr: 0.1\nseed: 1\n",
        "dvc.yaml": "metrics: [metrics.json]\n",
    }


@pytest.fixture
def project(work_tree: Path) -> Iterator[Project]:
    """The project of the work tree."""
    with Project.open(work_tree) as opened:
        yield opened


@pytest.fixture
def experiment(
    work_tree: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Experiment:
    """Make an experiment: `experiment("name", {"metrics.json": "{}"})`; return its oid.

    What DVC would write is the commit and the ref; `parent` is an earlier checkpoint of it.
    """

    def tree_of(start: str, files: Mapping[str, str]) -> str:
        blob = tmp_path / "blob"
        with monkeypatch.context() as aside:
            aside.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
            git("read-tree", start, cwd=work_tree)
            for path, content in files.items():
                blob.write_text(content)
                oid = git("hash-object", "-w", blob, cwd=work_tree).strip()
                entry = f"100644,{oid},{path}"
                git("update-index", "--add", "--cacheinfo", entry, cwd=work_tree)
            return git("write-tree", cwd=work_tree).strip()

    def make(
        name: str,
        files: Mapping[str, str] | None = None,
        *,
        baseline: str = "HEAD",
        parent: str | None = None,
        message: str | None = None,
    ) -> str:
        tree = tree_of(parent or baseline, files or {"metrics.json": '{"accuracy": 0.9}\n'})
        base = git("rev-parse", baseline, cwd=work_tree).strip()
        said = message or f"dvc: commit experiment {name}"
        oid = git("commit-tree", tree, "-p", parent or base, "-m", said, cwd=work_tree).strip()
        git("update-ref", f"refs/exps/{base[:2]}/{base[2:]}/{name}", oid, cwd=work_tree)
        return oid

    return make
