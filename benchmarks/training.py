"""The small project that is trained in, as a user of gitexp and one of DVC would have it."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.workshop import Workshop, commit_all, initialise_dvc, run

MODEL_BYTES = 1_000_000
SECONDS = 0.45
"""What the training sleeps; with the start of Python it takes about half a second."""

SCRIPT = """\
import json, os, sys, time

seconds, size = float(sys.argv[1]), int(sys.argv[2])
time.sleep(seconds)
with open("model.bin", "wb") as file:
    file.write(os.urandom(size))
loss = int.from_bytes(os.urandom(4), "big") / 2**32
with open("metrics.json", "w") as file:
    json.dump({"accuracy": 1 - loss, "loss": loss, "epochs": {"last": 3}}, file)
"""
PARAMS = "seed: 1\ntrain:\n  lr: 0.1 # as in the paper\n  epochs: 3\n"
CONFIG = """\
track: ["*.bin"]
policy:
  accuracy: {goal: max}
  loss: {goal: min}
"""
_STAGE = """\
stages:
  train:
    cmd: COMMAND
    deps: [train.py]
    params: [seed, train]
    outs: [model.bin]
    metrics:
      - metrics.json:
          cache: false
"""


def training_command(seconds: float = SECONDS, size: int = MODEL_BYTES) -> list[str]:
    """Return the command that trains; every time it makes another model."""
    return [sys.executable, "train.py", str(seconds), str(size)]


def project_for_gitexp(workshop: Workshop, name: str) -> Path:
    """Make a repository in which gitexp keeps the model behind a pointer; DVC is set up."""
    files = {"train.py": SCRIPT, "params.yaml": PARAMS, "gitexp.yaml": CONFIG}
    place = workshop.repository(name, files)
    initialise_dvc(place, workshop.peer("dvc"))
    return place


def project_for_dvc(workshop: Workshop, name: str, command: list[str]) -> Path:
    """Make a repository with the same training as a stage, run and committed once."""
    stage = _STAGE.replace("COMMAND", " ".join(command))
    files = {"train.py": SCRIPT, "params.yaml": PARAMS, "dvc.yaml": stage}
    place = workshop.repository(name, files)
    dvc = workshop.peer("dvc")
    initialise_dvc(place, dvc)
    run(dvc, "repro", "--quiet", cwd=place)
    commit_all(place)
    return place


def reset(place: Path) -> None:
    """Bring the work tree back to what is committed; DVC's own folder stays."""
    run("git", "checkout", "--quiet", "--", ".", cwd=place)
    run("git", "clean", "-fdxq", "-e", ".dvc", cwd=place)
