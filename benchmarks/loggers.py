"""A training of five values a step, and how each logger is told of them."""

from __future__ import annotations

from collections.abc import Mapping

_TRAINING = """
import json, math, sys, time
steps = int(sys.argv[1])
begun = time.perf_counter()
{start}
imported = time.perf_counter() - begun
values = [
    {{"loss": 1 / (step + 1), "acc": 1 - math.exp(-step / 99), "lr": 0.1 * 0.999 ** step,
      "norm": abs(math.sin(step)), "time": step * 0.5}} for step in range(steps)
]
taken = []
clock = time.perf_counter
for step in range(steps):
    before = clock()
    {log}
    taken.append(clock() - before)
before = clock()
{end}
ended = clock() - before
tenth = max(1, steps // 10)
ordered = sorted(taken)
json.dump({{
    "import": imported, "end": ended, "median": ordered[steps // 2], "mean": sum(taken) / steps,
    "first": sum(taken[:tenth]) / tenth, "last": sum(taken[-tenth:]) / tenth,
}}, open("figures.json", "w"))
"""
OURS = ("import gitexp; gitexp.log", "gitexp.log(values[step], step)", "")
PEERS: Mapping[str, tuple[str, str, str]] = {
    "dvclive": (
        "from dvclive import Live; live = Live(save_dvc_exp=False, report=None)",
        "[live.log_metric(key, one) for key, one in values[step].items()]; live.next_step()",
        "live.end()",
    ),
    "wandb": (
        "import wandb; run = wandb.init(mode='offline', settings=wandb.Settings(silent=True))",
        "run.log(values[step], step=step)",
        "run.finish()",
    ),
    "tensorboardX": (
        "from tensorboardX import SummaryWriter; writer = SummaryWriter('tb')",
        "[writer.add_scalar(key, one, step) for key, one in values[step].items()]",
        "writer.close()",
    ),
    "mlflow": (
        "import mlflow; mlflow.set_tracking_uri('sqlite:///mlflow.db'); mlflow.start_run()",
        "mlflow.log_metrics(values[step], step=step)",
        "mlflow.end_run()",
    ),
    "trackio": (
        "import trackio; trackio.init(project='p')",
        "trackio.log(values[step], step=step)",
        "trackio.finish()",
    ),
}
BUDGETS = {"dvclive": 1 / 500, "wandb": 1 / 50, "tensorboardX": 1 / 50, "mlflow": 1 / 500}
BUDGETS |= {"trackio": 1 / 4}
SETTINGS = {"WANDB_MODE": "offline", "MLFLOW_DISABLE_TELEMETRY": "true", "DVC_NO_ANALYTICS": "1"}


def program(how: tuple[str, str, str]) -> str:
    """Return the training with one logger; it writes its times to `figures.json`."""
    start, log, end = how
    return _TRAINING.format(start=start, log=log, end=end or "pass")
