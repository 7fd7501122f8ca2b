"""What a training pays for logging: five values a step, beside what others take for them."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from benchmarks.measure import Samples
from benchmarks.results import Outcome, Result, Unmeasured
from benchmarks.workshop import PeerMissing, ProgramFailed, Workshop, run

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
_OURS = ("import gitexp; gitexp.log", "gitexp.log(values[step], step)", "")
_PEERS: Mapping[str, tuple[str, str, str]] = {
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
_BUDGETS = {"dvclive": 1 / 500, "wandb": 1 / 50, "tensorboardX": 1 / 50, "mlflow": 1 / 500}
_BUDGETS |= {"trackio": 1 / 4}
_LENGTHS = (1_000, 10_000, 100_000)
_SLOW = 1_000
"""Steps of a peer: at 5 to 20 ms a step more would take hours."""
_SETTINGS = {"WANDB_MODE": "offline", "MLFLOW_DISABLE_TELEMETRY": "true", "DVC_NO_ANALYTICS": "1"}
_PACKED = {100: 2_500.0, 1_000: 22_000.0, 10_000: 200_000.0}
_RUNS = 100


class _Figures(Struct, rename={"imported": "import"}):
    imported: float
    end: float
    median: float
    mean: float
    first: float
    last: float


def logging_steps(workshop: Workshop) -> Iterator[Outcome]:
    """Log in a run, and with each peer in a repository of its own."""
    ours: dict[int, list[_Figures]] = {steps: [] for steps in _LENGTHS}
    ends: dict[int, list[float]] = {steps: [] for steps in _LENGTHS}
    peers: dict[str, list[_Figures]] = {name: [] for name in _PEERS}
    lacking: dict[str, str] = {}
    place = workshop.repository("logging", {"train.py": _program(_OURS), ".gitignore": "*.json\n"})
    for _ in range(workshop.rounds.count):
        for steps in _LENGTHS:
            figures, took = _ours(workshop, place, steps)
            ours[steps].append(figures)
            ends[steps].append(took)
        for name in _PEERS:
            try:
                peers[name].append(_peer(workshop, name))
            except (PeerMissing, ProgramFailed) as error:
                lacking[name] = str(error)
    calls = Samples(tuple(one.median for one in ours[_SLOW]))
    for name, found in peers.items():
        if not found:
            yield Unmeasured(f"logging-{name}", lacking[name], failed=False)
            continue
        yield Result(
            f"logging-{name}",
            f"`gitexp.log` of five values, median of {_SLOW:,} steps",
            f"{name}, the same values and steps",
            calls,
            Samples(tuple(one.median for one in found)),
            _BUDGETS[name],
            notes=(_told(found),),
        )
    for steps, some in ours.items():
        yield Result(
            f"logging-{steps}",
            f"the last tenth of {steps:,} steps, each",
            "the first tenth",
            Samples(tuple(one.last for one in some)),
            Samples(tuple(one.first for one in some)),
            1.5,
            notes=(_told_of_ours(some, ends[steps]),),
        )


def _told(found: Sequence[_Figures]) -> str:
    return (
        f"import and start: {_ms(one.imported for one in found)}, "
        f"end: {_ms(one.end for one in found)}; of its steps, the first tenth "
        f"{_ms(one.first for one in found)} each, the last {_ms(one.last for one in found)}"
    )


def _told_of_ours(found: Sequence[_Figures], ends: Sequence[float]) -> str:
    return (
        f"import: {_ms(one.imported for one in found)}; a call, median: "
        f"{_us(one.median for one in found)}; recorded, beyond a run that logs nothing: "
        f"{_ms(ends)}"
    )


def _program(how: tuple[str, str, str]) -> str:
    start, log, end = how
    return _TRAINING.format(start=start, log=log, end=end or "pass")


def _ours(workshop: Workshop, place: Path, steps: int) -> tuple[_Figures, float]:
    """Return the figures of a run, and how many seconds gitexp took after its command had ended."""
    run(workshop.gitexp, "run", "--", sys.executable, "train.py", str(steps), cwd=place)
    ended = (place / "figures.json").stat().st_mtime
    logged = time.time() - ended
    run(workshop.gitexp, "run", "--", sys.executable, "-c", _NOTHING, cwd=place)
    nothing = time.time() - (place / "nothing.json").stat().st_mtime
    return _read(place), logged - nothing


_NOTHING = "open('nothing.json', 'w').write('{}')"


def _peer(workshop: Workshop, name: str) -> _Figures:
    place = workshop.repository(f"logging-{name}-{os.urandom(3).hex()}", {"a": ""})
    (place / "train.py").write_text(_program(_PEERS[name]))
    os.environ.update({**_SETTINGS, "TRACKIO_DIR": str(place / "trackio")})
    run(workshop.peer("loggers"), "train.py", str(_SLOW), cwd=place)
    return _read(place)


def _read(place: Path) -> _Figures:
    found = json.loads((place / "figures.json").read_text())
    return _Figures(**{{"import": "imported"}.get(key, key): one for key, one in found.items()})


def _median(values: Iterable[float]) -> float:
    return Samples(tuple(values)).median


def _ms(values: Iterable[float]) -> str:
    return f"{_median(values) * 1000:.3g} ms"


def _us(values: Iterable[float]) -> str:
    return f"{_median(values) * 1e6:.3g} µs"


_NOISY = """
import random, sys
import gitexp
steps, source = int(sys.argv[1]), random.Random(sys.argv[2])
for step in range(steps):
    loss = 2 / (1 + step / 50) + source.gauss(0, 0.02)
    gitexp.log({"train/loss": round(loss, 4), "train/acc": round(1 / (1 + loss), 4),
        "train/lr": round(0.1 * 0.9995 ** step, 6), "train/norm": round(source.random(), 3),
        "train/seen": step * 64}, step=step)
"""


def packed_series(workshop: Workshop) -> Iterator[Outcome]:
    """Runs whose series are all noisy, and limited by nothing."""
    for steps, budget in _PACKED.items():
        files = {"train.py": _NOISY, "gitexp.yaml": "series: {max: 10MB}\n"}
        place = workshop.repository(f"packed-{steps}", files)
        for number in range(_RUNS):
            command = (sys.executable, "train.py", str(steps), str(number))
            run(workshop.gitexp, "run", "--", *command, cwd=place)
        run("git", "gc", "--quiet", "--prune=now", cwd=place)
        size = _packed_bytes(place)
        yield Result(
            f"logging-packed-{steps}",
            f"bytes in the pack of the curves of a run: five values at {steps:,} steps, "
            f"{_RUNS} runs",
            "",
            Samples((size / _RUNS,)),
            None,
            budget,
        )


def _packed_bytes(place: Path) -> int:
    """Return the bytes of all tables of curves in the pack."""
    listed = run("git", "rev-list", "--objects", "experiments", cwd=place)
    form = "--batch-check=%(objectsize:disk) %(rest)"
    found = run("git", "cat-file", form, cwd=place, stdin=listed).decode().splitlines()
    lines = (line.split(" ", 1) for line in found)
    return sum(int(size) for size, path in lines if path.startswith(".gitexp/series/"))
