"""Data that `dvc.lock` alone knows, and params of another type, in a check and in a review."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.workshop import DVC, PROJECT, Git, Gitexp, commit_all, write

STAGES = """\
datasets:
- {name: cats, type: dvc, url: ../src, path: d.txt}
stages:
  train:
    cmd: python train.py
    deps: [train.py, raw.csv, data/part, 'ds://cats']
    metrics: [metrics.json: {cache: false}]
"""


def lock(raw: str, *, part: str = "part", dataset: str = "1", code: str = "0") -> str:
    """Return what DVC would write for the pipeline, with these versions of what it reads."""
    md5 = {text: hashlib.md5(text.encode()).hexdigest() for text in (raw, part, code)}
    deps = "".join(
        f"    - {{path: {path}, hash: md5, md5: {md5[text]}, size: 3}}\n"
        for path, text in (("train.py", code), ("raw.csv", raw), ("data/part", part))
    )
    return (
        "schema: '2.0'\ndatasets:\n"
        f"- {{name: cats, type: dvc, url: ../src, path: d.txt, rev_lock: '{dataset * 40}'}}\n"
        f"stages:\n  train:\n    cmd: python train.py\n    deps:\n{deps}"
    )


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A pipeline that reads a file which git ignores, a part of tracked data, and a dataset."""
    data = "outs:\n- {md5: d41d8cd98f00b204e9800998ecf8427e.dir, hash: md5, path: data}\n"
    return {
        **PROJECT,
        **DVC,
        "dvc.yaml": STAGES,
        "dvc.lock": lock("one"),
        "data.dvc": data,
        "params.yaml": "rate: 0.1\nseed: 1\ndepth: 1\n",
        ".gitignore": "/raw.csv\n/data\n",
        "raw.csv": "one",
        "gitexp.yaml": PROJECT["gitexp.yaml"] + "review: {data: forbidden}\n",
    }


@pytest.fixture
def with_run(work_tree: Path, gitexp: Gitexp) -> Path:
    """A repository with a run whose results are committed."""
    assert gitexp("run", "-n", "one").code == 0
    commit_all(work_tree, "results of one")
    return work_tree


CHANGES = {"raw.csv": lock("two"), "ds://cats": lock("one", dataset="2")}


@pytest.mark.parametrize("name", CHANGES)
def test_data_that_the_lock_file_alone_knows_makes_metrics_stale(
    name: str, with_run: Path, gitexp: Gitexp
) -> None:
    assert gitexp("check").code == 0
    write(with_run, {"dvc.lock": CHANGES[name]})
    commit_all(with_run, "other data, and no run")

    checked = gitexp("check")

    assert checked.code == 1
    assert f"wrong   freshness   {name} changed after one; run again" in checked.out


@pytest.mark.parametrize("name", CHANGES)
def test_a_review_sees_such_data_change(
    name: str, with_run: Path, git: Git, gitexp: Gitexp
) -> None:
    git("switch", "--quiet", "--create", "topic")
    write(with_run, {"dvc.lock": CHANGES[name]})
    commit_all(with_run, "other data")

    reviewed, differing = gitexp("review", "main"), gitexp("diff", "main", "topic")

    assert reviewed.code == 1
    assert f"data changed: {name}, which the policy forbids" in reviewed.out
    assert name in differing.out


@pytest.mark.parametrize("changed", [lock("one", code="1"), lock("one", part="other")])
def test_what_git_or_another_pointer_holds_is_not_said_twice(
    changed: str, with_run: Path, git: Git, gitexp: Gitexp
) -> None:
    git("switch", "--quiet", "--create", "topic")
    write(with_run, {"dvc.lock": changed})
    commit_all(with_run, "the lock file alone")

    assert gitexp("check").code == 0
    assert gitexp("review", "main").code == 0


def test_a_number_of_another_type_is_another_param(with_run: Path, gitexp: Gitexp) -> None:
    write(with_run, {"params.yaml": "rate: 0.1\nseed: 2\ndepth: 1.0\n"})
    commit_all(with_run, "a share of them in place of one")

    checked = gitexp("check")
    assert gitexp("run", "-n", "two").code == 0
    grouped = gitexp("ls", "--group", "--json")

    assert checked.code == 1
    assert "params depth, seed changed after one; run again" in checked.out
    assert [row["n"] for row in json.loads(grouped.out)] == [1, 1]
