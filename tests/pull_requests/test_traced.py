"""Curves of base and head in the comment on a pull request."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.workshop import PROJECT, Git, Gitexp

TRAIN = """\
import json
from pathlib import Path

import gitexp

rate = float(Path("params.yaml").read_text().split(": ")[1])
for step in range(3):
    gitexp.log({"loss": step * rate})
Path("metrics.json").write_text(json.dumps({"accuracy": rate}))
"""


@pytest.fixture
def project_files() -> Mapping[str, str]:
    return {
        **PROJECT,
        "train.py": TRAIN,
        "params.yaml": "rate: 0.5\n",
        "gitexp.yaml": "command: python train.py\n",
    }


@pytest.mark.usefixtures("work_tree")
def test_the_base_has_the_curves_of_the_run_behind_it(git: Git, gitexp: Gitexp) -> None:
    for rate in ("0.25", "2.0"):
        assert gitexp("run", "-S", f"rate={rate}").code == 0
        git("add", ".")
        git("commit", "-m", rate)

    comment = gitexp("review", "HEAD~", "HEAD", "--md").out

    assert "`loss` of the head, and in grey of the base, by step:" in comment
    assert "    line [0, 2, 4]\n    line [0, 0.25, 0.5]\n" in comment
