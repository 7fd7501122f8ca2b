"""What git keeps of the curves of a run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Samples
from benchmarks.results import Outcome, Result
from benchmarks.workshop import Workshop, run

_PACKED = {100: 2_500.0, 1_000: 22_000.0, 10_000: 200_000.0}
_RUNS = 100
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
