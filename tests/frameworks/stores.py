"""Programs that leave runs in the stores of other tools, as people write them."""

from __future__ import annotations

SACRED = """\
import math

from sacred import Experiment
from sacred.observers import FileStorageObserver

ex = Experiment("digits", save_git_info=False)
ex.observers.append(FileStorageObserver("store"))


@ex.config
def config():
    lr = 0.1
    betas = (0.9, 0.999)
    optimizer = {"name": "adam", "eps": 1e-8}
    wide = True
    note = None
    fails = False


@ex.main
def main(_run, lr, fails):
    for step in range(4):
        _run.log_scalar("train.loss", lr / (step + 1), 10 * step)
    _run.log_scalar("odd", math.nan, 1)
    _run.log_scalar("odd", math.inf, 2)
    _run.info["best"] = {"step": 3}
    open("model.txt", "w").write("weights")
    ex.add_artifact("model.txt")
    if fails:
        raise ValueError
    return 0.5


ex.run(config_updates={"lr": 0.2}, options={"--comment": "wider"})
try:
    ex.run(config_updates={"fails": True})
except ValueError:
    pass
ex.run(options={"--queue": True})
"""

TENSORBOARD = """\
import math

from tensorboardX import SummaryWriter

for lr in (0.25, 0.5):
    writer = SummaryWriter(f"store/lr{lr}")
    for step in range(4):
        writer.add_scalar("loss/train", lr / (step + 1), step)
    writer.add_scalar("odd", math.nan, 0)
    writer.add_scalar("odd", math.inf, 1)
    writer.add_text("words", "hello", 0)
    writer.add_hparams({"lr": lr, "depth": 3, "name": "adam"}, {"hparam/acc": 1 - lr})
    writer.close()
"""

AIM = """\
import math
import os

from aim import Repo, Run, Text

Repo.from_path("store", init=True)
for name in ("one", "two", "killed"):
    run = Run(repo="store", experiment="digits", system_tracking_interval=None,
              capture_terminal_logs=False)
    run["hparams"] = {"lr": 0.1, "betas": [0.9, 0.999], "net": {"wide": True}, "note": None}
    run["seed"] = 7
    run.name = name
    run.description = "wider"
    run.add_tag("base")
    for step in range(4):
        run.track(1 / (step + 1), name="loss", step=10 * step, context={"subset": "train"})
        run.track(step, name="count", step=step)
    run.track(math.nan, name="odd", step=1)
    run.track(math.inf, name="odd", step=2)
    run.track(Text("hello"), name="words", step=0)
    if name == "killed":
        os._exit(1)
    run.close()
"""

GUILD_FILE = """\
- model: digits
  operations:
    train:
      flags-import: all
      output-scalars: '(\\key)=(\\value)'
      tags: [base, quick]
"""

GUILD = """\
import sys

lr = 0.1
depth = 3
wide = True
name = "adam"
fails = False

for step in range(4):
    print(f"step={step}")
    print(f"loss={1 / (step + 1)}")
open("model.txt", "w").write("weights")
if fails:
    sys.exit(3)
"""

NEPTUNE = """\
# The exporter's own manager, classes and writer; only what would ask the service, which is
# closed, answers from here, in the frames that `neptune-query` documents.
import math
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
from neptune_exporter.export_manager import ExportManager
from neptune_exporter.exporters.error_reporter import ErrorReporter
from neptune_exporter.exporters.neptune3 import Neptune3Exporter
from neptune_exporter.progress.listeners import NoopProgressListenerFactory
from neptune_exporter.storage.parquet_reader import ParquetReader
from neptune_exporter.storage.parquet_writer import ParquetWriter
from neptune_query import runs as service

NOW = datetime(2025, 1, 1, 12, tzinfo=timezone.utc)
SINGLE = {
    "one": {
        "params/lr:float": 0.1, "params/depth:int": 3, "params/wide:bool": True,
        "params/name:string": "adam", "params/when:datetime": NOW,
        "params/sets:string_set": ["b", "a"], "sys/name:string": "wide",
        "sys/creation_time:datetime": NOW, "sys/tags:string_set": ["quick", "base"],
        "sys/owner:string": "ada", "sys/description:string": "wider", "sys/failed:bool": False,
    },
    "two/of them": {
        "params/lr:float": 0.2, "sys/name:string": "narrow", "only/here:int": 7,
        "sys/creation_time:datetime": NOW, "sys/failed:bool": True,
    },
}
CURVES = {
    "one": {"loss": [(0.0, 1.0), (1.0, 0.5), (2.5, 0.25)],
            "odd": [(1.0, math.nan), (2.0, math.inf)]},
    "two/of them": {"loss": [(0.0, 3.0), (1.0, 2.0)]},
}
TEXTS = {"one": {"monitoring/stdout": [(0.0, "hello"), (1.0, "world")]}}
FILES = {"one": {"files/model": b"weights"}}


def table(*, runs, attributes, **_):
    rows = {run: SINGLE[run] for run in runs}
    if "string_series" in attributes.type:
        rows = {run: {f"{path}:string_series": "" for path in TEXTS.get(run, {})} for run in runs}
    if "file" in attributes.type:
        rows = {run: {f"{path}:file": path for path in FILES[run]} for run in runs if run in FILES}
    frame = pd.DataFrame.from_dict(rows, orient="index", dtype=object)
    frame.index.name = "run"
    return frame


def listed(*, runs, attributes, **_):
    wanted = set(attributes.type)
    source = CURVES if "float_series" in wanted else FILES if "file" in wanted else {}
    return sorted({path for run in runs for path in source.get(run, {})})


def series(source, runs, attributes):
    rows = {}
    for run in runs:
        for path, points in source.get(run, {}).items():
            for step, value in points if path in attributes else ():
                row = rows.setdefault((run, step), {})
                row[path, "absolute_time"] = NOW + timedelta(seconds=step)
                row[path, "value"] = value
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index = pd.MultiIndex.from_tuples(list(rows), names=["run", "step"])
    frame.columns = pd.MultiIndex.from_tuples(frame.columns)
    return frame


def download(*, files, destination):
    rows = []
    for run, row in files.iterrows():
        for column in files.columns:
            path = column.rpartition(":")[0]
            place = Path(destination, "runs", run, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(FILES[run][path])
            rows.append({"run": run, "step": None, path: str(place)})
    return pd.DataFrame(rows).set_index(["run", "step"])


service.list_runs = lambda **_: list(SINGLE)
service.fetch_runs_table = table
service.list_attributes = listed
service.fetch_metrics = lambda *, runs, attributes, **_: series(CURVES, runs, attributes)
service.fetch_series = lambda *, runs, attributes, **_: series(TEXTS, runs, attributes)
service.download_files = download
errors = ErrorReporter(Path("errors.jsonl"))
data = Path("store", "data")
ExportManager(
    Neptune3Exporter(error_reporter=errors), ParquetReader(data), ParquetWriter(data), errors,
    Path("store", "files"), NoopProgressListenerFactory(),
).run(["ada/digits"])
"""

GUILD_CALLS = """\
import subprocess

for more in (["--label", "wide one", "lr=0.2"], ["--label", "bad", "fails=yes"], ["--stage"]):
    subprocess.run(["guild", "run", "-y", "digits:train", *more])
"""
