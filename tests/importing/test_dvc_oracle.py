"""Imported runs against `dvc exp show --json`: every experiment, every value.

They differ on purpose in one thing: DVC leaves nulls and lists out of metrics, gitexp does not.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gitexp.importing.dvc import carry_out, plan_import
from gitexp.model.record import RunRecord, parse_time
from gitexp.model.values import same
from gitexp.project import Project

from tests.workshop import sealed

MAKE = Path(__file__).with_name("make_experiments.py")


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """An environment as `_sealed` has it, for what is made once for all tests."""
    return sealed(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def made(
    env: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Path:
    """A repository with experiments that DVC itself has made."""
    top = tmp_path_factory.mktemp("made")
    count = str(request.config.getoption("--dvc-experiments"))
    command = [sys.executable, str(MAKE), str(top), count]
    subprocess.run(command, env=env, check=True, capture_output=True)
    return top


@pytest.fixture(scope="module")
def shown(made: Path, env: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """What DVC shows of each experiment, with its name and baseline, by oid."""
    command = [sys.executable, "-m", "dvc", "exp", "show", "--json", "-A"]
    ended = subprocess.run(command, cwd=made, env=env, check=True, capture_output=True)
    return {
        rev["rev"]: {**rev["data"], "name": one["name"], "baseline": baseline["rev"]}
        for baseline in json.loads(ended.stdout)
        for one in baseline["experiments"] or []
        for rev in one["revs"]
    }


@pytest.fixture(scope="module")
def records(made: Path) -> dict[str, RunRecord]:
    """The runs that the experiments become, by the oid of the experiment."""
    with Project.open(made) as project:
        carry_out(project, plan_import(project))
        return {run.record.extra["imported"]["oid"]: run.record for run in project.runs.newest()}


def test_every_experiment_is_a_run_with_its_name_baseline_and_time(
    shown: Mapping[str, Any], records: Mapping[str, RunRecord], request: pytest.FixtureRequest
) -> None:
    assert len(shown) == request.config.getoption("--dvc-experiments")
    assert {oid: _facts(record) for oid, record in records.items()} == {
        oid: (one["name"], one["baseline"], datetime.fromisoformat(one["timestamp"]).timestamp())
        for oid, one in shown.items()
    }


@pytest.mark.parametrize("kind", ["params", "metrics"])
def test_every_value_is_the_one_that_dvc_shows(
    shown: Mapping[str, Any], records: Mapping[str, RunRecord], kind: str
) -> None:
    as_dvc: Callable[[Any], Any] = _without_nulls_and_lists if kind == "metrics" else lambda x: x

    for oid, one in shown.items():
        found = {file: as_dvc(values) for file, values in getattr(records[oid], kind).items()}
        assert same(found, {file: told["data"] for file, told in one[kind].items()})
        assert found


def test_every_out_that_dvc_keeps_is_a_pointer(
    shown: Mapping[str, Any], records: Mapping[str, RunRecord]
) -> None:
    for oid, one in shown.items():
        pointers = {
            pointer.path: (pointer.md5, pointer.size, pointer.nfiles)
            for pointer in records[oid].pointers
            if pointer.path != "scores.json"  # a metric, which `exp show` has elsewhere
        }
        assert pointers == {
            path: (out["hash"], out["size"], out["nfiles"])
            for path, out in one["outs"].items()
            if out["use_cache"]
        }


def _facts(record: RunRecord) -> tuple[str, str, float]:
    return record.name, record.baseline, int(parse_time(record.started).timestamp())


def _without_nulls_and_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    found = {key: _without_nulls_and_lists(one) for key, one in value.items()}
    return {
        key: one
        for key, one in found.items()
        if one not in (None, {}) and one.__class__ is not list
    }
