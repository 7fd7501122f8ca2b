"""The same trainings by others: by Optuna and joblib alone, by Hydra's launcher, by DVC's queue."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from benchmarks.training import MODEL_BYTES, SCRIPT, SECONDS, project_for_dvc, training_command
from benchmarks.workshop import PeerMissing, ProgramFailed, Workshop, run

JOBS = 2
_PATIENCE = 300.0

_PLAIN = """\
import json, shutil, subprocess, sys, tempfile
from pathlib import Path
import optuna
from joblib import Parallel, delayed

rates, command = json.loads(sys.argv[1]), sys.argv[2:]
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(sampler=optuna.samplers.RandomSampler())
for rate in rates:  # its own GridSampler can be used within `optimize` alone
    study.enqueue_trial({"lr": rate})

def train(trial):
    with tempfile.TemporaryDirectory() as place:
        shutil.copy("train.py", place)
        params = f"seed: 1\\ntrain:\\n  lr: {trial.suggest_categorical('lr', rates)}\\n"
        Path(place, "params.yaml").write_text(params)
        subprocess.run(command, cwd=place, check=True)
        return json.loads(Path(place, "metrics.json").read_text())["loss"]

trials = [study.ask() for _ in rates]
losses = Parallel(n_jobs=2, backend="threading")(map(delayed(train), trials))
for trial, loss in zip(trials, losses):
    study.tell(trial, loss)
"""
"""As people write it: nothing is recorded, and each training has a folder of its own."""

_HYDRA = """\
import json, os, time
import hydra

@hydra.main(version_base=None, config_path="conf", config_name="config")
def train(cfg):
    time.sleep(cfg.seconds)
    os.chdir(hydra.core.hydra_config.HydraConfig.get().runtime.output_dir)
    with open("model.bin", "wb") as file:
        file.write(os.urandom(cfg.size))
    loss = int.from_bytes(os.urandom(4), "big") / 2**32
    with open("metrics.json", "w") as file:
        json.dump({"accuracy": 1 - loss, "loss": loss, "epochs": {"last": 3}}, file)

train()
"""
_HYDRA_CONFIG = f"""\
defaults: [_self_, {{override hydra/launcher: joblib}}]
seed: 1
seconds: {SECONDS}
size: {MODEL_BYTES}
train: {{lr: 0.1, epochs: 3}}
hydra: {{launcher: {{n_jobs: {JOBS}}}}}
"""


class Plain:
    """Optuna and joblib, with no record of anything."""

    def __init__(self, workshop: Workshop, name: str) -> None:
        self._place = workshop.repository(name, {"train.py": SCRIPT, "plain.py": _PLAIN})

    def run(self, rates: Sequence[float]) -> None:
        """Train with each rate."""
        run(sys.executable, "plain.py", json.dumps(rates), *training_command(), cwd=self._place)


class Hydra:
    """Hydra's joblib launcher, which trains in processes that stay; a folder is what it keeps."""

    def __init__(self, workshop: Workshop, name: str) -> None:
        self._python = workshop.peer("hydra")
        asked = (self._python, "-c", "import hydra_plugins.hydra_joblib_launcher")
        if subprocess.run(asked, capture_output=True, check=False).returncode != 0:
            raise PeerMissing("hydra-joblib-launcher is not installed")
        self._place = workshop.repository(name, {"train.py": _HYDRA})
        (self._place / "conf").mkdir()
        (self._place / "conf" / "config.yaml").write_text(_HYDRA_CONFIG)

    def run(self, rates: Sequence[float]) -> None:
        """Train with each rate."""
        words = f"train.lr={','.join(map(str, rates))}"
        run(self._python, "train.py", "--multirun", words, cwd=self._place)


class Queue:
    """DVC's queue."""

    def __init__(self, workshop: Workshop, name: str) -> None:
        self._dvc = workshop.peer("dvc")
        self._place = project_for_dvc(workshop, name, training_command())

    def run(self, rates: Sequence[float]) -> None:
        """Queue a training with each rate, and have the queue worked off."""
        before = self._ended()
        for rate in rates:
            self._run("exp", "run", "--queue", "-S", f"train.lr={rate}")
        self._run("queue", "start", "-j", str(JOBS))
        deadline = time.monotonic() + _PATIENCE
        while self._ended() < before + len(rates):  # `dvc queue status` takes a second by itself
            if time.monotonic() > deadline:
                raise ProgramFailed(f"`dvc queue` did not end in {_PATIENCE:.0f} s")
            time.sleep(0.05)

    def rest(self) -> None:
        """Wait for workers that have nothing left to do, or `queue start` would find them alive."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if "queue-worker" in process.cmdline() and self._is_here(process):
                    process.wait(_PATIENCE)

    def _is_here(self, process: psutil.Process) -> bool:
        return Path(process.cwd()).is_relative_to(self._place)

    def _run(self, *args: str) -> None:
        # It starts its workers as `dvc`: without one on the PATH, they silently never are there.
        run(self._dvc, *args, cwd=self._place, path=Path(self._dvc).parent)

    def _ended(self) -> int:
        """Return how many experiments there are, failed ones too; those in the queue are not."""
        said = run("git", "for-each-ref", "--format=%(refname)", "refs/exps", cwd=self._place)
        names = said.decode().split()
        if any(name.startswith("refs/exps/celery/failed") for name in names):
            raise ProgramFailed("an experiment of `dvc queue` has failed")
        return sum(len(name.split("/")) == _OF_AN_EXPERIMENT for name in names)


_OF_AN_EXPERIMENT = 5
"""Words in the name of its ref: refs/exps/XX/YYYY/NAME."""
