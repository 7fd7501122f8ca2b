"""What `dvc.lock` says of data that stages read."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gitexp.data.locked import locked_inputs
from gitexp.errors import GitexpError

A, B, C = "a" * 32, "b" * 32, "c" * 32
PIPELINE = """\
stages:
  prepare: {cmd: a, deps: [raw], outs: [clean.csv]}
  train: {cmd: b, wdir: sub, deps: [../clean.csv, ../train.py, 'ds://cats'], outs: [model.pt]}
"""


def dep(path: str, md5: str) -> str:
    return f"{{path: {path}, hash: md5, md5: {md5}, size: 3}}"


LOCK = f"""\
schema: '2.0'
datasets:
- {{name: cats, type: dvc, url: ../src, path: d.txt, rev_lock: {"1" * 40}}}
stages:
  prepare:
    cmd: a
    deps: [{dep("raw", f"{A}.dir")}]
    outs: [{dep("clean.csv", B)}]
  train:
    cmd: b
    deps: [{dep("../clean.csv", B)}, {dep("../train.py", C)}, {{path: 'ds://cats', hash: dataset}}]
    outs: [{dep("model.pt", C)}]
"""


def found(files: Mapping[str, str]) -> dict[str, str]:
    read = {path: content.encode() for path, content in files.items()}
    return {one.path: one.md5 for one in locked_inputs("p/dvc.lock", read.get)}


def test_what_no_stage_writes_is_read_from_outside() -> None:
    inputs = found({"p/dvc.lock": LOCK, "p/dvc.yaml": PIPELINE})

    assert {path for path in inputs if "://" not in path} == {"p/raw", "p/train.py"}
    assert inputs["p/raw"] == f"{A}.dir"


@pytest.mark.parametrize("what", ["rev_lock: 1", "type: dvc", "path: d.txt"])
def test_a_dataset_is_another_one_if_anything_of_it_differs(what: str) -> None:
    one = found({"p/dvc.lock": LOCK, "p/dvc.yaml": PIPELINE})
    other = found({"p/dvc.lock": LOCK.replace(what, f"{what}2"), "p/dvc.yaml": PIPELINE})

    assert one["ds://cats"] != other["ds://cats"]
    assert one["p/raw"] == other["p/raw"]


def test_a_project_without_a_lock_file_has_none() -> None:
    assert found({}) == {}


@pytest.mark.parametrize("datasets", ["text", "{a: b}", "[1, text, {}, {name: [x]}]"])
def test_datasets_that_dvc_would_not_write_are_passed_over(datasets: str) -> None:
    assert found({"p/dvc.lock": f"schema: '2.0'\ndatasets: {datasets}\n"}) == {}


def test_a_lock_file_that_is_not_one_is_refused() -> None:
    with pytest.raises(GitexpError, match="is not what DVC writes"):
        found({"p/dvc.lock": "[1, 2]"})
