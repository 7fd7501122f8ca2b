"""What a sweep costs beyond its trainings, and beyond a search that records nothing."""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measure import Samples, Subject, alternate
from benchmarks.results import Result
from benchmarks.training import (
    CONFIG,
    SCRIPT,
    project_for_dvc,
    project_for_gitexp,
    training_command,
)
from benchmarks.workshop import ProgramFailed, Workshop, run

_POINTS, _FEW, _MANY = 24, 4, 200
_JOBS = 2
_OVER_PLAIN = 1.3
_OVER_DVC = 1 / 12
_TINY = 0.025
"""Seconds a point of a command that takes 3 ms."""

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

_TINY_SCRIPT = "echo '{\"loss\": 0.5}' > metrics.json\n"


class _Rates:
    """Values that no round has tried before: what was tried would cost nothing."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def next(self, count: int) -> list[float]:
        return [next(self._numbers) / 100_000 for _ in range(count)]


def sweep(workshop: Workshop) -> Iterator[Result]:
    """A grid beside plain Optuna, then a few points beside DVC's queue, then very short ones."""
    rates = _Rates()
    yield _beside_plain(workshop, rates)
    yield _beside_dvc(workshop, rates)
    yield _tiny(workshop, rates)


def _swept(workshop: Workshop, place: Path, rates: Sequence[float], command: Sequence[str]) -> None:
    words = f"train.lr={','.join(map(str, rates))}"
    run(workshop.gitexp, "sweep", words, "-j", str(_JOBS), "--", *command, cwd=place)


def _beside_plain(workshop: Workshop, rates: _Rates) -> Result:
    command = training_command()
    ours = project_for_gitexp(workshop, "sweep-gitexp")
    theirs = workshop.repository("sweep-plain", {"train.py": SCRIPT, "plain.py": _PLAIN})

    def plain() -> None:
        texts = json.dumps(rates.next(_POINTS))
        run(sys.executable, "plain.py", texts, *command, cwd=theirs)

    mine, peer = alternate(
        workshop.rounds,
        Subject(lambda: _swept(workshop, ours, rates.next(_POINTS), command)),
        Subject(plain),
    )
    return Result(
        "sweep",
        f"`gitexp sweep` of {_POINTS} points, `-j {_JOBS}`, with a model of 1 MB each",
        "the same trainings by Optuna and joblib, which record nothing",
        mine,
        peer,
        _OVER_PLAIN,
    )


def _beside_dvc(workshop: Workshop, rates: _Rates) -> Result:
    dvc, command = workshop.peer("dvc"), training_command()
    ours = project_for_gitexp(workshop, "sweep-few-gitexp")
    theirs = project_for_dvc(workshop, "sweep-few-dvc", command)
    bare = workshop.repository("sweep-few-bare", {"train.py": SCRIPT})

    def alone() -> None:
        for _ in range(_FEW // _JOBS):  # what two at once would take at best
            run(*command, cwd=bare)

    def queued() -> None:
        for rate in rates.next(_FEW):
            run(dvc, "exp", "run", "--queue", "-S", f"train.lr={rate}", cwd=theirs)
        run(dvc, "queue", "start", "-j", str(_JOBS), cwd=theirs)
        _wait_for_queue(dvc, theirs)

    bare_times, mine, peer = alternate(
        workshop.rounds,
        Subject(alone),
        Subject(lambda: _swept(workshop, ours, rates.next(_FEW), command)),
        Subject(queued),
    )
    return Result(
        "sweep-dvc",
        f"`gitexp sweep` of {_FEW} points, `-j {_JOBS}`, over the trainings alone",
        f"`dvc exp run --queue`, {_FEW} times, and `dvc queue start -j {_JOBS}`",
        mine.over(bare_times),
        peer.over(bare_times),
        _OVER_DVC,
        notes=("the start of gitexp and of its agents included",),
    )


def _wait_for_queue(dvc: str, place: Path) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        told = run(dvc, "queue", "status", cwd=place)
        if b"Running" not in told and b"Queued" not in told:
            return
        time.sleep(0.5)
    raise ProgramFailed("`dvc queue` did not come to an end")


def _tiny(workshop: Workshop, rates: _Rates) -> Result:
    files = {"fit.sh": _TINY_SCRIPT, "params.yaml": "train: {lr: 0}\n", "gitexp.yaml": CONFIG}
    ours = workshop.repository("sweep-tiny", files)
    command = ("sh", "fit.sh")
    short, long = alternate(
        workshop.rounds,
        Subject(lambda: _swept(workshop, ours, rates.next(2), command)),
        Subject(lambda: _swept(workshop, ours, rates.next(_MANY), command)),
    )
    extra = long.over(short)
    each = Samples(tuple(value / (_MANY - 2) for value in extra.values))
    goal = Samples((_TINY,) * len(each.values))
    return Result(
        "sweep-tiny",
        f"a point of `sh fit.sh`, `-j {_JOBS}`, without the start of the sweep",
        f"the {_TINY * 1000:.0f} ms that it may take",
        each,
        goal,
        1.0,
        notes=(f"{_MANY} points less 2, by their difference",),
    )
