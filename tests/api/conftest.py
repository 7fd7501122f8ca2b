"""A project with three runs, made by `gitexp run` in a copy of one repository."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.workshop import DVC, sealed, write

TRAIN = """\
import json
from pathlib import Path

rate = float(Path("params.yaml").read_text().split()[1])
Path("metrics.json").write_text(json.dumps({"val": {"loss": 1 - rate}, "accuracy": rate}))
Path("model.joblib").write_bytes(b"model of %g" % rate)
"""
FILES = {
    **DVC,
    "train.py": TRAIN,
    "params.yaml": "rate: 0.1\nkind: mlp\n",
    "gitexp.yaml": "command: python train.py\npolicy:\n  accuracy: {goal: max}\n",
}
RATES = {"slow": 0.1, "middle": 0.5, "fast": 0.25}


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the runs `slow`, `middle` and `fast`, in this order, and one that failed."""
    top = tmp_path_factory.mktemp("original") / "work"
    env = sealed(tmp_path_factory.mktemp("home"))
    write(top, FILES)
    _call(top, env, "git", "init", "--quiet")
    _call(top, env, "git", "add", "--all")
    _call(top, env, "git", "commit", "--quiet", "-m", "start")
    for name, rate in RATES.items():
        _call(top, env, "gitexp", "run", "-n", name, "-S", f"rate={rate}")
        _call(top, env, "git", "checkout", "--quiet", "params.yaml")
    reads = ("sh", "-c", "cat model.joblib > /dev/null; exit 1")
    assert _call(top, env, "gitexp", "run", "-n", "broken", "--", *reads) == 1
    return top


@pytest.fixture
def work_tree(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it; the current directory."""
    top = tmp_path / "work"
    shutil.copytree(original, top, symlinks=True)
    monkeypatch.chdir(top)
    return top


def _call(top: Path, env: Mapping[str, str], *command: str) -> int:
    ended = subprocess.run(command, cwd=top, env=env, capture_output=True, check=False)
    assert ended.returncode in (0, 1), ended.stderr
    return ended.returncode
