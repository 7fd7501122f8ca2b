"""Public repositories' layouts in their smallest form: from `gitexp init` to two runs compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

import pytest

from tests.workshop import Git, Gitexp, NewRepository

FIT = """\
import json, pathlib, pickle
def fit(rate, place):
    place = pathlib.Path(place)
    place.mkdir(parents=True, exist_ok=True)
    pickle.dump([rate], open(place / "model.pkl", "wb"))
    json.dump({"accuracy": 1 - rate}, open(place / "metrics.json", "w"))
"""
PIPELINE = """\
stages:
  train:
    cmd: python src/train.py
    deps: [src/train.py]
    params: [train.rate]
    outs: [out/model.pkl]
    metrics: [{out/metrics.json: {cache: false}}]
"""
HYDRA = """\
import pathlib, pickle
import hydra
@hydra.main(version_base="1.3", config_path="../configs", config_name="train.yaml")
def main(cfg):
    out = pathlib.Path(cfg.paths.output_dir)
    pickle.dump([cfg.rate], open(out / "last.ckpt", "wb"))
    (out / cfg.logger.name).mkdir()
    table = f"epoch,accuracy\\n0,0.1\\n1,{1 - cfg.rate}\\n"
    (out / cfg.logger.name / f"{cfg.logger.file}.csv").write_text(table)
main()
"""
CONFIGS = {
    "train.yaml": "defaults: [_self_, logger: csv, paths: here, hydra: here]\nrate: 0.5\n",
    "logger/csv.yaml": "_target_: lightning.pytorch.loggers.CSVLogger\nname: csv\nfile: metrics\n",
    "paths/here.yaml": "root: ${oc.env:PROJECT_ROOT,.}\nlogs: ${paths.root}/logs\n"
    "output_dir: ${hydra:runtime.output_dir}\n",
    "hydra/here.yaml": "run: {dir: '${paths.logs}/runs/${now:%H-%M-%S-%f}'}\n",
}
CLICK = """\
import click
from churn.paths import MODELS
from churn.fit import fit
@click.command()
@click.option("--rate", type=float, default=0.5)
def main(rate):
    fit(rate, MODELS)
if __name__ == "__main__":
    main()
"""
PATHS = """\
import pathlib
MODELS = pathlib.Path(__file__).parents[1] / "models"
"""
PRINTS = """\
import argparse, pickle
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=0.5)
    rate = parser.parse_args().rate
    print("accuracy", 1 - rate)
    pickle.dump([rate], open("model.pkl", "wb"))
if __name__ == "__main__":
    main()
"""
ONE_OF_MANY = """\
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", ".."))
from common.fit import fit
fit(float(open("config.yaml").read().split()[1]), "out")
print(open("out/metrics.json").read())
"""


class Layout(NamedTuple):
    """A repository, and what a person types in it."""

    files: Mapping[str, str]
    settings: tuple[str, ...]
    """Those that `gitexp init` finds."""
    again: tuple[str, ...]
    """The words of the second run, after `gitexp run`."""
    folder: str = ""
    by_hand: Mapping[str, str] = {}
    """What stands for what in the program, before it has metrics."""


LAYOUTS = {
    "a DVC tutorial": Layout(
        {
            "src/fit.py": FIT,
            "src/train.py": "from fit import fit\n"
            "fit(float(open('params.yaml').read().split()[-1]), 'out')\n",
            "params.yaml": "train:\n  rate: 0.5\n",
            "dvc.yaml": PIPELINE,
        },
        (),
        ("-S", "train.rate=0.25"),
    ),
    "a Lightning-Hydra template": Layout(
        {
            "src/train.py": HYDRA,
            ".gitignore": "/logs/\n",
            **{f"configs/{name}": text for name, text in CONFIGS.items()},
        },
        ("command", "params", "metrics", "track"),
        ("--", "python", "src/train.py", "rate=0.25"),
    ),
    "a data-science cookiecutter": Layout(
        {
            "churn/__init__.py": "",
            "churn/paths.py": PATHS,
            "churn/fit.py": FIT,
            "churn/train.py": CLICK,
            "models/.gitkeep": "",
        },
        ("command", "metrics"),
        ("--", "python", "-m", "churn.train", "--rate", "0.25"),
    ),
    "an example with argparse and a notebook": Layout(
        {"main.py": PRINTS, "explore.ipynb": '{"cells": [], "nbformat": 4, "nbformat_minor": 5}\n'},
        ("command",),
        ("--", "python", "main.py", "--rate", "0.25"),
        by_hand={
            "import argparse": "import argparse, json",
            "    pickle.dump": '    json.dump({"accuracy": 1 - rate}, open("metrics.json", "w"))\n'
            "    pickle.dump",
        },
    ),
    "one of three models": Layout(
        {
            "common/__init__.py": "",
            "common/fit.py": FIT,
            **{
                f"models/{name}/{file}": text
                for name in ("price", "rank", "spam")
                for file, text in (("train.py", ONE_OF_MANY), ("config.yaml", "rate: 0.5\n"))
            },
        },
        ("command", "params", "metrics", "shared"),
        ("-S", "rate=0.25"),
        folder="models/spam",
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_init_and_two_runs_give_a_comparison(
    new_repository: NewRepository,
    gitexp: Gitexp,
    git: Git,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    layout = LAYOUTS[name]
    top = new_repository("clone", layout.files)
    monkeypatch.chdir(top / layout.folder)

    told = gitexp("init", "--yes")
    for old, new in layout.by_hand.items():
        program = top / "main.py"
        program.write_text(program.read_text().replace(old, new, 1))
    first, second = gitexp("run"), gitexp("run", *layout.again)

    found = [line.split()[1].rstrip(":") for line in told.err.splitlines() if line[:5] == "found"]
    assert tuple(found) == layout.settings
    assert ("names no file of metrics" in told.err) == bool(layout.by_hand)
    assert (first.code, second.code) == (0, 0), second.err
    values = json.loads(gitexp("diff", "latest~1", "latest", "--json").out)
    (metrics,) = values["metrics"].values()
    assert (metrics["accuracy"]["old"], metrics["accuracy"]["new"]) == (0.5, 0.75)
    assert any("rate" in json.dumps(params) for params in values["params"].values())
    tree = git("ls-tree", "-r", "--name-only", "experiments", cwd=top).split()
    assert any(path.endswith((".pkl.dvc", ".ckpt.dvc", "dvc.lock")) for path in tree)
    assert ("common/fit.py" in tree) == (layout.folder != "")
