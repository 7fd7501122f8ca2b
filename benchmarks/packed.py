"""How much git keeps of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Samples
from benchmarks.results import Result
from benchmarks.training import project_for_gitexp, training_command
from benchmarks.workshop import Workshop, run

_RUNS = 200
_BUDGET = 1500.0
_MODEL_BYTES = 20_000
_LOG = ".gitexp/output.log"


def packed(workshop: Workshop) -> Iterator[Result]:
    """Runs that each have another learning rate, other metrics and another model."""
    place = project_for_gitexp(workshop, "packed")
    command = training_command(seconds=0, size=_MODEL_BYTES)
    for number in range(_RUNS):
        change, message = f"train.lr={(number + 1) / 1000}", f"does {number + 1} a thousand help?"
        run(workshop.gitexp, "run", "-S", change, "-m", message, "--", *command, cwd=place)
    run("git", "gc", "--quiet", "--prune=now", cwd=place)
    sizes = _sizes(place)
    counted = {kind: size for kind, size in sizes.items() if kind != _LOG}
    parts = ", ".join(f"{kind} {size / _RUNS:.0f}" for kind, size in sorted(counted.items()))
    yield Result(
        "packed",
        f"size in the pack, deltas as they are, of all objects that `experiments` reaches and "
        f"`main` does not, after {_RUNS} runs and `git gc`, divided by {_RUNS}",
        "",
        Samples((sum(counted.values()) / _RUNS,)),
        None,
        _BUDGET,
        notes=(
            f"counted, in bytes a run: {parts}",
            f"not counted: the blobs of `{_LOG}` ({sizes[_LOG] / _RUNS:.0f} bytes a run)",
            "nor signatures (nothing is signed here), the pack's index, reflogs and DVC's cache",
        ),
    )


def _sizes(place: Path) -> Counter[str]:
    """Return the bytes in the pack by kind: commits, trees, and files by their path."""
    # Not `--not main`: the two have no commit in common, and git then takes no tree of main out.
    of_main = set(_objects(place, "main"))
    listed = [line for line in _objects(place, "experiments") if line not in of_main]
    form = "--batch-check=%(objecttype) %(objectsize:disk) %(rest)"
    found = run("git", "cat-file", form, cwd=place, stdin="\n".join(listed).encode()).decode()
    sizes: Counter[str] = Counter()
    for line in found.splitlines():
        kind, size, path = line.split(" ", 2)
        sizes[path if kind == "blob" else f"{kind}s"] += int(size)
    return sizes


def _objects(place: Path, branch: str) -> list[str]:
    """Return what a branch reaches, as lines of an oid and a path."""
    return run("git", "rev-list", "--objects", branch, cwd=place).decode().splitlines()
