"""Writes runs with W&B offline, into `wandb` in this folder, and what was logged as JSON: SAID.

It runs in an environment with W&B; the store beside it was made so in `/tmp/store`.
"""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path
from typing import Any

os.environ["WANDB_MODE"], os.environ["WANDB_SILENT"] = "offline", "true"
os.environ["WANDB_DISABLE_GIT"] = os.environ["WANDB__DISABLE_STATS"] = "true"

import wandb  # type: ignore[import-not-found,unused-ignore]  # noqa: E402 - it looks at these

CONFIG = {"lr": 0.1, "optimizer": {"name": "adam", "betas": [0.9, 0.999]}, "on": True, "no": None}


def first() -> dict[str, Any]:
    run = wandb.init(
        project="digits",
        name="first run",
        notes="A note.\nSecond line",
        tags=["base", "two words"],
        group="folds",
        job_type="train",
        config={**CONFIG, "text": "ä"},
    )
    odd = [math.nan, math.inf, -math.inf, 3.0, 4.0]
    steps = [{"loss": 1 / (at + 1), "val": {"acc": at / 5}, "odd": odd[at]} for at in range(5)]
    for step in steps:
        run.log(step)
    run.log({"sparse": 3}, step=20)
    run.summary["best"] = 0.875
    run.config.update({"late": 7})
    weights = wandb.Artifact("weights", type="model")
    Path("w.bin").write_bytes(b"abc")
    weights.add_file("w.bin")
    run.log_artifact(weights)
    run.finish()
    return {"id": run.id, "config": {**CONFIG, "text": "ä", "late": 7}, "steps": steps}


def failed() -> dict[str, Any]:
    run = wandb.init(project="digits", name="failed one", reinit=True)
    run.log({"loss": 2.0})
    run.finish(exit_code=3)
    return {"id": run.id}


def resumed() -> dict[str, Any]:
    for value in (5.0, 4.0):
        run = wandb.init(project="digits", id="again1", resume="allow", reinit=True)
        run.log({"loss": value}, step=int(6 - value))
        run.finish()
    return {"id": "again1"}


if __name__ == "__main__":
    said = {
        "first": first(),
        "failed": failed(),
        "resumed": resumed(),
        "version": wandb.__version__,
    }
    Path(sys.argv[1]).write_text(json.dumps(said, indent=1))
