"""A run is committed as it can be read back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gitexp.execution.run import execute
from gitexp.execution.stages import Request
from gitexp.execution.start.prepare import prepare
from gitexp.model.record_json import from_json, to_json
from gitexp.project import Project

from tests.workshop import Gitexp

PARAMS = """\
day: 2026-01-02
odd: [.nan, .inf, -0.0, 1.0, 1, null, "\\u00e9", 123456789012345678901234567890]
"$float": nan
deep: {a: {b: {c: [], d: {}}}}
"""


def _tables(place: Path) -> list[str]:
    with closing(sqlite3.connect(place)) as connection:
        return list(connection.iterdump())


def test_the_index_has_of_a_run_what_it_would_read_from_its_commit(
    work_tree: Path, gitexp: Gitexp
) -> None:
    (work_tree / "params.yaml").write_text(PARAMS)
    line = """echo '{"loss": NaN, "curve": [1, 2.0]}' > metrics.json; echo 1 > model.joblib"""
    index = work_tree / ".git" / "gitexp" / "index.sqlite"

    gitexp("run", "--", "true")  # until there is a run, there is no index on the disk
    gitexp("run", "-n", "second", "--", "sh", "-c", line)
    written = _tables(index)
    for path in index.parent.glob("index.sqlite*"):
        path.unlink()
    gitexp("ls")

    assert any("second" in one for one in written)
    assert _tables(index) == written


def test_the_record_of_an_ending_is_the_one_that_was_written(work_tree: Path) -> None:
    (work_tree / "params.yaml").write_text(PARAMS)
    told: list[str] = []

    with Project.open(work_tree) as project:
        ending = execute(project, prepare(project, Request(("true",))), told.append)

    assert repr(ending.record) == repr(from_json(ending.run.content))
    assert to_json(ending.record) == ending.run.content


def test_a_secret_is_masked_in_the_ending_too(work_tree: Path) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    told: list[str] = []
    (work_tree / "gitexp.yaml").write_text("metrics: [metrics.yaml]\n")
    line = f"echo 'token: {token}  # pragma: allowlist secret' > metrics.yaml"
    request = Request(("sh", "-c", "p=ghp_; " + line.replace("ghp_", "'$p'")))

    with Project.open(work_tree) as project:
        ending = execute(project, prepare(project, request), told.append)

    assert "warning: secrets are masked in the record of the run" in "".join(told)
    assert repr(ending.record) == repr(from_json(ending.run.content))
    assert ending.record.metrics == {"metrics.yaml": {"token": "***"}}
