"""Experiments of DVC, made by DVC: `python make_experiments.py FOLDER COUNT`.

A pipeline with data, models, a folder as out, params in three files, metrics in git, in the
cache and in a folder of the cache; by `dvc exp run` and `dvc exp save`, named and unnamed,
on several baselines. Run it with 200 to compare as many.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from dvc.cli import main as dvc

FILES = {
    "train.py": """\
import json
from pathlib import Path

params = json.loads(Path("conf/train.json").read_text())
seed = params["seed"]
accuracy = 1 - 1 / (1 + params["lr"] * seed)
loss = {"train": 1 / (seed + 1), "val": float("nan") if seed % 5 == 0 else accuracy / 3}
Path("metrics.json").write_text(json.dumps({"accuracy": accuracy, "loss": loss, "none": None}))
Path("scores.json").write_text(json.dumps({"auc": accuracy / 2, "each": [seed, 1], "by": "val"}))
Path("live").mkdir(exist_ok=True)
Path("live/metrics.json").write_text(json.dumps({"step": seed, "top-5": accuracy}))
Path("model.bin").write_bytes(bytes([seed % 256]) * 1000)
""",
    "conf/train.json": '{"lr": 0.1, "seed": 1, "aug": {"flip": true, "p": 0.5}, "unused": 3}',
    "conf/extra.toml": "[model]\nwidth = 64\nlayers = [3, 4]\n",
    "params.yaml": "note: 1e-3 # as YAML 1.2 has it\nwarm: yes\nmodel: {kind: mlp, none: null}\n",
    "data.csv": "a,b\n1,2\n",
    "dvc.yaml": """\
stages:
  train:
    cmd: python train.py
    deps: [train.py, data.csv]
    params:
    - model.kind
    - conf/train.json: [lr, seed, aug.p]
    - conf/extra.toml:
    outs: [model.bin, live]
    metrics:
    - metrics.json: {cache: false}
    - scores.json
metrics: [live/metrics.json]
""",
}


def make(top: Path, count: int) -> None:
    """Make a repository with so many experiments."""
    for path, content in FILES.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(content)
    _git("init", "--quiet", str(top))
    os.chdir(top)
    _dvc("init", "--quiet")
    _dvc("add", "--quiet", "data.csv")
    _dvc("repro", "--quiet")
    _commit("start")
    for number in range(count):
        if number and number % max(1, count // 3) == 0:
            Path("notes.txt").write_text(f"{number}\n")
            _commit(f"a baseline after {number}")
        _experiment(number)


def _experiment(number: int) -> None:
    name = ["--name", f"exp-{number}"] if number % 3 == 0 else []
    values = {"lr": round(0.01 * (number + 1), 4), "seed": number + 2, "aug.p": number / 10}
    options = [word for key, value in values.items() for word in ("-S", f"{_FILE}:{key}={value}")]
    if number % 2 == 0:
        _dvc("exp", "run", "--quiet", *name, *options)
        return
    text = Path(_FILE).read_text()
    Path(_FILE).write_text(text.replace('"unused": 3', f'"unused": {number}'))
    message = ["--message", f"by hand: {number}"] if number % 5 == 0 else []
    _dvc("exp", "save", "--quiet", *name, *message)
    Path(_FILE).write_text(text)


_FILE = "conf/train.json"


def _commit(message: str) -> None:
    _git("add", "--all")
    _git("commit", "--quiet", "-m", message)


def _git(*args: str) -> None:
    subprocess.run(["git", *args], check=True)


def _dvc(*args: str) -> None:
    if dvc(list(args)) != 0:
        raise RuntimeError(f"dvc {' '.join(args)}")


if __name__ == "__main__":
    make(Path(sys.argv[1]).resolve(), int(sys.argv[2]))
