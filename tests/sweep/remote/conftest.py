"""What the tests of other hosts have in common."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from gitexp.project import Project
from gitexp.sweep.definition import read_definition, under_way

from tests.sweep.remote.begun import Begun
from tests.sweep.remote.threads import Threads
from tests.workshop import DVC, Git, Gitexp

FIT = """\
[ ! -e "$TROUBLE" ] || . "$TROUBLE"
read name rate < params.yaml
read size < data/size.txt
echo "{\\"loss\\": $rate$size}" > metrics.json
echo "a model of $rate" > model.pkl
echo "fitted in $PWD"
"""


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project with data behind a pointer, whose training takes no longer than a shell."""
    return {
        **DVC,
        "fit.sh": FIT,
        "params.yaml": "rate: 0\n",
        "gitexp.yaml": "policy:\n  loss: {goal: min}\n",
    }


@pytest.fixture
def begun(work_tree: Path, gitexp: Gitexp, git: Git, tmp_path: Path) -> Iterator[Begun]:
    """Begin a sweep of three points, and run none of them."""
    (work_tree / "data").mkdir()
    (work_tree / "data" / "size.txt").write_text("7\n")
    assert gitexp("track", "data").code == 0
    git("add", "--all")
    git("commit", "--quiet", "-m", "data")
    words = ("rate=1,2,3", "--minimize", "loss", "-n", "scan")
    assert gitexp("sweep", *words, "--script", "slurm", "--", "sh", "fit.sh").code == 0
    engine = Threads(tmp_path / "hosts", workers=2)
    with Project.open(work_tree) as project, contextlib.closing(engine):
        [sweep_id] = under_way(project)
        sweep = read_definition(project, sweep_id)
        assert sweep is not None
        yield Begun(project, sweep, engine)
