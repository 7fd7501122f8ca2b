"""A DVC project with curves, tables, pictures and plots of every kind, and three runs of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.workshop import DVC, Gitexp, make_repository

TRAIN = """\
import json
import math
from pathlib import Path

import gitexp

values = dict(line.split(": ") for line in Path("params.yaml").read_text().splitlines())
rate, seed = float(values["rate"]), int(values["seed"])


def write(path, text):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


losses = [math.exp(-step * rate) + seed / 100 for step in range(20)]
rows = "".join(f"{step}\\t{loss}\\n" for step, loss in enumerate(losses))
write("dvclive/plots/metrics/val/loss.tsv", f"step\\tloss\\n{rows}")
lines = "".join(f"{step},{loss},{loss + 1}\\n" for step, loss in enumerate(losses))
write("plots/lines.csv", f"epoch,loss,val\\n{lines}")
points = [{"x": step * rate, "y": step**2} for step in range(5)]
write("plots/points.json", json.dumps({"deep": {"points": points}}))
classes = [("cat", "cat"), ("cat", "dog"), ("dog", "dog")] * 2 + [("dog", "cat")] * seed
write("plots/classes.csv", "actual,predicted\\n" + "".join(f"{a},{b}\\n" for a, b in classes))
write("plots/bars.json", json.dumps([{"name": name, "n": rate} for name in "ab"]))
circle = f'<circle cx="20" cy="20" r="{rate * 20}"/><script>alert("svg")</script>'
image = f'<image href="http://127.0.0.1:9/x.png" width="9" height="9"/>{circle}'
space = 'xmlns="http://www.w3.org/2000/svg"'
write("plots/pic.svg", f'<svg {space} width="40" height="40">{image}</svg>')
gitexp.figure("a <b> shape", "plots/pic.svg")
write("metrics.json", json.dumps({"loss": losses[-1], "size": rate * 100}))
"""
BARS = """\
{
  "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
  "data": {"values": "<DVC_METRIC_DATA>"},
  "title": "<DVC_METRIC_TITLE>",
  "mark": "bar",
  "encoding": {
    "x": {"field": "<DVC_METRIC_X>", "type": "nominal"},
    "y": {"field": "<DVC_METRIC_Y>", "type": "quantitative"},
    "xOffset": {"field": "rev"},
    "color": {"field": "rev"}
  }
}
"""
PLOTS = """\
plots:
  - curves:
      x: epoch
      y: {plots/lines.csv: [loss, val]}
  - scatter:
      template: scatter
      x: x
      y: {plots/points.json: y}
  - plots/classes.csv:
      template: confusion
      x: actual
      y: predicted
  - bars:
      template: bars
      x: name
      y: {plots/bars.json: n}
  - plots/pic.svg
"""
SETTINGS = """\
command: python train.py
metrics: [metrics.json]
plots: [dvclive/plots, plots]
policy:
  loss: {goal: min}
  size: {goal: min}
"""


FILES: Mapping[str, str] = {
    **DVC,
    "train.py": TRAIN,
    "params.yaml": "rate: 0.1\nseed: 1\n",
    "gitexp.yaml": SETTINGS,
    "dvc.yaml": PLOTS,
    ".dvc/plots/bars.json": BARS,
}


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for the repository, which is made once for all: tests only read it."""
    return tmp_path_factory.mktemp("drawn") / "work"


@pytest.fixture
def drawn(kept: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs 'slow' and 'fast', and 'fast-again' with another seed; the current directory."""
    if kept.exists():
        monkeypatch.chdir(kept)
        return kept
    make_repository(kept, FILES)
    monkeypatch.chdir(kept)
    for name, rate, seed in (("slow", 0.1, 1), ("fast", 0.5, 1), ("fast-again", 0.5, 2)):
        said = gitexp("run", "-n", name, "-S", f"rate={rate}", "-S", f"seed={seed}")
        assert said.code == 0, said.err
    return kept
